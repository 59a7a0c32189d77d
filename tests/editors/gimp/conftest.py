"""A real GIMP in a chroot, with the installed plugin, and a daemon outside the chroot."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from gramarye.plugin_install.gimp import Profile, install
from support.homes import Home, install_fast_default

SCRIPTS = Path(__file__).parent / "scripts"
CHROOT = "/usr/sbin/chroot"
SCRIPT_TIMEOUT = 120.0
"""Timeout of one script, in seconds."""


@dataclass
class Gimp:
    """Runs the scripts of this folder in GIMP, each in its own process, all with one profile.

    ``root`` is the chroot with GIMP, ``place`` a folder in it for one run of the tests, ``home`` the daemon's home,
    also in the chroot.
    """

    root: Path
    place: Path
    home: Home
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def profile(self) -> Path:
        """GIMP's profile folder."""
        return self.place / "profile"

    @property
    def plugin(self) -> Path:
        """The folder of the installed plugin."""
        return self.profile / "plug-ins" / "gramarye"

    def inside(self, path: Path) -> str:
        """Return a path as GIMP sees it."""
        return f"/{path.relative_to(self.root)}"

    def spawn(self, *command: str, environ: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start a command in the chroot; its output is appended to the log."""
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": self.inside(self.place),
            "LC_ALL": "C.UTF-8",
            "GIMP3_DIRECTORY": self.inside(self.profile),
            "GRAMARYE_RUNTIME_DIR": self.inside(self.home.root / "runtime"),
            **self.environ,
            **(environ or {}),
        }
        with open(self.place / "gimp.log", "ab") as log:
            return subprocess.Popen([CHROOT, str(self.root), *command], env=environment, stdout=log, stderr=log)

    def start(self, script: str, environ: dict[str, str] | None = None, **values: Any) -> RunningScript:
        """Start a script; ``values`` are the arguments of its ``run``."""
        result = self.place / "result.json"
        result.unlink(missing_ok=True)
        payload = json.dumps({"module": f"scripts.{script}", "result": self.inside(result), "values": values})
        code = (
            f"import sys; sys.path.insert(0, '{self.inside(self.place)}'); import scripts.inside; scripts.inside.main()"
        )
        command = ("gimp-console", "-i", "-d", "-f", "--batch-interpreter=python-fu-eval", "-b", code, "--quit")
        return RunningScript(self.spawn(*command, environ={"GRAMARYE_PROBE": payload, **(environ or {})}), result, self)

    def run(self, script: str, environ: dict[str, str] | None = None, **values: Any) -> Any:
        """Run a script and return the result of its ``run``."""
        return self.start(script, environ, **values).result()

    def log(self) -> str:
        """Return the end of GIMP's output."""
        return (self.place / "gimp.log").read_text(errors="replace")[-20000:]

    def plugin_process(self) -> int:
        """Wait for the plugin's process and return its id."""
        entry = f"{self.inside(self.plugin)}/gramarye.py".encode()
        deadline = time.monotonic() + SCRIPT_TIMEOUT
        while time.monotonic() < deadline:
            for line in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    arguments = line.read_bytes().split(b"\0")
                except OSError:  # the process has just ended
                    continue
                if entry in arguments and b"-run" in arguments:
                    return int(line.parent.name)
            time.sleep(0.02)
        raise AssertionError(f"the plugin was not started: {self.log()}")


@dataclass
class RunningScript:
    """A running script."""

    process: subprocess.Popen[bytes]
    file: Path
    gimp: Gimp

    def result(self) -> Any:
        """Wait for the script and return its result. Errors: AssertionError with the traceback if it fails."""
        try:
            self.process.wait(SCRIPT_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"GIMP did not finish: {self.gimp.log()}") from None
        assert self.file.exists(), f"GIMP ended with {self.process.returncode}: {self.gimp.log()}"
        payload = json.loads(self.file.read_text(encoding="utf-8"))
        assert "error" not in payload, f"{payload['error']}\n{self.gimp.log()}"
        return payload["result"]


@pytest.fixture(scope="session")
def bare_gimp() -> Iterator[Gimp]:
    """GIMP with the plugin, without a daemon; the plugin cannot start one."""
    root_path = os.environ.get("GRAMARYE_GIMP_ROOT")
    if not root_path or not Path(root_path, "usr/bin/gimp-console").exists():
        if os.environ.get("CI"):
            pytest.fail("CI must run these tests, but GRAMARYE_GIMP_ROOT names no root folder with GIMP")
        pytest.skip("needs a root folder with GIMP 3: .ci/gimp-root ROOT, and GRAMARYE_GIMP_ROOT=ROOT")
    root = Path(root_path).resolve()
    place = root / "srv" / f"gramarye-{os.getpid()}"
    home = Home(place / "home")
    home.root.mkdir(parents=True)
    install_fast_default(home)
    gimp = Gimp(root, place, home)
    shutil.copytree(SCRIPTS, place / "scripts", ignore=shutil.ignore_patterns("__pycache__"))
    install(Profile(gimp.profile))
    yield gimp
    home.close()
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="session")
def _daemon(bare_gimp: Gimp) -> None:
    bare_gimp.home.start_daemon()


@pytest.fixture
def gimp(bare_gimp: Gimp, _daemon: None) -> Gimp:
    """GIMP with the plugin, and a running daemon with a fast default network."""
    return bare_gimp
