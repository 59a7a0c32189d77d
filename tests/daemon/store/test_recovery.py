"""Unfinished jobs of an earlier daemon: resumed, cancelled, or failed with a message."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gramarye.daemon.job_spec import JobSpec, StoredStyle
from gramarye.daemon.store import recovery
from gramarye.daemon.store.ledger import CANCEL, KEEP, Entry, Ledger
from gramarye.daemon.store.recovery import OrphanedJobs, recover_unfinished
from gramarye.daemon.store.spool import SPEC, Spool

STYLE = StoredStyle("style-0", "", 1.0, 1.0)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "jobs.sqlite")


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool")


def add_unfinished(job: str, ledger: Ledger, spool: Spool, **columns: object) -> JobSpec:
    spec = JobSpec(job, str(spool.folder(job)), (STYLE,), {"steps": 3}, "tiny", pixels=480)
    spool.write_spec(spec)
    ledger.add(Entry(job, "a title", "running", {"steps": 3}, 1.0, device="cpu"))
    if columns:
        ledger.update(job, **columns)
    return spec


def test_unfinished_jobs_are_recovered_in_order(ledger: Ledger, spool: Spool) -> None:
    specs = [add_unfinished(job, ledger, spool) for job in ("b", "a")]
    add_unfinished("done", ledger, spool, state="done")
    found = recover_unfinished(ledger, spool)
    assert [job.spec for job in found] == specs
    assert [job.keep for job in found] == [False, False]
    assert [(entry.state, entry.device) for entry in ledger.all()][:2] == [("queued", ""), ("queued", "")]


def test_jobs_of_a_moved_spool_are_recovered(ledger: Ledger, spool: Spool, tmp_path: Path) -> None:
    add_unfinished("a", ledger, spool)
    (tmp_path / "spool").rename(tmp_path / "elsewhere")
    (job,) = recover_unfinished(ledger, Spool(tmp_path / "elsewhere"))
    assert job.spec.folder == str(tmp_path / "elsewhere" / "a")


def test_a_request_to_stop_survives_a_restart(ledger: Ledger, spool: Spool) -> None:
    add_unfinished("a", ledger, spool, stop=CANCEL)
    add_unfinished("b", ledger, spool, stop=KEEP)
    (job,) = recover_unfinished(ledger, spool)
    assert (job.spec.job, job.keep) == ("b", True)
    assert [entry.state for entry in ledger.all()] == ["cancelled", "queued"]


@pytest.mark.parametrize("damage", ["gone", "cut", "other"])
def test_an_unreadable_job_fails_with_a_message(ledger: Ledger, spool: Spool, tmp_path: Path, damage: str) -> None:
    spec = add_unfinished("a", ledger, spool)
    path = tmp_path / "spool" / "a" / SPEC
    if damage == "gone":
        path.unlink()
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:-9])
    else:
        path.write_bytes(b'{"job": 3}')
    add_unfinished("b", ledger, spool)
    assert [job.spec.job for job in recover_unfinished(ledger, spool)] == ["b"]
    failed = ledger.find("a")
    assert failed is not None
    assert (failed.state, failed.code) == ("failed", "spool-missing")
    assert failed.message
    assert spec.job == "a"


def test_a_job_that_ends_with_its_client_ends_unless_that_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    cancelled: list[str] = []
    orphans = OrphanedJobs(["gone", "back"], lambda job: job == "back", cancelled.append)
    orphans.cancel_unclaimed()
    assert cancelled == []
    monkeypatch.setattr(recovery, "RECLAIM_TIMEOUT", 0.0)
    orphans.cancel_unclaimed()
    orphans.cancel_unclaimed()
    assert cancelled == ["gone"]


def test_a_spec_is_read_back_as_written(spool: Spool) -> None:
    spec = JobSpec(
        "a", str(spool.folder("a")), (STYLE, replace(STYLE, mask="m")), {"x": [1, 2.5]}, "n", ends_with_client=True
    )
    spool.write_spec(spec)
    assert spool.read_spec("a") == spec
