"""The jobs stay within the disk quota, and young unfetched results are not evicted."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from gramarye.daemon.store.deferred_writes import DeferredWriter
from gramarye.daemon.store.disk_usage import job_bytes, output_bytes
from gramarye.daemon.store.eviction import DAY, QuotaLimits
from gramarye.daemon.store.ledger import Entry, Ledger
from gramarye.daemon.store.quota import DEFAULT_QUOTA, KEPT_JOBS, DiskQuota, default_quota
from gramarye.daemon.store.spool import LAYER, PAINTING, RESULT, Spool, write_pixels
from gramarye.errors import DaemonError
from gramarye_protocol.messages import StyleInput, Submit
from gramarye_protocol.pixels import PixelBuffer

SIZE = 1000


class Harness:
    """A ledger and a spool for a quota of ``quota`` bytes; every job has `SIZE` bytes."""

    def __init__(self, folder: Path, quota: int) -> None:
        self.ledger = Ledger(folder / "jobs.sqlite")
        self.spool = Spool(folder / "spool")
        self.quota = quota

    def add(self, job: str, state: str = "done", ended: float = 0.0, fetched: float = 0.0) -> None:
        """Add a job with a result."""
        self.ledger.add(Entry(job, job, state, {}, 1.0, ended=ended, fetched=fetched))
        (self.spool.folder(job) / RESULT).write_bytes(bytes(SIZE))

    def open(self) -> DiskQuota:
        """Return the quota as at the start of a daemon."""
        return DiskQuota(self.ledger, self.spool, DeferredWriter(self.ledger), QuotaLimits(self.quota))

    @property
    def kept(self) -> list[str]:
        """The jobs in the ledger, which must be those in the spool."""
        listed = [entry.job for entry in self.ledger.all()]
        assert sorted(listed) == sorted(self.spool.jobs())
        return listed


def test_a_new_job_takes_the_place_of_the_one_fetched_first(tmp_path: Path) -> None:
    now = time.time()
    harness = Harness(tmp_path, 4 * SIZE)
    harness.add("unfetched", ended=now - DAY)
    harness.add("late", ended=now - 9, fetched=now - 2)
    harness.add("early", ended=now - 5, fetched=now - 4)
    disk_quota = harness.open()
    disk_quota.reserve("new", SIZE)
    assert harness.kept == ["unfetched", "late", "early"]
    disk_quota.reserve("newer", SIZE)
    assert harness.kept == ["unfetched", "late"]


def test_what_cannot_fit_is_refused_and_nothing_is_dropped_for_it(tmp_path: Path) -> None:
    harness = Harness(tmp_path, 3 * SIZE)
    harness.add("fetched", ended=5.0, fetched=6.0)
    harness.add("runs", "running")
    harness.add("unfetched", ended=time.time())
    disk_quota = harness.open()
    with pytest.raises(DaemonError, match="of disk; jobs hold") as caught:
        disk_quota.reserve("new", 2 * SIZE)
    assert caught.value.code == "spool-full"
    assert "--spool-quota" in caught.value.hint
    assert harness.kept == ["fetched", "runs", "unfetched"]


def test_the_painting_that_a_new_job_continues_is_not_evicted(tmp_path: Path) -> None:
    harness = Harness(tmp_path, 2 * SIZE)
    harness.add("first", ended=5.0, fetched=6.0)
    harness.add("second", ended=7.0, fetched=8.0)
    harness.open().reserve("new", SIZE, in_use="first")
    assert harness.kept == ["first"]


def test_a_reservation_shrinks_to_the_actual_size_when_the_job_ends(tmp_path: Path) -> None:
    harness = Harness(tmp_path, 3 * SIZE)
    disk_quota = harness.open()
    disk_quota.reserve("a", 3 * SIZE)
    with pytest.raises(DaemonError):
        disk_quota.reserve("b", SIZE)
    harness.add("a", ended=5.0)
    disk_quota.end_reservation("a")
    disk_quota.reserve("b", SIZE)
    disk_quota.end_reservation("b")  # never accepted: it has no files
    assert disk_quota.reserved_bytes == SIZE


def test_a_restart_reserves_the_outputs_of_unfinished_jobs(tmp_path: Path) -> None:
    harness = Harness(tmp_path, 1 << 30)
    layer = PixelBuffer(20, 10, "RGBA", "u16", bytes(1600))
    harness.add("waits", "queued")
    write_pixels(layer, harness.spool.folder("waits") / LAYER)
    assert harness.open().reserved_bytes == harness.spool.size("waits") + output_bytes(layer)


def test_a_smaller_quota_is_enforced_as_far_as_possible(tmp_path: Path) -> None:
    harness = Harness(tmp_path, 1)
    harness.add("fetched", ended=5.0, fetched=6.0)
    harness.add("runs", "running")
    harness.add("failed", "failed", ended=5.0)
    harness.add("unfetched", ended=time.time())
    harness.open().enforce_limits()
    assert harness.kept == ["runs", "unfetched"]


def test_old_jobs_are_deleted_and_unfetched_results_are_not_counted(tmp_path: Path) -> None:
    harness = Harness(tmp_path, 1 << 30)
    now = time.time()
    for number in range(KEPT_JOBS):
        harness.ledger.add(Entry(f"failed {number}", "", "failed", {}, 1.0, ended=now - 1))
    harness.add("older and fetched", ended=now - 3, fetched=now)
    harness.add("older and not fetched", ended=now - 3)
    harness.add("too old", ended=now - 31 * DAY)
    disk_quota = harness.open()
    disk_quota.enforce_limits()
    assert list(harness.spool.jobs()) == ["older and not fetched"]
    assert len(list(harness.ledger.all())) == KEPT_JOBS + 1
    assert disk_quota.reserved_bytes == SIZE


def test_a_fetch_is_recorded(tmp_path: Path) -> None:
    harness = Harness(tmp_path, SIZE)
    harness.add("a", ended=5.0)
    before = time.time()
    harness.open().record_fetch("a")
    found = harness.ledger.find("a")
    assert found is not None
    assert before <= found.fetched <= time.time()


def test_a_job_is_promised_what_it_brings_and_what_it_leaves(tmp_path: Path) -> None:
    layer = PixelBuffer(24, 20, "RGBA", "u8", bytes(1920), b"profile")
    mask = PixelBuffer(24, 20, "GRAY", "u8", bytes(480))
    styles = (StyleInput(replace(layer, profile=b""), mask=mask, part=mask), StyleInput(None, "swirls"))
    submit = Submit(layer, styles, start=layer, mask=mask)
    folder = Spool(tmp_path).folder("a")
    for number, pixels in enumerate([layer, styles[0].picture, mask, mask, layer, mask]):
        assert pixels is not None
        write_pixels(pixels, folder / f"in-{number}")
    write_pixels(layer, folder / RESULT)
    write_pixels(PixelBuffer(24, 20, "RGB", "u16", bytes(24 * 20 * 6)), folder / PAINTING)
    stored = Spool(tmp_path).size("a")
    assert stored <= job_bytes(submit) <= stored + len(b"profile")


def test_a_small_disk_is_not_filled() -> None:
    assert default_quota(10 * 10**9) == 2 * 10**9
    assert default_quota(10**13) == DEFAULT_QUOTA
