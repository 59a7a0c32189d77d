"""Runs scripts inside a real Krita with a clean profile and the plugin as users install it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gramarye.plugin_install.krita import Profile, install
from support.homes import Home

HERE = Path(__file__).parent
PROBE = "gramarye_probe"
NEEDED = ("krita", "Xvfb", "xdotool")
SCRIPT_TIMEOUT = 240.0
"""Seconds for one script; Krita's first start builds its resource database."""

SCREENSHOTS = Path(os.environ.get("GRAMARYE_SCREENSHOTS", "build/screenshots")).resolve()


@dataclass
class Editor:
    """Runs the scripts of this folder, each in a new Krita process, all with the same profile."""

    root: Path
    home: Home
    environ: dict[str, str] = field(default_factory=dict)

    def run(self, script: str, **values: Any) -> Any:
        """Return the result of the script's ``run``; AssertionError with the script's traceback if it fails."""
        _forget_settings(self.root / "config" / "kritarc")
        result = self.root / "result.json"
        result.unlink(missing_ok=True)
        environ = {
            **self.environ,
            "GRAMARYE_PROBE": str(HERE / "scripts" / f"{script}.py"),
            "GRAMARYE_PROBE_RESULT": str(result),
            "GRAMARYE_PROBE_VALUES": json.dumps({"screenshots": str(SCREENSHOTS), "folder": str(self.root), **values}),
        }
        with open(self.root / "krita.log", "ab") as log:
            process = subprocess.Popen(["krita", "--nosplash"], env=environ, stdout=log, stderr=log, cwd=self.root)
        try:
            deadline = time.monotonic() + SCRIPT_TIMEOUT
            while not result.exists():
                assert process.poll() is None, f"Krita ended with {process.returncode}: {self.log()}"
                assert time.monotonic() < deadline, f"Krita did not finish {script}: {self.log()}"
                time.sleep(0.05)
        finally:
            process.kill()  # quitting would ask whether to save
            process.wait()
        outcome = json.loads(result.read_text(encoding="utf-8"))
        assert "error" not in outcome, outcome["error"]
        return outcome["result"]

    def log(self) -> str:
        """Return the end of Krita's log."""
        return (self.root / "krita.log").read_text(errors="replace")[-2000:]


def _forget_settings(file: Path) -> None:
    """Remove the plugin's settings left by the previous script."""
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r"^\[gramarye\]\n(?:[^\[\n].*\n|\n)*", "", text, flags=re.MULTILINE), encoding="utf-8")


@contextmanager
def screen(folder: Path) -> Iterator[str]:
    """Start an X server with a free display number and yield the display's name; its log goes into ``folder``."""
    read, write = os.pipe()
    with open(folder / "xvfb.log", "wb") as log:
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1400x900x24", "-nolisten", "tcp"]
        command.append("-noreset")  # otherwise the server resets when a Krita exits, and the next one cannot connect
        server = subprocess.Popen(command, pass_fds=(write,), stdout=log, stderr=log)
    os.close(write)
    with os.fdopen(read) as output:
        number = output.readline().strip()
    try:
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(10)


def install_editor(root: Path, home: Home, display: str) -> Editor:
    """Create a profile in ``root`` with the plugin and the probe; the daemon uses ``home``."""
    for name in ("home", "config", "data", "cache", "run"):
        (root / name).mkdir(mode=0o700)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    profile = Profile(root / "data" / "krita", root / "config" / "kritarc")
    profile.settings.write_text(f"[General]\nOpenGLRenderer=none\n\n[python]\nenable_{PROBE}=true\n")
    (root / "config" / "kritadisplayrc").write_text("[General]\ncanvasState=OPENGL_NOT_TRIED\nOpenGLRenderer=none\n")
    install(profile)
    shutil.copytree(HERE / "probe", profile.resources / "pykrita", dirs_exist_ok=True)
    environ = {
        **home.environ,
        "HOME": str(root / "home"),
        "XDG_CONFIG_HOME": str(root / "config"),
        "XDG_DATA_HOME": str(root / "data"),
        "XDG_CACHE_HOME": str(root / "cache"),
        "XDG_RUNTIME_DIR": str(root / "run"),
        "DISPLAY": display,
        "QT_QPA_PLATFORM": "xcb",
        "LIBGL_ALWAYS_SOFTWARE": "1",
        "LC_ALL": "C.UTF-8",
        # Krita's Python uses the libraries of the first python3 in PATH
        "PATH": os.pathsep.join([os.path.dirname(shutil.which("krita") or ""), os.environ["PATH"]]),
    }
    for name in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"):
        environ.pop(name, None)
    return Editor(root, home, environ)
