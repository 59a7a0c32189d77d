"""The connection file is private, written atomically, and refused with an error code if it is invalid."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path

import pytest

from gramarye_protocol.connection import (
    ConnectionInfo,
    connection_path,
    read_connection,
    runtime_dir,
    write_connection,
)
from gramarye_protocol.errors import ProtocolError

INFO = ConnectionInfo("tcp://127.0.0.1:5555", "ab" * 32, 4242)


def _code(path: Path) -> str:
    with pytest.raises(ProtocolError) as caught:
        read_connection(str(path))
    return caught.value.code


def _private(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def test_a_written_file_is_read_back_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "run" / "connection.json"
    write_connection(INFO, str(path))
    assert read_connection(str(path)) == INFO
    assert INFO.port == 5555


@pytest.mark.skipif(sys.platform == "win32", reason="Windows protects the folder by its access control list")
def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "run" / "connection.json"
    write_connection(INFO, str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.chmod(0o644)
    assert _code(path) == "connection-unsafe"


def test_nothing_half_written_is_left(tmp_path: Path) -> None:
    path = tmp_path / "connection.json"
    for _ in range(3):
        write_connection(INFO, str(path))
    assert os.listdir(tmp_path) == ["connection.json"]


def test_no_file_means_no_daemon(tmp_path: Path) -> None:
    assert _code(tmp_path / "none.json") == "no-daemon"


GOOD = {"endpoint": "tcp://127.0.0.1:5555", "key": "ab" * 32, "pid": 1, "version": 1}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"endpoint": "tcp://10.0.0.1:5555"}, "connection-malformed"),
        ({"endpoint": "tcp://127.0.0.1:0"}, "connection-malformed"),
        ({"endpoint": "tcp://127.0.0.1:port"}, "connection-malformed"),
        ({"key": "ab"}, "connection-malformed"),
        ({"key": "zz" * 32}, "connection-malformed"),
        ({"pid": "x"}, "connection-malformed"),
        ({"version": 2}, "version-unsupported"),
        ({"version": None}, "version-unsupported"),
    ],
)
def test_an_invalid_file_is_refused(tmp_path: Path, changes: dict[str, object], code: str) -> None:
    assert _code(_private(tmp_path / "c.json", json.dumps({**GOOD, **changes}))) == code


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "\x00"])
def test_garbage_is_refused(tmp_path: Path, text: str) -> None:
    assert _code(_private(tmp_path / "c.json", text)) == "connection-malformed"


@pytest.mark.parametrize(
    ("environ", "platform", "expected"),
    [
        ({"GRAMARYE_RUNTIME_DIR": "/r", "XDG_RUNTIME_DIR": "/x"}, "linux", "/r"),
        ({"XDG_RUNTIME_DIR": "/x", "HOME": "/h"}, "linux", "/x/gramarye"),
        ({"XDG_CACHE_HOME": "/c", "HOME": "/h"}, "linux", "/c/gramarye/run"),
        ({"HOME": "/h"}, "linux", "/h/.cache/gramarye/run"),
        ({"HOME": "/h"}, "darwin", "/h/Library/Application Support/gramarye"),
        ({"LOCALAPPDATA": "/l"}, "win32", "/l/gramarye"),
    ],
)
def test_the_folder_is_where_the_spec_says(environ: dict[str, str], platform: str, expected: str) -> None:
    assert runtime_dir(environ, platform).replace(os.sep, "/") == expected


def test_the_path_is_in_the_folder() -> None:
    assert connection_path({"GRAMARYE_RUNTIME_DIR": "r"}) == os.path.join("r", "connection.json")


@pytest.mark.parametrize("pid", ["Infinity", "[" * 100_000, "null"], ids=["infinite", "nested", "null"])
def test_an_invalid_pid_is_refused(tmp_path: Path, pid: str) -> None:
    text = f'{{"endpoint": "tcp://127.0.0.1:5555", "key": "{"ab" * 32}", "version": 1, "pid": {pid}}}'
    assert _code(_private(tmp_path / "connection.json", text)) == "connection-malformed"
