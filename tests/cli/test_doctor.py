"""Tests of the findings of `gramarye doctor` about jobs and their disk space."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from gramarye.cli.doctor import _jobs
from gramarye.daemon.store.ledger import Entry
from gramarye.daemon.store.open_state import open_state
from gramarye.daemon.store.schema import open_database
from support.homes import Home


def _state(home: Home) -> Path:
    state = home.root / "state"
    state.mkdir()
    ledger, spool = open_state(state)
    ledger.add(Entry("a", "", "done", {}, 1.0, ended=time.time()))
    ledger.add(Entry("b", "", "done", {}, 1.0, fetched=2.0))
    (spool.folder("a") / "result").write_bytes(bytes(3_000_000))
    ledger.close()
    return state


def test_without_jobs_the_finding_is_ok(home: Home) -> None:
    assert _jobs().verdict == "ok"
    assert not (home.root / "state").exists()


def test_jobs_bytes_and_unfetched_paintings_are_counted(home: Home) -> None:
    _state(home)
    finding = _jobs()
    assert finding.verdict == "ok"
    assert finding.found == "2 listed, 0.003 GB on disk, 1 done and not yet fetched"


def test_a_damaged_list_is_bad_until_it_is_set_aside_and_then_a_note_says_where(home: Home) -> None:
    state = _state(home)
    (state / "jobs.sqlite").write_bytes(b"no ledger " * 1000)
    assert _jobs().verdict == "bad"
    open_state(state)[0].close()
    finding = _jobs()
    (folder,) = (state / "set-aside").iterdir()
    assert finding.verdict == "note"
    assert str(folder) in finding.found
    assert "0.003 GB" in finding.mend


def test_a_ledger_of_the_first_schema_is_counted_too(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gramarye.daemon.store.schema.MIGRATIONS", ())
    (home.root / "state").mkdir()
    database = open_database(home.root / "state" / "jobs.sqlite")
    database.execute("insert into jobs (job, title, state, recipe, created) values ('a', '', 'done', '{}', 1.0)")
    database.close()
    assert "1 done and not yet fetched" in _jobs().found
