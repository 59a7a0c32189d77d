"""Private folders and files: created with owner-only modes, refused with any other."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from gramarye.access.private import make_private_folder, read_private, write_private
from gramarye.errors import DaemonError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows protects folders by access lists")


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_created_files_are_owner_only_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        make_private_folder(tmp_path / "a" / "b")
        write_private(tmp_path / "a" / "b" / "key", "secret")
    finally:
        os.umask(before)
    assert _mode(tmp_path / "a" / "b") == 0o700
    assert _mode(tmp_path / "a" / "b" / "key") == 0o600
    assert read_private(tmp_path / "a" / "b" / "key") == "secret"
    assert os.listdir(tmp_path / "a" / "b") == ["key"]


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o777, 0o1777, 0o701])
def test_a_folder_that_is_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(DaemonError) as caught:
        make_private_folder(folder)
    assert caught.value.code == "folder-unsafe"
    assert "is open to others" in caught.value.message
    assert f"chmod 700 '{folder}'" in caught.value.hint
    assert _mode(folder) == mode


@pytest.mark.skipif(sys.platform == "win32" or os.getuid() != 0, reason="only root can give a folder away")
def test_a_folder_and_a_file_of_another_user_are_refused(tmp_path: Path) -> None:
    folder, file = tmp_path / "run", tmp_path / "key"
    folder.mkdir(mode=0o700)
    os.chown(folder, 12345, 12345)
    with pytest.raises(DaemonError, match="belongs to somebody else") as caught:
        make_private_folder(folder)
    assert caught.value.code == "folder-unsafe"
    write_private(file, "secret")
    os.chown(file, 12345, 12345)
    with pytest.raises(DaemonError, match="belongs to somebody else") as caught:
        read_private(file)
    assert caught.value.code == "connection-unsafe"


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    write_private(tmp_path / "key", "secret")
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(DaemonError, match="is open to others") as caught:
        read_private(tmp_path / "key")
    assert caught.value.code == "connection-unsafe"


def test_without_replace_an_existing_file_is_kept(tmp_path: Path) -> None:
    write_private(tmp_path / "key", "first")
    with pytest.raises(FileExistsError):
        write_private(tmp_path / "key", "second", replace=False)
    assert read_private(tmp_path / "key") == "first"
    assert os.listdir(tmp_path) == ["key"]
