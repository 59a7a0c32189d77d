"""Finding and starting the daemon from inside an editor."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gramarye_plugin.backend import (
    Backend,
    clean_environment,
    find_daemon,
    load_backend,
    parse_ready_line,
    save_backend,
)
from gramarye_protocol.connection import ConnectionInfo
from gramarye_protocol.messages import Refused
from support.homes import Home


def test_a_recorded_backend_is_read_back(tmp_path: Path) -> None:
    save_backend(Backend(sys.executable), str(tmp_path))
    assert load_backend(str(tmp_path)) == Backend(sys.executable)


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"python": 3}', '{"python": "/no/such/python"}'])
def test_a_missing_backend_is_reported_with_the_command_that_helps(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "backend.json").write_text(text)
    answer = load_backend(str(tmp_path))
    assert isinstance(answer, Refused)
    assert answer.code == "backend-missing"
    assert "gramarye plugin install" in answer.hint


def test_the_editors_own_python_does_not_leak_into_the_daemon() -> None:
    inside = {"PYTHONHOME": "/editor", "LD_LIBRARY_PATH": "/editor/lib", "GRAMARYE_DATA_DIR": "/x", "HOME": "/home/a"}
    assert clean_environment(inside) == {"GRAMARYE_DATA_DIR": "/x", "HOME": "/home/a"}


def test_a_daemon_is_started_and_found(home: Home) -> None:
    assert isinstance(find_daemon(home.environ), Refused)
    command = [*Backend(sys.executable).command(), "--device", "cpu"]
    process = subprocess.Popen(command, env=home.environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    home.processes.append(process)
    assert process.stdout is not None
    assert parse_ready_line(process.stdout.readline()) is None
    info = find_daemon(home.environ)
    assert isinstance(info, ConnectionInfo)
    assert info.pid == process.pid


def test_starting_a_second_daemon_is_no_error(home: Home) -> None:
    home.start_daemon()
    second = subprocess.run(Backend(sys.executable).command(), env=home.environ, capture_output=True, check=False)
    assert parse_ready_line(second.stdout) is None


@pytest.mark.parametrize("line", [b"", b"Traceback", b"{}", b"[1]", b'{"error": "x"}'])
def test_a_daemon_that_dies_at_once_is_reported(line: bytes) -> None:
    answer = parse_ready_line(line)
    assert isinstance(answer, Refused)
    assert answer.code == "daemon-start"


def test_a_daemons_own_reason_is_passed_on() -> None:
    line = b'{"ready": false, "error": {"code": "ledger-unreadable", "message": "It is broken.", "hint": "Move it."}}'
    assert parse_ready_line(line) == Refused("ledger-unreadable", "It is broken.", "Move it.")
