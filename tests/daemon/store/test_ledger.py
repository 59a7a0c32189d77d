"""The ledger keeps jobs over restarts and deletes old ones in order."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from gramarye.daemon.store.deferred_writes import DeferredWriter
from gramarye.daemon.store.ledger import EndedJob, Entry, Ledger
from gramarye.errors import DaemonError


def _entry(job: str, state: str = "queued") -> Entry:
    return Entry(job, f"title of {job} ✓", state, {"steps": 3, "style_layers": ["relu1_1"]}, 12.5)


def test_jobs_come_back_after_reopening(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "jobs.sqlite")
    ledger.add(_entry("a"))
    ledger.update("a", state="done", kept=1, loss=0.25)
    ledger.close()
    again = Ledger(tmp_path / "jobs.sqlite")
    found = again.find("a")
    assert found is not None
    assert (found.state, found.kept, found.loss, found.recipe) == ("done", True, 0.25, _entry("a").recipe)
    assert again.find("b") is None


def test_unfinished_jobs_are_found_after_a_restart_oldest_first(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "jobs.sqlite")
    for job, state in (("a", "running"), ("b", "done"), ("c", "queued"), ("d", "cancelled")):
        ledger.add(_entry(job, state))
    ledger.close()
    assert [entry.job for entry in Ledger(tmp_path / "jobs.sqlite").unfinished()] == ["a", "c"]


def test_delete_old_goes_by_the_end_of_a_job_not_by_its_submission(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "jobs.sqlite")
    for job, state, ended in (("a", "done", 9.0), ("b", "running", 0.0), ("c", "failed", 3.0), ("d", "cancelled", 5.0)):
        ledger.add(replace(_entry(job, state), ended=ended))
    assert ledger.delete_old(keep=2, unfetched_until=10.0) == ["c"]
    assert [entry.job for entry in ledger.all()] == ["a", "b", "d"]


def test_delete_old_ignores_unfetched_results_until_they_are_old(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "jobs.sqlite")
    for job, ended, fetched in (("a", 1.0, 0.0), ("b", 5.0, 0.0), ("c", 6.0, 7.0), ("d", 8.0, 9.0)):
        ledger.add(replace(_entry(job, "done"), ended=ended, fetched=fetched))
    assert ledger.delete_old(keep=1, unfetched_until=1.0) == ["c"]
    assert ledger.delete_old(keep=1, unfetched_until=2.0) == ["a"]
    assert [entry.job for entry in ledger.all()] == ["b", "d"]


def test_latest_returns_all_unfinished_jobs_and_the_newest_ended_ones(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "jobs.sqlite")
    for job, state in (("a", "queued"), ("b", "done"), ("c", "failed"), ("d", "running"), ("e", "done")):
        ledger.add(_entry(job, state))
    assert [entry.job for entry in ledger.latest(2)] == ["a", "c", "d", "e"]
    assert [entry.job for entry in ledger.latest(0)] == ["a", "d"]
    assert [entry.job for entry in ledger.unfinished()] == ["a", "d"]


def test_ended_jobs_without_a_result_count_as_fetched(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "jobs.sqlite")
    ledger.add(_entry("waits"))
    ledger.add(replace(_entry("done", "done"), ended=3.0))
    ledger.add(replace(_entry("fetched", "done"), ended=3.0, fetched=4.0))
    ledger.add(replace(_entry("failed", "failed"), ended=5.0))
    assert ledger.ended_jobs() == [
        EndedJob("done", 3.0, 0.0),
        EndedJob("fetched", 3.0, 4.0),
        EndedJob("failed", 5.0, 5.0),
    ]


def test_updates_of_a_locked_file_are_written_once_it_is_free(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "jobs.sqlite")
    ledger.add(_entry("a"))
    writer = DeferredWriter(ledger)
    other = sqlite3.connect(tmp_path / "jobs.sqlite", isolation_level=None)
    other.execute("begin immediate")
    writer.update("a", state="running")
    writer.update("a", state="done")
    found = ledger.find("a")
    assert found is not None
    assert found.state == "queued"
    other.execute("rollback")
    other.close()
    writer.retry()
    found = ledger.find("a")
    assert found is not None
    assert found.state == "done"


def test_a_damaged_file_is_refused_and_left_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite"
    path.write_bytes(b"this is no database " * 100)
    with pytest.raises(DaemonError, match="is damaged") as caught:
        Ledger(path)
    assert caught.value.code == "ledger-damaged"
    assert path.read_bytes().startswith(b"this is no database")
