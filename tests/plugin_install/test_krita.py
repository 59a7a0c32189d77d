"""Krita's plugin: every kind of profile, and the archive."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from gramarye.errors import InputError
from gramarye.plugin_install import krita
from gramarye.plugin_install.files import write_zip
from support.homes import Home


def profile(folder: Path) -> krita.Profile:
    return krita.Profile(folder / "krita", folder / "kritarc")


@pytest.mark.parametrize(
    ("platform", "place"),
    [
        ("linux", ".local/share/krita"),
        ("linux", ".var/app/org.kde.krita/data/krita"),
        ("linux", "snap/krita/current/.local/share/krita"),
        ("darwin", "Library/Application Support/krita"),
        ("darwin", "Library/Containers/org.kde.krita/Data/Library/Application Support/krita"),
        ("win32", "AppData/Roaming/krita"),
        ("win32", "AppData/Local/Packages/49800Krita_RC_x/LocalCache/Roaming/krita"),
    ],
)
def test_profiles_of_every_layout_are_found(tmp_path: Path, platform: str, place: str) -> None:
    (tmp_path / place).mkdir(parents=True)
    found = krita.profiles({"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}, platform)
    assert [profile.resources for profile in found] == [tmp_path / place]


def test_a_krita_that_was_never_started_gets_the_ordinary_profile(tmp_path: Path) -> None:
    (found,) = krita.profiles({"HOME": str(tmp_path)}, "linux")
    assert found.resources == tmp_path / ".local" / "share" / "krita"


def test_a_moved_resource_folder_is_obeyed(tmp_path: Path) -> None:
    settings = tmp_path / ".config" / "kritarc"
    settings.parent.mkdir()
    settings.write_text(f"ResourceDirectory={tmp_path / 'elsewhere'}\n\n[General]\nResourceDirectory=/no\n")
    (found,) = krita.profiles({"HOME": str(tmp_path)}, "linux")
    assert found.resources == tmp_path / "elsewhere"


@pytest.mark.parametrize(
    "before",
    [None, "", "[General]\na=b\n", "[python]\nenable_x=true\n\n[z]\nq=1\n", "[python]\nenable_gramarye_krita=false\n"],
)
def test_installing_enables_and_leaves_other_settings_alone(tmp_path: Path, before: str | None) -> None:
    there = profile(tmp_path)
    if before is not None:
        there.settings.write_text(before)
    krita.install(there)
    krita.install(there)  # installing twice is allowed
    lines = there.settings.read_text().splitlines()
    assert lines.count("enable_gramarye_krita=true") == 1
    section = [line for line in lines[: lines.index("enable_gramarye_krita=true")] if line.startswith("[")]
    assert section[-1] == "[python]"
    for line in (before or "").splitlines():
        assert line in lines or line == "enable_gramarye_krita=false"


def test_the_installed_plugin_is_complete_current_and_knows_its_backend(tmp_path: Path) -> None:
    there = profile(tmp_path)
    assert not krita.is_installed(there)
    krita.install(there)
    package = there.resources / "pykrita" / "gramarye_krita"
    assert (there.resources / "pykrita" / "gramarye_krita.desktop").is_file()
    assert (there.resources / "actions" / "gramarye_krita.action").is_file()
    assert json.loads((package / "backend.json").read_text()) == {"python": sys.executable}
    code = "import gramarye_plugin.paint_job, gramarye_protocol.zmtp"
    path = f"import sys; sys.path.insert(0, {str(package / 'lib')!r})"
    subprocess.run([sys.executable, "-I", "-S", "-c", f"{path}; {code}"], check=True)
    assert krita.is_up_to_date(there)
    (package / "lib" / "gramarye_plugin" / "status_text.py").write_text("old")
    (package / "left_over.py").write_text("old")
    assert not krita.is_up_to_date(there)
    krita.install(there)
    assert krita.is_up_to_date(there)
    assert not (package / "left_over.py").exists()


@pytest.mark.parametrize("before", ["[General]\na=b\n", "[python]\nenable_x=true\n\n[z]\nq=1\n"])
def test_uninstalling_takes_back_what_installing_wrote_and_nothing_else(tmp_path: Path, before: str) -> None:
    there = profile(tmp_path)
    there.settings.write_text(before)
    other = there.resources / "pykrita" / "other.desktop"
    other.parent.mkdir(parents=True)
    other.write_text("another plugin")
    krita.install(there)
    krita.uninstall(there)
    assert there.settings.read_text().split() == before.split()
    assert [path for path in there.resources.rglob("*") if path.is_file()] == [other]
    assert not krita.is_installed(there)
    krita.uninstall(there)  # uninstalling twice is allowed


def test_a_profile_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "krita").write_text("a file where the folder should be")
    with pytest.raises(InputError) as caught:
        krita.install(profile(tmp_path))
    assert caught.value.code == "plugin-unwritable"


def test_the_archive_has_an_entry_for_every_folder(tmp_path: Path) -> None:
    write_zip(krita.files(), tmp_path / "plugin.zip")
    with zipfile.ZipFile(tmp_path / "plugin.zip") as archive:
        names = archive.namelist()
    assert {"gramarye_krita/", "gramarye_krita/lib/", "gramarye_krita/lib/gramarye_plugin/"} <= set(names)
    assert "gramarye_krita/__init__.py" in names
    assert "gramarye_krita.desktop" in names


def test_the_commands(home: Home, tmp_path: Path) -> None:
    environ = {**home.environ, "HOME": str(tmp_path)}
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        environ.pop(name, None)

    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "gramarye", *arguments]
        return subprocess.run(command, env=environ, cwd=tmp_path, check=False, capture_output=True, text=True).stdout

    assert "gramarye plugin install krita" in run("doctor")
    assert ".local/share/krita" in run("plugin", "install", "krita")
    (finding,) = [entry for entry in json.loads(run("doctor", "--json")) if entry["what"] == "Krita"]
    assert finding["verdict"] == "ok"
    (tmp_path / "gramarye-1.whl").write_bytes(b"a wheel")
    built = json.loads(run("plugin", "build", "krita", "--wheel", "gramarye-1.whl", "--json"))
    assert built["output"] == "gramarye-krita.zip"
    with zipfile.ZipFile(tmp_path / "gramarye-krita.zip") as archive:
        assert archive.read("gramarye_krita/setup/gramarye-1.whl") == b"a wheel"
        assert "torch==" in archive.read("gramarye_krita/setup/constraints.txt").decode()
    assert ".local/share/krita" in run("plugin", "uninstall", "krita")
    assert "not installed" in run("plugin", "uninstall", "krita")
    assert json.loads(run("plugin", "uninstall", "krita", "--json")) == []
