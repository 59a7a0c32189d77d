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
CHROOT = "/usr/sbin/chroot"
NEEDED = ("krita", "Xvfb", "xdotool")
NEEDED_FOR_CHROOT = ("Xvfb",)
"""Programs outside; Krita and xdotool are in the chroot."""

SCRIPT_TIMEOUT = 240.0
"""Seconds for one script; Krita's first start builds its resource database."""

SCREENSHOTS = Path(os.environ.get("GRAMARYE_SCREENSHOTS", "build/screenshots")).resolve()


@dataclass
class Editor:
    """Runs the scripts of this folder, each in a new Krita process, all with the same profile.

    ``root`` is the folder of the profile, the scripts, and all files that they read or write; in ``chroot`` if given.
    """

    root: Path
    home: Home
    chroot: Path | None = None
    environ: dict[str, str] = field(default_factory=dict)

    def run(self, script: str, timeout: float = SCRIPT_TIMEOUT, **values: Any) -> Any:
        """Return the result of the script's ``run``; AssertionError with the script's traceback if it fails."""
        process, result = self._start(script, values)
        try:
            deadline = time.monotonic() + timeout
            while not result.exists():
                assert process.poll() is None, f"Krita ended with {process.returncode}: {self.log()}"
                assert time.monotonic() < deadline, f"Krita did not finish {script}: {self.log()}"
                time.sleep(0.05)
        finally:
            self._kill(process)  # quitting would ask whether to save
        outcome = json.loads(result.read_text(encoding="utf-8"))
        if "error" in outcome:
            shutil.copy(f"{result}.png", SCREENSHOTS / f"failed-{script}.png")
        assert "error" not in outcome, outcome["error"]
        return outcome["result"]

    def run_until_krita_quits(self, script: str, **values: Any) -> int:
        """Run a script that quits Krita; return Krita's exit status."""
        process, result = self._start(script, values)
        try:
            status = process.wait(SCRIPT_TIMEOUT)
        finally:
            self._kill(process)
        assert not result.exists(), result.read_text(encoding="utf-8")
        return status

    def _start(self, script: str, values: dict[str, Any]) -> tuple[subprocess.Popen[bytes], Path]:
        """Start Krita with a script; return the process, and the file that will have the outcome."""
        _forget_settings(self.root / "config" / "kritarc")
        result = self.root / "result.json"
        result.unlink(missing_ok=True)
        environ = {
            **self.environ,
            "GRAMARYE_PROBE": str(self.root / "scripts" / f"{script}.py"),
            "GRAMARYE_PROBE_RESULT": str(result),
            "GRAMARYE_PROBE_VALUES": json.dumps(
                {"screenshots": str(self.root / "screenshots"), "folder": str(self.root), **values}
            ),
        }
        command = [*(() if self.chroot is None else (CHROOT, str(self.chroot))), "krita", "--nosplash"]
        with open(self.root / "krita.log", "ab") as log:
            return subprocess.Popen(command, env=environ, stdout=log, stderr=log, cwd=self.root), result

    def _kill(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()
        shutil.copytree(self.root / "screenshots", SCREENSHOTS, dirs_exist_ok=True)

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


def install_editor(root: Path, home: Home, display: str, chroot: Path | None = None) -> Editor:
    """Create a profile in ``root`` with the plugin and the probe; the daemon uses ``home``. Both are in ``chroot``."""
    for name in ("home", "config", "data", "cache", "run", "screenshots"):
        (root / name).mkdir(mode=0o700)
    shutil.copytree(HERE / "scripts", root / "scripts")
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
        "PATH": os.pathsep.join([os.path.dirname(shutil.which("krita") or ""), os.environ["PATH"]])
        if chroot is None
        else "/usr/bin:/bin",
    }
    for name in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"):
        environ.pop(name, None)
    return Editor(root, home, chroot, environ)


def make_paths_valid_inside(chroot: Path) -> None:
    """Let paths of files in ``chroot`` also be valid inside, by a link to its root at its own path."""
    link = chroot / str(chroot).lstrip("/")
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to("/")
