"""The ledger's file: migration from the first schema, and detection of damage."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gramarye.daemon.store.ledger import Entry, Ledger
from gramarye.daemon.store.schema import MIGRATIONS
from gramarye.errors import DaemonError

FIRST = """
create table jobs (
  seq integer primary key autoincrement, job text unique not null, title text not null, state text not null,
  recipe text not null, network text not null default '', device text not null default '',
  steps integer not null default 0, total integer not null default 0, loss real not null default 0,
  seconds real not null default 0, kept integer not null default 0, created real not null,
  ended real not null default 0, code text not null default '', message text not null default '',
  hint text not null default ''
);
insert into jobs (job, title, state, recipe, created, ended) values ('a', 'old', 'done', '{"steps": 3}', 1.5, 2.5);
"""
"""The ledger of the first version, with one job."""


def _made(path: Path, script: str) -> Path:
    database = sqlite3.connect(path)
    database.executescript(script)
    database.close()
    return path


def _code(path: Path) -> str:
    try:
        Ledger(path).close()
    except DaemonError as error:
        return error.code
    return ""


def test_the_first_schema_is_brought_up_with_its_jobs(tmp_path: Path) -> None:
    path = _made(tmp_path / "jobs.sqlite", FIRST)
    ledger = Ledger(path)
    assert list(ledger.all()) == [Entry("a", "old", "done", {"steps": 3}, 1.5, ended=2.5, fetched=0.0)]
    ledger.update("a", fetched=4.5)
    ledger.close()
    again = Ledger(path)
    assert [entry.fetched for entry in again.all()] == [4.5]
    again.close()
    with sqlite3.connect(path) as database:
        assert database.execute("pragma user_version").fetchone() == (len(MIGRATIONS),)


@pytest.mark.parametrize(
    "script",
    [
        "create table jobs (title text)",
        FIRST + "alter table jobs add column fetched real",
        FIRST + "alter table jobs drop column hint",
        "create view jobs as select 1 as job",
        FIRST + f"pragma user_version = {len(MIGRATIONS) + 1}",
        FIRST + f"pragma user_version = {len(MIGRATIONS)}",
    ],
    ids=["other", "a column too many", "a column too few", "a view", "a newer one", "a wrong version"],
)
def test_another_schema_is_damage_and_is_left_unchanged(tmp_path: Path, script: str) -> None:
    path = _made(tmp_path / "jobs.sqlite", script)
    with sqlite3.connect(path) as database:
        before = list(database.iterdump())
    assert _code(path) == "ledger-damaged"
    with sqlite3.connect(path) as database:
        assert list(database.iterdump()) == before


def _with_jobs(path: Path) -> bytes:
    ledger = Ledger(path)
    for number in range(60):
        ledger.add(Entry(f"job {number}", "x" * 200, "done", {"steps": number}, 1.0))
    ledger.close()
    return path.read_bytes()


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_truncated_file_is_damage_or_holds_no_jobs_or_all(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "jobs.sqlite"
    path.unlink(missing_ok=True)
    whole = _with_jobs(path)
    assert len(whole) > 5 * 4096
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    code = _code(path)
    assert code in ("", "ledger-damaged")
    if not code:
        ledger = Ledger(path)
        assert ledger.is_new or [entry.recipe for entry in ledger.all()] == [{"steps": steps} for steps in range(60)]
        ledger.close()


def test_a_file_that_cannot_be_opened_is_no_damage(tmp_path: Path) -> None:
    (tmp_path / "jobs.sqlite").mkdir()
    assert _code(tmp_path / "jobs.sqlite") == "ledger-unreadable"


def test_a_file_that_another_program_holds_is_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite"
    Ledger(path).close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin exclusive")
    assert _code(path) == "ledger-unreadable"
    other.close()
    assert _code(path) == ""
