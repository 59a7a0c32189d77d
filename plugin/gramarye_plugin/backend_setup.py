"""Sets up Gramarye from an editor: finds a Python, makes a virtual environment, and installs the plugin's own wheel.

The archive of a plugin contains a wheel of Gramarye and the versions of the packages that it was tested with. This
module says which commands to run, and understands what pip writes; the editor's plugin runs them.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Callable, List, Mapping, Optional, Sequence, Tuple

SETUP_FOLDER, CONSTRAINTS = "setup", "constraints.txt"
"""The folder of the plugin that holds the wheel and the constraints; `gramarye plugin build` writes it."""

PYTHONS = tuple((3, minor) for minor in range(14, 9, -1))
"""The Pythons that Gramarye runs in, the newest first."""

CHECK = "import sys, venv, ensurepip; print('python', *sys.version_info[:2])"
"""Program that shows whether a Python can make virtual environments, and its version."""

CPU_INDEX = "https://download.pytorch.org/whl/cpu"
"""Index of PyTorch's builds without CUDA; PyPI's builds for Linux come with gigabytes of it."""

NVIDIA_DRIVER = "/proc/driver/nvidia/version"
DISK_BYTES = {False: 2 * 10**9, True: 8 * 10**9}
DOWNLOAD_BYTES = {False: 350 * 10**6, True: 3 * 10**9}
"""About the space needed and the size of the download, in bytes, without and with CUDA."""

RATE_AFTER = 3.0
"""Seconds of downloading after which the remaining time is told."""


@dataclass(frozen=True)
class SetupStep:
    """A command, and the sentence to show while it runs."""

    sentence: str
    command: Tuple[str, ...]


def find_wheel(plugin_folder: str) -> str:
    """Return the path of the plugin's wheel; empty if it has none, as when Gramarye itself installed the plugin."""
    folder = os.path.join(plugin_folder, SETUP_FOLDER)
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    return next((os.path.join(folder, name) for name in names if name.endswith(".whl")), "")


def environment_folder(environ: Mapping[str, str], platform: str) -> str:
    """Return the folder of the virtual environment, in the user's data folder."""
    home = os.path.expanduser("~")
    if platform == "win32":
        base = environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
    elif platform == "darwin":
        base = os.path.join(home, "Library", "Application Support")
    else:
        base = environ.get("XDG_DATA_HOME") or os.path.join(home, ".local", "share")
    return os.path.join(base, "gramarye", "environment")


def environment_python(folder: str, platform: str) -> str:
    """Return the path of the Python of a virtual environment."""
    return os.path.join(folder, *(("Scripts", "python.exe") if platform == "win32" else ("bin", "python")))


def python_candidates(environ: Mapping[str, str], platform: str) -> List[Tuple[str, ...]]:
    """Return the commands that may start a suitable Python, the best first: PATH, the launcher, and usual places."""
    versions = [f"{major}.{minor}" for major, minor in PYTHONS]
    found: List[Tuple[str, ...]] = []
    if platform == "win32":
        found += [("py", f"-{version}") for version in versions]
        programs = os.path.join(environ.get("LOCALAPPDATA", ""), "Programs", "Python")
        found += [(os.path.join(programs, f"Python{version.replace('.', '')}", "python.exe"),) for version in versions]
        return [*found, ("python",)]
    places = [place for place in environ.get("PATH", "").split(os.pathsep) if place]
    places += ["/usr/local/bin", "/opt/homebrew/bin", "/usr/bin"]
    if platform == "darwin":
        places += [f"/Library/Frameworks/Python.framework/Versions/{version}/bin" for version in versions]
    names = [f"python{version}" for version in versions] + ["python3"]
    paths = [os.path.join(place, name) for name in names for place in dict.fromkeys(places)]
    return [(path,) for path in paths if os.access(path, os.X_OK)]


def parse_check(output: str) -> Optional[Tuple[int, int]]:
    """Return the version that `CHECK` has written; None if that Python is not suitable."""
    found = re.search(r"^python (\d+) (\d+)$", output, re.MULTILINE)
    version = (int(found.group(1)), int(found.group(2))) if found else (0, 0)
    return version if version in PYTHONS else None


def has_cuda(platform: str, exists: Callable[[str], bool] = os.path.exists) -> bool:
    """Return whether PyTorch is installed with CUDA: on Linux with a driver of NVIDIA."""
    return platform == "linux" and exists(NVIDIA_DRIVER)


def setup_steps(
    python: Sequence[str], folder: str, wheel: str, environ: Mapping[str, str], platform: str
) -> Tuple[SetupStep, ...]:
    """Return the commands that install ``wheel`` into a new virtual environment in ``folder``.

    If the user has told pip by its environment variables where packages are, PyTorch comes from there.
    """
    inside = environment_python(folder, platform)
    pip = (inside, "-m", "pip", "--disable-pip-version-check", "install")
    is_configured = any(name in environ for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"))
    wants_cpu = platform == "linux" and not has_cuda(platform) and not is_configured
    index = ("--extra-index-url", CPU_INDEX) if wants_cpu else ()
    constraints = os.path.join(os.path.dirname(wheel), CONSTRAINTS)
    return (
        SetupStep("Making a Python environment.", (*python, "-m", "venv", "--clear", folder)),
        SetupStep("Updating pip.", (*pip, "--upgrade", "pip")),
        SetupStep(
            "Looking for the packages.", (*pip, "--progress-bar", "raw", "--constraint", constraints, *index, wheel)
        ),
    )


def size_text(count: int) -> str:
    """Format bytes as "350 MB" or "2.5 GB"."""
    return f"{count / 10**9:.3g} GB" if count >= 10**9 else f"{round(count / 10**6)} MB"


def remaining_seconds(received: int, expected: int, elapsed: float) -> float:
    """Return the seconds that the rest of a download takes; below 0 if that is not known yet."""
    if elapsed < RATE_AFTER or not received:
        return -1.0
    return elapsed * max(0, expected - received) / received


class PipProgress:
    """What pip is doing, from the lines that it writes with ``--progress-bar raw``.

    ``sentence`` says it; ``done`` and ``total`` are the bytes of the running download, 0 without one; ``received`` are
    all bytes downloaded so far. ``error`` is pip's last error.
    """

    def __init__(self) -> None:
        self.sentence = ""
        self.done = self.total = self.received = 0
        self.error = ""

    def feed(self, line: str) -> None:
        """Read a line of pip's output."""
        line = line.strip()
        progress = re.match(r"Progress (\d+) of (\d+)$", line)
        if progress:
            done, total = int(progress.group(1)), int(progress.group(2))
            self.received += max(0, done - (self.done if self.total == total else 0))
            self.done, self.total = done, total
        elif line.startswith("Downloading "):
            self.done = self.total = 0
            name = line.split()[1].rsplit("/", 1)[-1].split("-")[0]
            self.sentence = f"Downloading {name}."
        elif line.startswith("Installing collected packages"):
            self.done = self.total = 0
            self.sentence = "Installing the packages."
        elif line.startswith("ERROR: "):
            self.error = line[len("ERROR: ") :]
