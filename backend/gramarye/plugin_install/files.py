"""The files of an editor's plugin: its own, and under ``lib`` the packages shared by all plugins."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..errors import InputError

BACKEND_FILE = "backend.json"
"""File beside the plugin's code that records where Gramarye is installed (see `gramarye_plugin.backend`)."""

SHARED_PACKAGES = ("gramarye_plugin", "gramarye_protocol")
EXECUTABLE, READABLE = 0o755, 0o644


@dataclass(frozen=True)
class PluginFile:
    """A file of a plugin; ``path`` is relative to the editor's folder of plugins."""

    path: PurePosixPath
    data: bytes
    is_executable: bool = False

    @property
    def mode(self) -> int:
        """The file's permission bits."""
        return EXECUTABLE if self.is_executable else READABLE


def plugin_files(editor: str, package: str, python: str) -> list[PluginFile]:
    """Return the files of ``editor``'s plugin, whose code and ``lib`` are in the folder ``package``.

    ``python`` is the interpreter in which Gramarye is installed; it is recorded in `BACKEND_FILE`, unless it is empty.
    """
    own = _folder("gramarye_editors") / editor
    found = [
        PluginFile(PurePosixPath(path.relative_to(own).as_posix()), path.read_bytes(), os.access(path, os.X_OK))
        for path in _sources(own)
    ]
    for name in SHARED_PACKAGES:
        folder = _folder(name)
        for path in _sources(folder):
            place = PurePosixPath(package, "lib", name, path.relative_to(folder).as_posix())
            found.append(PluginFile(place, path.read_bytes()))
    if python:
        record = json.dumps({"python": python}).encode()
        found.append(PluginFile(PurePosixPath(package, BACKEND_FILE), record))
    return found


def write_files(files: Sequence[PluginFile], folder: Path, package: str) -> None:
    """Write a plugin's files into ``folder``; its subfolder ``package`` is replaced as a whole.

    Errors: ``plugin-unwritable``.
    """
    package_folder = folder / package
    staging_folder = package_folder.with_name(f".{package_folder.name}-new")
    try:
        shutil.rmtree(staging_folder, ignore_errors=True)
        for file in files:
            path = folder / file.path
            if path.is_relative_to(package_folder):
                path = staging_folder / path.relative_to(package_folder)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.data)
            path.chmod(file.mode)
        shutil.rmtree(package_folder, ignore_errors=True)
        os.replace(staging_folder, package_folder)
    except OSError as error:
        shutil.rmtree(staging_folder, ignore_errors=True)
        raise InputError(
            "plugin-unwritable",
            f"The plugin cannot be written to {folder}: {error.strerror}.",
            "Close the editor, and check the permissions of that folder.",
        ) from None


def remove_files(files: Sequence[PluginFile], folder: Path, package: str) -> None:
    """Remove a plugin's files from ``folder``, and its subfolder ``package`` with everything in it.

    Errors: ``plugin-unwritable``.
    """
    try:
        if (folder / package).is_dir():
            shutil.rmtree(folder / package)
        for file in files:
            (folder / file.path).unlink(missing_ok=True)
    except OSError as error:
        raise InputError(
            "plugin-unwritable",
            f"The plugin cannot be removed from {folder}: {error.strerror}.",
            "Close the editor, and check the permissions of that folder.",
        ) from None


def write_zip(files: Sequence[PluginFile], path: Path) -> None:
    """Write a zip archive. It also has an entry for each folder, which Krita's importer needs.

    Errors: ``plugin-unwritable``.
    """
    folders = sorted({f"{parent}/" for file in files for parent in file.path.parents if str(parent) != "."})
    try:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for folder in folders:
                archive.writestr(zip_entry(folder, 0o40755), b"")
            for file in files:
                archive.writestr(zip_entry(str(file.path), 0o100000 | file.mode), file.data)
    except OSError as error:
        raise InputError(
            "plugin-unwritable", f"{path} cannot be written: {error.strerror}.", "Name another file with --output."
        ) from None


def has_contents(files: Sequence[PluginFile], folder: Path) -> bool:
    """Whether ``folder`` holds all these files with the same contents."""
    try:
        return all((folder / file.path).read_bytes() == file.data for file in files)
    except OSError:
        return False


def zip_entry(name: str, mode: int) -> zipfile.ZipInfo:
    """Return an entry with a fixed date, so that archives are reproducible."""
    entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
    entry.external_attr = mode << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    assert spec is not None, f"{package} comes with Gramarye"
    assert spec.submodule_search_locations is not None
    return Path(next(iter(spec.submodule_search_locations)))


def _sources(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and path.name != "py.typed":
            yield path
