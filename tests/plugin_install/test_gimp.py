"""GIMP's plugin: the folders of every minor version, the archive, and the Python that runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from gramarye.plugin_install import gimp
from gramarye.plugin_install.files import write_zip
from support.homes import Home

PLACES = [
    ("linux", ".config/GIMP/3.0"),
    ("linux", ".config/GIMP/3.2"),
    ("linux", ".var/app/org.gimp.GIMP/config/GIMP/3.0"),
    ("linux", "snap/gimp/current/.config/GIMP/3.0"),
    ("darwin", "Library/Application Support/GIMP/3.0"),
    ("win32", "AppData/Roaming/GIMP/3.2"),
    ("win32", "AppData/Local/Packages/GIMP.x/LocalCache/Roaming/GIMP/3.0"),
]


@pytest.mark.parametrize(("platform", "place"), PLACES)
def test_folders_of_every_layout_are_found(tmp_path: Path, platform: str, place: str) -> None:
    (tmp_path / place).mkdir(parents=True)
    found = gimp.profiles({"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}, platform)
    assert [profile.folder for profile in found] == [tmp_path / place]
    assert found[0].is_sandboxed is ("snap" in place or ".var" in place)
    assert bool(found[0].note) is found[0].is_sandboxed


def test_every_minor_version_is_found_and_no_older_gimp(tmp_path: Path) -> None:
    for name in ("2.10", "3.0", "3.2", "3.10", "3.0-old"):
        (tmp_path / ".config" / "GIMP" / name).mkdir(parents=True)
    found = gimp.profiles({"HOME": str(tmp_path)}, "linux")
    assert {profile.folder.name for profile in found} == {"3.0", "3.2", "3.10"}


def test_a_gimp_that_was_never_started_gets_the_ordinary_folder(tmp_path: Path) -> None:
    (found,) = gimp.profiles({"HOME": str(tmp_path)}, "linux")
    assert found.folder == tmp_path / ".config" / "GIMP" / "3.0"


def test_gimps_own_variable_is_obeyed(tmp_path: Path) -> None:
    (found,) = gimp.profiles({"HOME": str(tmp_path), "GIMP3_DIRECTORY": "/elsewhere"}, "linux")
    assert found.folder == Path("/elsewhere")


def test_the_installed_plugin_is_complete_executable_and_knows_its_backend(tmp_path: Path) -> None:
    there = gimp.Profile(tmp_path)
    assert not gimp.is_installed(there)
    gimp.install(there)
    gimp.install(there)  # installing twice is allowed
    plugin = tmp_path / "plug-ins" / "gramarye"
    assert os.access(plugin / "gramarye.py", os.X_OK)
    assert json.loads((plugin / "backend.json").read_text()) == {"python": sys.executable}
    code = (
        "import gramarye_gimp.daemon.connection, gramarye_plugin.paint_job, gramarye_protocol.zmtp\n"
        "print(gramarye_plugin.__file__)"
    )
    path = os.pathsep.join([str(plugin), str(plugin / "lib")])
    command = [sys.executable, "-S", "-c", code]
    asked = subprocess.run(command, env={"PYTHONPATH": path}, capture_output=True, text=True, check=True, cwd="/")
    assert asked.stdout.startswith(str(plugin / "lib"))
    assert gimp.is_up_to_date(there)


@pytest.mark.parametrize("how", ["changed", "not executable", "gone"])
def test_a_stale_plugin_is_noticed(tmp_path: Path, how: str) -> None:
    there = gimp.Profile(tmp_path)
    gimp.install(there)
    entry = there.plugins / "gramarye" / "gramarye.py"
    if how == "changed":
        entry.write_text("#!/usr/bin/env python3\n")
    elif how == "gone":
        entry.unlink()
    else:
        entry.chmod(0o644)
    assert not gimp.is_up_to_date(there)


def test_the_archive_unpacks_into_a_folder_of_plugins(tmp_path: Path) -> None:
    write_zip(gimp.files(), tmp_path / "gimp.zip")
    with zipfile.ZipFile(tmp_path / "gimp.zip") as archive:
        entry = archive.getinfo("gramarye/gramarye.py")
        assert (entry.external_attr >> 16) & 0o111
        assert archive.read(entry).startswith(b"#!/usr/bin/env python3\n")
        assert "gramarye/lib/gramarye_protocol/frames.py" in archive.namelist()


def python(path: Path, status: int) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\nexit {status}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def systems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fake system Python with GIMP's bindings."""
    made = python(tmp_path / "system" / "python3", 0)
    monkeypatch.setattr(gimp, "_PYTHONS", (str(tmp_path / "none"), str(made)))
    gimp.interpreter.cache_clear()
    return made


@pytest.fixture(autouse=True)
def _forget() -> None:
    gimp.interpreter.cache_clear()


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="GIMP brings its own Python there")
def test_the_plugin_names_the_python_that_has_gimps_bindings(tmp_path: Path, systems: Path) -> None:
    gimp.install(gimp.Profile(tmp_path))
    text = (tmp_path / "plug-ins" / "gramarye" / "gramarye.py").read_text()
    assert text.startswith(f"#!{systems}\n")
    gimp.install(gimp.Profile(tmp_path, is_sandboxed=True))
    text = (tmp_path / "plug-ins" / "gramarye" / "gramarye.py").read_text()
    assert text.startswith("#!/usr/bin/env python3\n")


def test_a_python_without_gimps_bindings_first_on_the_path_is_noticed(tmp_path: Path, systems: Path) -> None:
    pyenv = python(tmp_path / "pyenv" / "python3", 1)
    assert gimp.python_without_bindings({"PATH": f"{pyenv.parent}:{systems.parent}"}) == str(pyenv)
    assert gimp.python_without_bindings({"PATH": f"{systems.parent}:{pyenv.parent}"}) is None


def test_the_commands_install_build_and_look(home: Home, tmp_path: Path) -> None:
    environ = {**home.environ, "GIMP3_DIRECTORY": str(tmp_path / "profile")}

    def gramarye(*arguments: str) -> str:
        command = [sys.executable, "-m", "gramarye", *arguments]
        return subprocess.run(command, env=environ, capture_output=True, text=True, check=True, cwd=tmp_path).stdout

    assert "plugin install gimp" in gramarye("doctor")
    assert "Restart GIMP" in gramarye("plugin", "install", "gimp")
    assert f"the plugin is in {tmp_path / 'profile' / 'plug-ins'}" in gramarye("doctor")
    assert "unpack it" in gramarye("plugin", "build", "gimp")
    assert zipfile.is_zipfile(tmp_path / "gramarye-gimp.zip")
    assert f"Removed from {tmp_path / 'profile' / 'plug-ins'}" in gramarye("plugin", "uninstall", "gimp")
    assert not (tmp_path / "profile" / "plug-ins" / "gramarye").exists()
    assert "not installed" in gramarye("plugin", "uninstall", "gimp")
