"""Installs and removes GIMP's plugin: finds GIMP's user folders and a Python that can run the plugin."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from .files import PluginFile, has_contents, plugin_files, remove_files, write_files

NAME = "gimp"
PACKAGE = "gramarye"
"""The plugin's folder. GIMP runs the file of the same name in it."""

VERSION = "3.0"
"""Name of the folder for a GIMP that was never started."""

SANDBOX_NOTE = (
    "GIMP from Flatpak needs permission to reach the daemon: flatpak override --user --share=network"
    " --filesystem=xdg-run/gramarye org.gimp.GIMP; it cannot start the daemon: run gramarye serve before you paint."
)
SNAP_NOTE = "GIMP from Snap cannot start the daemon and may not reach it: run gramarye serve before you paint."

_ENTRY = f"{PACKAGE}.py"
_SHEBANG = b"#!/usr/bin/env python3\n"
_PYTHONS = ("/usr/bin/python3", "/usr/local/bin/python3", "/bin/python3")
"""Paths of the system's Python, for which the system's GIMP is built."""

_BINDINGS_PROBE = "import gi; gi.require_version('Gimp', '3.0'); from gi.repository import Gimp"


@dataclass(frozen=True)
class Profile:
    """A user's folder of one minor version of GIMP. ``is_sandboxed``: this GIMP includes its own Python."""

    folder: Path
    is_sandboxed: bool = False
    note: str = ""

    @property
    def plugins(self) -> Path:
        """The folder in which GIMP looks for plugins."""
        return self.folder / "plug-ins"


def profiles(environ: Mapping[str, str], platform: str = sys.platform) -> list[Profile]:
    """Return the existing profiles of GIMP 3; if there are none, the one that GIMP will create."""
    override = environ.get("GIMP3_DIRECTORY")
    if override:
        return [Profile(Path(override))]
    found = []
    for base in _base_profiles(environ, platform):
        versions = [path for path in base.folder.glob("3.*") if re.fullmatch(r"3\.\d+", path.name) and path.is_dir()]
        found += [replace(base, folder=path) for path in sorted(versions)]
    usual = next(iter(_base_profiles(environ, platform)))
    return found or [replace(usual, folder=usual.folder / VERSION)]


def files(python: str = sys.executable, interpreter: str | None = None) -> list[PluginFile]:
    """Return the plugin's files, relative to a folder of plugins.

    ``interpreter`` is the Python with which GIMP runs the plugin; None takes it from the PATH.
    """
    found = plugin_files(NAME, PACKAGE, python)
    return [_entry(file, interpreter) if file.path.name == _ENTRY else file for file in found]


def install(profile: Profile) -> None:
    """Install the plugin in a profile. Errors: ``plugin-unwritable``."""
    write_files(_profile_files(profile), profile.plugins, PACKAGE)


def uninstall(profile: Profile) -> None:
    """Remove from a profile what `install` wrote. Errors: ``plugin-unwritable``."""
    remove_files(_profile_files(profile), profile.plugins, PACKAGE)


def is_installed(profile: Profile) -> bool:
    """Whether any version of the plugin is installed in a profile."""
    return (profile.plugins / PACKAGE).is_dir()


def is_up_to_date(profile: Profile) -> bool:
    """Whether the installed plugin is this version, uses this installation of Gramarye, and is executable."""
    entry = profile.plugins / PACKAGE / _ENTRY
    return has_contents(_profile_files(profile), profile.plugins) and os.access(entry, os.X_OK)


@cache
def interpreter() -> str | None:
    """Return the system's Python if it has GIMP's bindings; None if not found."""
    return next((path for path in _PYTHONS if has_bindings(path)), None)


def has_bindings(python: str) -> bool:
    """Whether this Python can import GIMP's bindings."""
    if not os.access(python, os.X_OK):
        return False
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    asked = subprocess.run([python, "-c", _BINDINGS_PROBE], env=environ, capture_output=True, timeout=30, check=False)
    return asked.returncode == 0


def python_without_bindings(environ: Mapping[str, str]) -> str | None:
    """Return the first Python on the PATH if it lacks GIMP's bindings while the system's Python has them; else None.

    GIMP's Python plugins run with ``env python3``, so such a Python breaks them. Gramarye's plugin is installed with
    the path of the system's Python instead.
    """
    first = shutil.which("python3", path=environ.get("PATH"))
    if first is None or interpreter() is None or has_bindings(first):
        return None
    return first


def _profile_files(profile: Profile) -> list[PluginFile]:
    named = None if profile.is_sandboxed or sys.platform in ("win32", "darwin") else interpreter()
    return files(interpreter=named)


def _entry(file: PluginFile, interpreter: str | None) -> PluginFile:
    data = file.data
    if interpreter is not None:
        assert data.startswith(_SHEBANG)
        data = b"#!" + interpreter.encode() + b"\n" + data[len(_SHEBANG) :]
    return replace(file, data=data, is_executable=True)  # a wheel may lose the executable bit


def _base_profiles(environ: Mapping[str, str], platform: str) -> Iterator[Profile]:
    """Yield profiles whose folders contain one folder per minor version; the usual one comes first."""
    home = Path(environ.get("USERPROFILE" if platform == "win32" else "HOME") or Path.home())
    if platform == "win32":
        yield Profile(Path(environ.get("APPDATA") or home / "AppData" / "Roaming") / "GIMP")
        for store in sorted((home / "AppData" / "Local" / "Packages").glob("*GIMP*/LocalCache/Roaming/GIMP")):
            yield Profile(store)
    elif platform == "darwin":
        yield Profile(home / "Library" / "Application Support" / "GIMP")
    else:
        yield Profile(Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "GIMP")
        flatpak = home / ".var" / "app" / "org.gimp.GIMP"
        yield Profile(flatpak / "config" / "GIMP", True, SANDBOX_NOTE)
        yield Profile(home / "snap" / "gimp" / "current" / ".config" / "GIMP", True, SNAP_NOTE)
