"""Damaged state is quarantined when the daemon starts; nothing is deleted."""

from __future__ import annotations

from pathlib import Path

import pytest

from gramarye.daemon.store.inspect_state import inspect_state
from gramarye.daemon.store.ledger import Entry
from gramarye.daemon.store.open_state import open_state
from gramarye.daemon.store.quarantine import quarantined_folders
from gramarye.errors import DaemonError


def _with_a_job(state: Path) -> None:
    ledger, spool = open_state(state)
    ledger.add(Entry("a", "its title", "done", {}, 1.0))
    (spool.folder("a") / "result").write_bytes(b"what was painted")
    ledger.close()


def _damage(path: Path, how: str) -> None:
    if how == "garbage":
        path.write_bytes(b"this is no database " * 1000)
    elif how == "truncated":
        path.write_bytes(path.read_bytes()[:-4096])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "gone":
        path.unlink()


@pytest.mark.parametrize("how", ["garbage", "truncated", "empty", "gone"])
def test_a_ledger_that_tells_nothing_is_set_aside_with_its_jobs_and_a_new_one_begins(tmp_path: Path, how: str) -> None:
    _with_a_job(tmp_path)
    _damage(tmp_path / "jobs.sqlite", how)
    left = (tmp_path / "jobs.sqlite").read_bytes() if how != "gone" else b""
    ledger, spool = open_state(tmp_path)
    ledger.add(Entry("b", "", "queued", {}, 2.0))
    spool.folder("b")
    assert [entry.job for entry in ledger.all()] == list(spool.jobs()) == ["b"]
    (folder,) = quarantined_folders(tmp_path)
    assert (folder / "spool" / "a" / "result").read_bytes() == b"what was painted"
    if how in ("garbage", "truncated"):
        assert (folder / "jobs.sqlite").read_bytes() == left
    ledger.close()
    again, _ = open_state(tmp_path)
    assert [entry.job for entry in again.all()] == ["b"]
    assert quarantined_folders(tmp_path) == [folder]
    again.close()


def test_quarantines_within_one_second_get_separate_folders(tmp_path: Path) -> None:
    for _ in range(3):
        _with_a_job(tmp_path)
        _damage(tmp_path / "jobs.sqlite", "garbage")
    open_state(tmp_path)[0].close()
    assert len(quarantined_folders(tmp_path)) == 3
    assert inspect_state(tmp_path).set_aside == tuple(quarantined_folders(tmp_path))


def test_a_sound_ledger_is_left_where_it_is(tmp_path: Path) -> None:
    _with_a_job(tmp_path)
    ledger, spool = open_state(tmp_path)
    assert [entry.job for entry in ledger.all()] == list(spool.jobs()) == ["a"]
    assert quarantined_folders(tmp_path) == []
    ledger.close()


def test_a_ledger_that_cannot_be_used_now_is_not_set_aside(tmp_path: Path) -> None:
    (tmp_path / "jobs.sqlite").mkdir()
    with pytest.raises(DaemonError) as caught:
        open_state(tmp_path)
    assert caught.value.code == "ledger-unreadable"
    assert quarantined_folders(tmp_path) == []


def test_a_failed_quarantine_raises_state_stuck_and_deletes_nothing(tmp_path: Path) -> None:
    _with_a_job(tmp_path)
    _damage(tmp_path / "jobs.sqlite", "garbage")
    (tmp_path / "set-aside").write_bytes(b"a file where the folder should be")
    with pytest.raises(DaemonError) as caught:
        open_state(tmp_path)
    assert caught.value.code == "state-stuck"
    assert (tmp_path / "spool" / "a" / "result").exists()
