"""The log: machine-readable lines, bounded size, no private data."""

from __future__ import annotations

import io
import json
import logging
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gramarye.daemon import logs
from gramarye.daemon.logs import LogFile, RepeatFilter, relay_worker_log
from gramarye_protocol.messages import Accepted, Done, FetchResult, Refused, Result
from support.homes import REPOSITORY, Home
from support.peers import Peer, small_submit


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "daemon.log"


@pytest.fixture
def log(path: Path) -> Iterator[logging.Logger]:
    """A logger that writes only to ``path``."""
    logger = logging.getLogger("gramarye.worker")
    handler = LogFile(path)
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(logging.INFO)
    yield logger
    logger.removeHandler(handler)
    logger.propagate = True
    logger.setLevel(logging.NOTSET)
    handler.close()


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_line_is_json_with_the_job_in_a_private_file(log: logging.Logger, path: Path) -> None:
    log.info("of %s\nand more", "/home/anna/x.png", extra={"job": "0123456789ab", "code": "", "title": "My wedding"})
    (line,) = _lines(path)
    assert line.pop("time").endswith("+00:00")
    assert line == {"level": "info", "process": "daemon", "message": "of …/x.png\nand more", "job": "0123456789ab"}
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_traceback_is_one_field_without_folders(log: logging.Logger, path: Path) -> None:
    try:
        raise ValueError("in /home/anna/x.png")
    except ValueError:
        log.exception("it failed")
    (line,) = _lines(path)
    assert 'File "…/test_logs.py", line' in line["traceback"]
    assert "anna" not in line["traceback"]


def test_it_is_turned_over_before_it_grows_large(
    log: logging.Logger, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = log.handlers[0]
    assert isinstance(handler, LogFile)
    monkeypatch.setattr(handler, "maxBytes", 4096)
    for number in range(1000):
        log.info("line %d of many", number)
    files = sorted(path.parent.iterdir())
    assert len(files) == 1 + logs.BACKUP_COUNT
    assert all(file.stat().st_size <= 4096 for file in files)
    assert _lines(path)[-1]["message"] == "line 999 of many"


def test_a_repeated_warning_is_logged_once_a_minute_for_each_job() -> None:
    repeat_filter = RepeatFilter()

    def passes(at: float, level: int = logging.ERROR, job: str = "", number: int = 0) -> bool:
        record = logging.LogRecord("n", level, "", 0, "stays: %s", (number,), None)
        record.__dict__.update(created=at, job=job)
        return repeat_filter.filter(record)

    said = [passes(0.0), passes(1.0, number=1), passes(59.0), passes(2.0, job="a"), passes(61.0), passes(62.0)]
    assert said == [True, False, False, True, True, False]
    assert passes(62.0, logging.INFO)
    assert passes(62.0, logging.INFO)


def test_lines_go_to_standard_error_if_the_file_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "logs").write_bytes(b"a file where the folder should be")
    handler = LogFile(tmp_path / "logs" / "daemon.log")
    handler.handle(logging.LogRecord("n", logging.INFO, "", 0, "still heard", None, None))
    handler.close()
    assert json.loads(capsys.readouterr().err)["message"] == "still heard"


@pytest.mark.usefixtures("log")
def test_what_workers_say_and_what_libraries_print_is_passed_on(path: Path) -> None:
    said = {"level": "error", "message": "it failed", "job": "0123456789ab", "traceback": "where", "secret": "no"}
    printed = [b"CUDA error in /home/anna/x.cu\n", b"\n", b"[1]\n", b'{"level": 5, "message": "m"}\n', b"\xff\xfe end"]
    relay_worker_log(io.BytesIO(b"".join([json.dumps(said).encode() + b"\n", *printed])), "cuda:0")
    first, *others = _lines(path)
    first.pop("time")
    assert first == {
        "level": "error",
        "process": "worker cuda:0",
        "message": "it failed",
        "job": "0123456789ab",
        "traceback": "where",
    }
    assert [(line["level"], line["message"]) for line in others] == [
        ("info", "CUDA error in …/x.cu"),
        ("info", "[1]"),
        ("info", '{"level": 5, "message": "m"}'),
        ("info", "\ufffd\ufffd end"),
    ]


@pytest.mark.parametrize(("held", "is_emptied"), [(logs.MAX_BYTES + 1, True), (1000, False)])
def test_standard_error_in_a_file_is_emptied_once_large(tmp_path: Path, held: int, is_emptied: bool) -> None:
    file = tmp_path / "daemon.log"
    file.write_bytes(b"x" * held)
    (tmp_path / "other").write_bytes(b"x" * held)
    code = (
        "import sys; from pathlib import Path; from gramarye.daemon.logs import truncate_stderr\n"
        "for name in sys.argv[1:]: truncate_stderr(Path(name))\n"
        "sys.stderr.write('after')"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(REPOSITORY / "backend"), str(REPOSITORY / "protocol")])}
    with open(file, "ab") as errors:
        command = [sys.executable, "-c", code, str(tmp_path / "other"), str(file), str(tmp_path / "none")]
        subprocess.run(command, stderr=errors, env=environ, check=True)
    assert file.read_bytes() == (b"after" if is_emptied else b"x" * held + b"after")
    assert (tmp_path / "other").stat().st_size == held


def test_a_job_can_be_followed_in_the_log_and_its_title_is_not_in_it(home: Home) -> None:
    home.start_daemon()
    with Peer(home) as peer:
        accepted = peer.ask(replace(small_submit(), title="A very private matter"))
        assert isinstance(accepted, Accepted)
        peer.await_kind(Done)
        assert isinstance(peer.ask(FetchResult(accepted.job)), Result)
        assert isinstance(peer.ask(FetchResult("nope")), Refused)
    home.close()
    lines = _lines(home.root / "state" / "logs" / "daemon.log")
    told = [line["message"] for line in lines if line.get("job") == accepted.job]
    assert told == ["job accepted", "job done", "result fetched"]
    assert [line["code"] for line in lines if "code" in line] == ["job-unknown"]
    everything = (home.root / "state" / "logs" / "daemon.log").read_text(encoding="utf-8") + home.log()
    assert "private" not in everything
    assert str(home.root) not in everything
