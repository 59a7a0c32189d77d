"""Installs and removes Krita's plugin: finds Krita's profiles and enables the plugin in them."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gramarye_plugin.backend_setup import CONSTRAINTS, SETUP_FOLDER

from .files import PluginFile, has_contents, plugin_files, remove_files, write_files

NAME = "krita"
PACKAGE = "gramarye_krita"
ACTIONS = f"{PACKAGE}.action"

FLATPAK_NOTE = (
    "Krita from Flatpak needs permission to reach the daemon: flatpak override --user --share=network"
    " --filesystem=xdg-run/gramarye org.kde.krita; it cannot start the daemon: run gramarye serve before you paint."
)


@dataclass(frozen=True)
class Profile:
    """A user's Krita profile: its resource folder and its settings file."""

    resources: Path
    settings: Path
    note: str = ""


def profiles(environ: Mapping[str, str], platform: str = sys.platform) -> list[Profile]:
    """Return the existing profiles; if there are none, the one that Krita will create."""
    candidates = list(_candidate_profiles(environ, platform))
    return [
        profile for profile in candidates if profile.resources.is_dir() or profile.settings.is_file()
    ] or candidates[:1]


def files(python: str = sys.executable) -> list[PluginFile]:
    """Return the plugin's files as Krita's importer expects them in an archive."""
    return plugin_files(NAME, PACKAGE, python)


def archive_files(wheel: tuple[str, bytes], constraints: str) -> list[PluginFile]:
    """Return the files of an archive for any machine: the plugin sets up the ``wheel`` where it is imported."""
    name, data = wheel
    folder = PurePosixPath(PACKAGE, SETUP_FOLDER)
    return [*files(""), PluginFile(folder / name, data), PluginFile(folder / CONSTRAINTS, constraints.encode())]


def install(profile: Profile) -> None:
    """Install the plugin in a profile and enable it. Errors: ``plugin-unwritable``."""
    write_files(_profile_files(), profile.resources, f"pykrita/{PACKAGE}")
    _write_settings(profile.settings, is_enabled=True)


def uninstall(profile: Profile) -> None:
    """Remove from a profile what `install` wrote; the plugin's own settings stay. Errors: ``plugin-unwritable``."""
    remove_files(_profile_files(), profile.resources, f"pykrita/{PACKAGE}")
    if profile.settings.is_file():
        _write_settings(profile.settings, is_enabled=False)


def is_installed(profile: Profile) -> bool:
    """Whether any version of the plugin is installed in a profile."""
    return (profile.resources / "pykrita" / PACKAGE).is_dir()


def is_up_to_date(profile: Profile) -> bool:
    """Whether the installed plugin is this version and uses this installation of Gramarye."""
    return has_contents(_profile_files(), profile.resources)


def _profile_files() -> list[PluginFile]:
    """Return the files relative to a profile's resource folder; actions are in a separate folder."""
    return [
        PluginFile(PurePosixPath("actions" if file.path.name == ACTIONS else "pykrita") / file.path, file.data)
        for file in files()
    ]


def _write_settings(settings: Path, is_enabled: bool) -> None:
    """Enable the plugin in kritarc, like Krita's Python Plugin Manager, or remove it from there."""
    line = f"enable_{PACKAGE}=true"
    text = settings.read_text(encoding="utf-8") if settings.is_file() else ""
    text = re.sub(rf"^enable_{PACKAGE}=.*\n?", "", text, flags=re.MULTILINE)
    if is_enabled and re.search(r"^\[python\]$", text, re.MULTILINE):
        text = re.sub(r"^\[python\]$", f"[python]\n{line}", text, count=1, flags=re.MULTILINE)
    elif is_enabled:
        text = f"{text.rstrip()}\n\n[python]\n{line}\n".lstrip()
    else:
        text = re.sub(r"^\[python\]\n+(?=\[|\Z)", "", text, flags=re.MULTILINE)  # without entries
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(text, encoding="utf-8")


def _candidate_profiles(environ: Mapping[str, str], platform: str) -> Iterator[Profile]:
    """Yield the profiles that Krita may use, the usual one first."""
    home = Path(environ.get("USERPROFILE" if platform == "win32" else "HOME") or Path.home())
    if platform == "win32":
        local = Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
        roaming = Path(environ.get("APPDATA") or home / "AppData" / "Roaming")
        yield _profile(roaming / "krita", local / "kritarc")
        for store in sorted(local.glob("Packages/*Krita*/LocalCache")):  # Microsoft Store
            yield _profile(store / "Roaming" / "krita", store / "Local" / "kritarc")
    elif platform == "darwin":
        for library in (home / "Library", home / "Library/Containers/org.kde.krita/Data/Library"):
            yield _profile(library / "Application Support" / "krita", library / "Preferences" / "kritarc")
    else:  # AppImages use the first one too
        data = Path(environ.get("XDG_DATA_HOME") or home / ".local" / "share")
        config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
        yield _profile(data / "krita", config / "kritarc")
        flatpak = home / ".var" / "app" / "org.kde.krita"
        yield _profile(flatpak / "data" / "krita", flatpak / "config" / "kritarc", FLATPAK_NOTE)
        snap = home / "snap" / "krita" / "current"
        yield _profile(snap / ".local" / "share" / "krita", snap / ".config" / "kritarc")


def _profile(resources: Path, settings: Path, note: str = "") -> Profile:
    """Return a profile with ``resources``, or the folder set under Settings > Manage Resources, if any."""
    if settings.is_file():
        head = settings.read_text(encoding="utf-8", errors="replace").split("\n[", 1)[0]
        moved = re.search(r"^ResourceDirectory=(.+)$", head, re.MULTILINE)
        if moved:
            resources = Path(os.path.expanduser(moved.group(1).strip()))
    return Profile(resources, settings, note)
