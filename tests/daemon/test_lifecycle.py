"""The daemon's lifecycle: one per user, private connection file, idle exit, clean stop, replaced workers."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gramarye_protocol.messages import (
    Accepted,
    Acknowledged,
    Cancel,
    Cancelled,
    Done,
    Failed,
    FetchResult,
    JobList,
    Message,
    Prioritise,
    Progress,
    Refused,
    Result,
    Shutdown,
    Started,
    Status,
    Watch,
    WatchOptions,
)
from support.homes import Home
from support.peers import Peer, endless_submit, small_submit


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


LONG = small_submit(steps=150, optimiser="adam")
"""A job that takes about a second."""

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc to find the worker process")


def test_the_ready_line_and_the_connection_file_agree_and_are_private(home: Home) -> None:
    process = home.start_daemon()
    file = home.connection_file
    assert json.loads(file.read_text())["pid"] == process.pid
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_second_daemon_of_the_same_user_is_refused_in_words(home: Home) -> None:
    home.start_daemon()
    command = [sys.executable, "-m", "gramarye", "serve"]
    second = subprocess.run(command, env=home.environ, capture_output=True, text=True, check=False)
    assert second.returncode == 5
    assert "daemon-running" in second.stderr
    assert "Traceback" not in second.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly_with_a_job_running(home: Home, number: signal.Signals) -> None:
    process = home.start_daemon()
    with Peer(home) as peer:
        peer.ask(endless_submit())
        peer.await_kind(Progress)
        process.send_signal(number)
        assert peer.await_kind(Failed).code == "daemon-stopped"
    assert process.wait(20) == 0
    assert not home.connection_file.exists()


def test_shutdown_is_answered_before_it_stops(home: Home) -> None:
    process = home.start_daemon()
    with Peer(home) as peer:
        peer.ask(Shutdown())
    assert process.wait(20) == 0


def test_it_ends_when_idle(home: Home) -> None:
    process = home.start_daemon("--idle-exit", "1")
    assert process.wait(20) == 0


def test_the_front_process_never_loads_torch_or_numpy(home: Home) -> None:
    code = "import gramarye.cli.serve, sys; print(sorted({'torch', 'numpy', 'PIL'} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], env=home.environ, capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


@linux_only
def test_a_job_whose_worker_is_killed_is_painted_by_another_to_the_same_bits(home: Home) -> None:
    daemon = home.start_daemon()
    with Peer(home) as peer:
        undisturbed = _painted(peer, _accepted(peer.ask(LONG)))
        job = _accepted(peer.ask(LONG))
        peer.await_envelope(lambda envelope: isinstance(envelope.message, Progress) and envelope.message.job == job)
        os.kill(_children(daemon.pid)[0], signal.SIGKILL)
        assert _painted(peer, job) == undisturbed
    assert "job is queued again" in home.log()


@linux_only
def test_workers_end_with_a_daemon_that_is_killed(home: Home) -> None:
    daemon = home.start_daemon()
    with Peer(home) as peer:
        peer.ask(endless_submit())
        peer.await_kind(Progress)
    worker = _children(daemon.pid)[0]
    daemon.kill()
    daemon.wait()
    deadline = time.monotonic() + 20
    while Path(f"/proc/{worker}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{worker}").exists()


@linux_only
def test_an_idle_worker_is_released_and_comes_back_for_the_next_job(home: Home) -> None:
    daemon = home.start_daemon("--release-after", "1")
    with Peer(home) as peer:
        peer.ask(small_submit())
        peer.await_kind(Done)
        deadline = time.monotonic() + 20
        while _children(daemon.pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert _children(daemon.pid) == []
        peer.ask(small_submit())
        assert peer.await_kind(Done, Failed).KIND == "done"


@linux_only
def test_jobs_that_come_while_a_released_worker_still_ends_are_painted(home: Home) -> None:
    home.start_daemon("--release-after", "0.5")
    with Peer(home) as peer:
        for round_number in range(3):
            peer.ask(small_submit())
            assert peer.await_kind(Done, Failed).KIND == "done"
            deadline = time.monotonic() + 20
            while home.log().count("released after") <= round_number and time.monotonic() < deadline:
                time.sleep(0.01)


@linux_only
def test_a_job_that_comes_just_after_the_idle_worker_was_killed_is_painted(home: Home) -> None:
    daemon = home.start_daemon()
    with Peer(home) as peer:
        peer.ask(small_submit())
        peer.await_kind(Done)
        os.kill(_children(daemon.pid)[0], signal.SIGKILL)
        for _ in range(2):
            peer.ask(small_submit())
        endings = [peer.await_kind(Done, Failed) for _ in range(2)]
        assert all(isinstance(ending, Done) for ending in endings)
        peer.ask(small_submit())
        assert peer.await_kind(Done, Failed).KIND == "done"


def test_a_daemon_with_no_device_at_all_fails_every_job_in_words(home: Home) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "gramarye", "serve", "--device", "cuda:7"], env=home.environ, stdout=subprocess.PIPE
    )
    home.processes.append(process)
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["ready"]
    with Peer(home) as peer:
        for _ in range(2):
            peer.ask(small_submit())
            assert peer.await_kind(Done, Failed).code == "device-unavailable"


def test_a_client_with_a_full_queue_hears_the_end_of_every_job(home: Home) -> None:
    home.start_daemon()
    with Peer(home) as peer:
        jobs = [peer.ask(endless_submit()) for _ in range(60)]
        names = [job.job for job in jobs if isinstance(job, Accepted)]
        assert len(names) == 60
        for name in names:
            peer.send(peer.seal(Cancel(name)))
        assert {peer.await_kind(Cancelled).job for _ in names} == set(names)


def test_a_job_outlives_its_client_and_the_daemon_keeps_the_result_over_a_restart(home: Home) -> None:
    first = home.start_daemon()
    with Peer(home) as peer:
        accepted = peer.ask(small_submit(steps=30))
        assert isinstance(accepted, Accepted)
    with Peer(home) as again:
        again.ask(Watch(accepted.job))
        again.await_kind(Done)
    first.send_signal(signal.SIGTERM)
    first.wait(20)
    home.start_daemon()
    with Peer(home) as later:
        later.ask(Watch(accepted.job))
        assert later.await_kind(Done).steps == 30
        result = later.ask(FetchResult(accepted.job))
        assert isinstance(result, Result)
        assert result.pixels.width == 24


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
def test_running_and_waiting_jobs_go_on_after_a_restart_to_the_same_bits(home: Home, number: signal.Signals) -> None:
    first = home.start_daemon()
    with Peer(home) as peer:
        undisturbed = _painted(peer, _accepted(peer.ask(LONG)))
        jobs = [_accepted(peer.ask(LONG)) for _ in range(2)]
        peer.await_envelope(lambda envelope: isinstance(envelope.message, Progress) and envelope.message.job == jobs[0])
        first.send_signal(number)
        first.wait(20)
    home.start_daemon()
    with Peer(home) as later:
        for job in jobs:
            later.ask(Watch(job))
            assert _painted(later, job) == undisturbed


def test_a_job_that_a_stopped_daemon_left_goes_on_where_it_stood(home: Home) -> None:
    first = home.start_daemon()
    with Peer(home) as peer:
        job = _accepted(peer.ask(endless_submit(WatchOptions(progress_every=0.02))))
        seen = peer.await_envelope(
            lambda envelope: isinstance(envelope.message, Progress) and envelope.message.step > 50
        ).message
        assert isinstance(seen, Progress)
        first.send_signal(signal.SIGTERM)
        assert peer.await_kind(Failed).hint.startswith("It continues")
        first.wait(20)
    home.start_daemon()
    with Peer(home) as later:
        later.ask(Watch(job))
        assert later.await_kind(Progress).step > seen.step


def test_a_cancel_that_was_acknowledged_holds_after_the_daemon_was_killed(home: Home) -> None:
    first = home.start_daemon()
    with Peer(home) as peer:
        job = _accepted(peer.ask(endless_submit()))
        peer.await_kind(Started)
        first.send_signal(signal.SIGSTOP)
        peer.send(peer.seal(Cancel(job)))
        first.send_signal(signal.SIGCONT)
        peer.await_kind(Acknowledged)
        first.kill()
        first.wait()
    home.start_daemon()
    with Peer(home) as later:
        later.ask(Watch(job))
        assert later.await_kind(Cancelled, Progress) == Cancelled(job)


def test_a_queued_and_a_running_job_are_cancelled(home: Home) -> None:
    home.start_daemon()
    with Peer(home) as peer:
        running, queued = peer.ask(endless_submit()), peer.ask(endless_submit())
        assert isinstance(running, Accepted)
        assert isinstance(queued, Accepted)
        peer.ask(Cancel(queued.job))
        assert peer.await_kind(Cancelled).job == queued.job
        peer.ask(Cancel(running.job))
        assert peer.await_kind(Cancelled).job == running.job


def test_a_waiting_job_is_painted_next_when_a_client_asks_for_it(home: Home) -> None:
    home.start_daemon()
    with Peer(home) as peer:
        first, second, third = (_accepted(peer.ask(endless_submit())) for _ in range(3))
        peer.ask(Prioritise(third))
        listed = peer.ask(Status())
        assert isinstance(listed, JobList)
        assert {entry.job: entry.position for entry in listed.jobs} == {first: 0, third: 0, second: 1}
        peer.ask(Cancel(first))
        peer.await_envelope(lambda envelope: isinstance(envelope.message, Started) and envelope.message.job == third)
        unknown = peer.ask(Prioritise("unknown"))
        assert isinstance(unknown, Refused)
        assert unknown.code == "job-unknown"


def test_a_cancelled_job_whose_best_is_kept_is_done(home: Home) -> None:
    home.start_daemon()
    with Peer(home) as peer:
        accepted = peer.ask(endless_submit())
        assert isinstance(accepted, Accepted)
        peer.await_kind(Progress)
        peer.ask(Cancel(accepted.job, keep=True))
        assert peer.await_kind(Done, Failed, Cancelled).kept
        result = peer.ask(FetchResult(accepted.job))
        assert isinstance(result, Result)


@pytest.mark.parametrize("is_running", [True, False])
def test_a_job_that_ends_with_its_client_is_cancelled_when_that_leaves(home: Home, is_running: bool) -> None:
    home.start_daemon()
    with Peer(home) as other:
        if not is_running:  # occupy the worker, so that the job waits
            other.ask(endless_submit())
        with Peer(home) as peer:
            job = _accepted(peer.ask(endless_submit(WatchOptions(progress_every=1000.0, ends_with_client=True))))
            if is_running:
                peer.await_kind(Started)
        left = time.monotonic()
        other.ask(Watch(job))
        other.await_envelope(lambda envelope: envelope.message == Cancelled(job))
        assert time.monotonic() - left < 2.0


def _painted(peer: Peer, job: str) -> bytes:
    """Await the end of a job that this peer watches and return its pixels."""
    peer.await_envelope(lambda envelope: isinstance(envelope.message, Done) and envelope.message.job == job)
    result = peer.ask(FetchResult(job))
    assert isinstance(result, Result)
    return bytes(result.pixels.data)


def _accepted(reply: Message) -> str:
    assert isinstance(reply, Accepted)
    return reply.job
