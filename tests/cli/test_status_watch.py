"""Tests of ``gramarye status --watch``, which shows the changing queue until Ctrl-C."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys

import pytest
from rich.console import Console

from gramarye.cli.status_watch import active_jobs, render_listing
from gramarye_protocol.messages import Accepted, Cancel, JobList, JobSummary, Started
from support.homes import Home
from support.peers import Peer, endless_submit


def _listing(waiting: int) -> JobList:
    jobs = [
        JobSummary("d0", "done", "done"),
        *(JobSummary(f"q{number}", "[waits]", "queued", position=number) for number in reversed(range(waiting))),
        JobSummary("r0", "runs", "running", step=30, total=120),
    ]
    return JobList(tuple(jobs), "gramarye 1", 42, 7.0)


def _shown(listing: JobList, height: int = 40) -> str:
    console = Console(file=io.StringIO(), width=100)
    console.print(render_listing(listing, height))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_running_jobs_come_first_and_then_the_queue_in_order() -> None:
    assert [job.job for job in active_jobs(_listing(3))] == ["r0", "q0", "q1", "q2"]
    text = _shown(_listing(2))
    assert "process 42" in text
    assert "30/120" in text
    assert "[waits]" in text  # a title is not parsed as markup
    assert "1 running, 2 waiting" in text
    assert "d0" not in text


def test_a_long_queue_is_cut_to_the_terminal_and_the_rest_counted() -> None:
    text = _shown(_listing(1000), height=20)
    assert len(text.splitlines()) <= 20
    assert "1 running, 1000 waiting, 987 of them not shown" in text


def test_an_idle_daemon_is_shown_as_idle() -> None:
    assert "idle" in _shown(JobList((JobSummary("d", "t", "done"),), "gramarye 1", 42, 7.0))


needs_posix = pytest.mark.skipif(os.name == "nt", reason="sends a POSIX signal, and needs a pseudo-terminal")


@needs_posix
def test_with_json_a_line_comes_for_each_change_and_ctrl_c_is_the_end(home: Home) -> None:
    home.start_daemon()
    command = [sys.executable, "-m", "gramarye", "status", "--watch", "--json"]
    with (
        Peer(home) as peer,
        subprocess.Popen(
            command, env=home.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as watching,
    ):
        assert watching.stdout is not None
        assert json.loads(watching.stdout.readline())["jobs"] == []
        accepted = peer.ask(endless_submit())
        assert isinstance(accepted, Accepted)
        (job,) = json.loads(watching.stdout.readline())["jobs"]
        assert job["job"] == accepted.job
        peer.ask(Cancel(accepted.job))
        while json.loads(watching.stdout.readline())["jobs"]:
            pass
        watching.send_signal(signal.SIGINT)
        _, errors = watching.communicate(timeout=30)
    assert watching.returncode == 0, errors
    assert "Traceback" not in errors


@needs_posix
def test_on_a_terminal_the_jobs_are_shown_until_ctrl_c(home: Home) -> None:
    import pty

    home.start_daemon()
    reader, writer = pty.openpty()
    with Peer(home) as peer:
        accepted = peer.ask(endless_submit())
        assert isinstance(accepted, Accepted)
        peer.await_kind(Started)
        environ = {**home.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "30"}
        command = [sys.executable, "-m", "gramarye", "status", "--watch"]
        with subprocess.Popen(command, env=environ, stdout=writer, stderr=subprocess.PIPE) as watching:
            seen = b""
            while b"1 running" not in seen:
                seen += os.read(reader, 4096)
            watching.send_signal(signal.SIGINT)
            assert watching.stderr is not None
            errors = watching.stderr.read()
    os.close(reader)
    os.close(writer)
    assert watching.returncode == 0, errors
    assert accepted.job.encode() in seen
    assert errors == b""
