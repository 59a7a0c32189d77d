"""A real daemon with a small quota: it refuses a job before storing it, and evicts results in order."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from gramarye.daemon.store.disk_usage import job_bytes
from gramarye_protocol.messages import Accepted, Cancel, Cancelled, Done, FetchResult, JobList, Refused, Result, Status
from support.homes import Home
from support.peers import Peer, endless_submit, small_submit


def _start(home: Home, jobs: float) -> None:
    """Start a daemon with the quota that ``jobs`` small jobs need while they run."""
    home.start_daemon("--spool-quota", f"{job_bytes(small_submit()) * jobs / 1e9:.9f}")


def _folders(home: Home) -> set[str]:
    return {path.name for path in (home.root / "state" / "spool").iterdir()}


def _painted(peer: Peer) -> str:
    accepted = peer.ask(small_submit())
    assert isinstance(accepted, Accepted), accepted
    assert peer.await_kind(Done).job == accepted.job
    return accepted.job


def test_what_does_not_fit_is_refused_in_words_before_it_is_stored(home: Home) -> None:
    _start(home, 2.5)
    with Peer(home) as peer:
        jobs = [peer.ask(endless_submit()) for _ in range(2)]
        before = _folders(home)
        refused = peer.ask(endless_submit())
        assert isinstance(refused, Refused)
        assert refused.code == "spool-full"
        assert refused.hint
        assert _folders(home) == before == {job.job for job in jobs if isinstance(job, Accepted)}
        waiting = jobs[1]
        assert isinstance(waiting, Accepted)
        peer.ask(Cancel(waiting.job))  # releases its reservation
        peer.await_kind(Cancelled)
        assert isinstance(peer.ask(endless_submit()), Accepted)


def test_fetched_results_make_room_and_others_do_not(home: Home) -> None:
    _start(home, 2)
    with Peer(home) as peer:
        names = []
        while isinstance(reply := peer.ask(small_submit()), Accepted):
            peer.await_kind(Done)
            names.append(reply.job)
        assert isinstance(reply, Refused)
        assert reply.code == "spool-full"
        assert len(names) >= 2
        later, first = names[1], names[0]
        for job in (later, first):  # the result whose last fetch is oldest is evicted
            assert isinstance(peer.ask(FetchResult(job)), Result)
            time.sleep(0.01)
        new = _painted(peer)
        assert _folders(home) == {*names, new} - {later}
        gone = peer.ask(FetchResult(later))
        assert isinstance(gone, Refused)
        assert gone.code == "job-unknown"
        assert isinstance(peer.ask(FetchResult(first)), Result)


def test_that_a_result_was_fetched_is_known_after_a_restart(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.start_daemon()
    with Peer(home) as peer:
        fetched, unfetched = _painted(peer), _painted(peer)
        peer.ask(FetchResult(fetched))
    home.close()
    monkeypatch.setenv("GRAMARYE_SPOOL_QUOTA", "0.000000001")  # smaller than any result
    home.start_daemon()
    with Peer(home) as peer:
        deadline = time.monotonic() + 20
        while fetched in _folders(home) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert _folders(home) == {unfetched}
        listing = peer.ask(Status())
        assert isinstance(listing, JobList)
        assert [job.job for job in listing.jobs] == [unfetched]


def test_a_damaged_ledger_is_set_aside_and_the_daemon_serves(home: Home) -> None:
    home.start_daemon()
    with Peer(home) as peer:
        job = _painted(peer)
    home.close()
    state = home.root / "state"
    for name in ("jobs.sqlite-wal", "jobs.sqlite-shm"):
        (state / name).unlink(missing_ok=True)
    (state / "jobs.sqlite").write_bytes(b"no ledger " * 1000)
    home.start_daemon()
    with Peer(home) as peer:
        _painted(peer)
    (aside,) = (state / "set-aside").iterdir()
    assert (aside / "jobs.sqlite").read_bytes() == b"no ledger " * 1000
    assert _is_kept(aside / "spool" / job)
    assert "set aside" in home.log()


def _is_kept(folder: Path) -> bool:
    return (folder / "result").stat().st_size > 0 and (folder / "painting").stat().st_size > 0
