"""Tests of following a job while errors occur in the client."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gramarye import Client
from gramarye.cli.job_progress import follow_job
from gramarye.cli.save_every import IterateSaver
from gramarye.client import Job
from gramarye.errors import InputError
from gramarye_protocol.messages import Cancelled, Done, Event, Failed, Preview, WatchOptions
from support.homes import Home, use_home
from support.peers import noise_layer

LAYER = noise_layer(32, 32, "RGB")


@pytest.fixture
def client(shared_home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    use_home(shared_home, monkeypatch)
    with Client(start=False) as made:
        yield made


def _job(client: Client, steps: int, preview_steps: int = 0) -> Job:
    watch = WatchOptions(preview_side=16, preview_steps=preview_steps)
    return client.submit(LAYER, [LAYER], network="tiny", steps=steps, scales=1, optimiser="adam", watch=watch)


def _ignore(preview: Preview) -> None:
    """Ignore a preview: these tests do not check previews."""


def test_an_interrupt_while_the_ending_is_shown_loses_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []

    def interrupted(value: dict[str, str]) -> None:
        shown.append(value["event"])
        if value["event"] == "done":
            raise KeyboardInterrupt

    monkeypatch.setattr("gramarye.cli.job_progress.print_json", interrupted)
    assert isinstance(follow_job(_job(client, 3), True, _ignore), Done)
    assert shown[-1] == "done"


def test_a_preview_that_cannot_be_written_cancels_the_job(client: Client, tmp_path: Path) -> None:
    job = _job(client, 100_000, preview_steps=1)
    iterate_saver = IterateSaver(tmp_path / "gone" / "out.png", 1, as_json=True)
    with pytest.raises(InputError):
        follow_job(job, True, iterate_saver.save)
    assert isinstance(list(job)[-1], Cancelled)


@pytest.mark.parametrize("as_json", [True, False])
def test_iterates_that_were_not_saved_are_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    iterate_saver = IterateSaver(tmp_path / "out.png", 2, as_json)
    for step in (2, 6):
        iterate_saver.save(Preview("a", step, LAYER))
    iterate_saver.report_skipped(Done("a", "tiny", "cpu", 9, 1.0, 1.0))
    out, errors = capsys.readouterr()
    assert errors.strip().endswith("4, 8")
    told = [line for line in map(json.loads, out.splitlines()) if line["event"] == "skipped"]
    assert told == ([{"event": "skipped", "steps": [4, 8]}] if as_json else [])


@pytest.mark.parametrize("ending", [Done("a", "tiny", "cpu", 5, 1.0, 1.0), Failed("a", "worker-died", "It died.")])
def test_nothing_is_reported_if_no_iterate_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ending: Event
) -> None:
    iterate_saver = IterateSaver(tmp_path / "out.png", 4, as_json=True)
    iterate_saver.save(Preview("a", 4, LAYER))
    capsys.readouterr()
    iterate_saver.report_skipped(ending)
    assert capsys.readouterr() == ("", "")
