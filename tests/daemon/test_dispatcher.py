"""The queue when things go wrong: processes that die, hang or run out of memory, and a daemon that stops."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gramarye.daemon import dispatcher as dispatcher_module
from gramarye.daemon.dispatcher import MOST_DEATHS, Dispatcher, Ending
from gramarye.daemon.store.deferred_writes import Recorder
from gramarye.daemon.store.ledger import Entry, Ledger
from gramarye.daemon.worker_pipe import JobSpec, PreviewRate, SizedPreview
from gramarye_protocol.messages import Cancelled, Done, Event, Failed, Progress, Queued, Started


class FakeExecutor:
    """Takes notes; runs are numbered as real ones'."""

    def __init__(self, device: str) -> None:
        self.device = device
        self.run = 0
        self.taken: list[str] = []
        self.stops: list[tuple[str, bool]] = []
        self.kills = 0

    def start(self) -> int:
        """As `Executor`."""
        self.run = self.run or 1
        return self.run

    def paint(self, spec: JobSpec, previews: tuple[PreviewRate, ...]) -> int:  # as the protocol has it
        """As `Executor`."""
        assert not previews
        self.taken.append(spec.job)
        return self.start()

    def observe(self, job: str, previews: tuple[PreviewRate, ...]) -> None:
        """As `Executor`."""

    def stop(self, job: str, keep: bool) -> None:
        """As `Executor`."""
        self.stops.append((job, keep))

    def release(self) -> None:
        """As `Executor`."""

    def kill(self) -> None:
        """As `Executor`."""
        self.kills += 1

    def close(self, deadline: float) -> None:
        """As `Executor`."""


@dataclass
class Stage:
    """A dispatcher over a real ledger, whose executors do what the test says."""

    folder: Path
    device: str = "cuda"
    told: list[Event | SizedPreview] = field(default_factory=list)
    ended: list[Ending] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.folder / "jobs.sqlite")
        self.executor, self.spare = FakeExecutor("auto"), FakeExecutor("cpu")
        self.dispatcher = Dispatcher(
            Recorder(self.ledger), self.told.append, self.ended.append, lambda _job: (), lambda: self.spare
        )
        self.dispatcher.use([self.executor])

    def submit(self, job: str, ends_with_client: bool = False) -> JobSpec:
        """A job that the ledger has."""
        folder = self.folder / job
        folder.mkdir()
        spec = JobSpec(job, str(folder), (), {}, "n", ends_with_client=ends_with_client, pixels=1_000_000)
        self.ledger.add(Entry(job, job, "queued", {}, 1.0))
        self.dispatcher.submit(spec)
        return spec

    def notice(self, event: Started | Progress | Ending, executor: FakeExecutor | None = None) -> None:
        """The executor's word."""
        speaker = executor or self.executor
        self.dispatcher.on_notice(speaker, speaker.run, event)

    def begin(self, job: str) -> None:
        """It has loaded its network."""
        self.notice(Started(job, "n", self.device))

    def die(self, executor: FakeExecutor | None = None) -> None:
        """The executor's run ends."""
        speaker = executor or self.executor
        run, speaker.run = speaker.run, speaker.run + 1
        self.dispatcher.on_end(speaker, run, "it was killed by SIGKILL")

    def state(self, job: str) -> str:
        """What the ledger says."""
        entry = self.ledger.find(job)
        assert entry is not None
        return entry.state


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = Stage(tmp_path)
    yield made
    made.ledger.close()


def progress(job: str, step: int) -> Progress:
    return Progress(job, step, 100, 1, 1, 1.0, 1.0, 1.0)


def test_a_job_whose_process_dies_goes_on_before_those_that_wait(stage: Stage) -> None:
    stage.submit("a")
    stage.submit("b")
    stage.begin("a")
    stage.die()
    assert stage.executor.taken == ["a", "a"]
    assert stage.state("a") == "running"
    assert stage.ended == []


def test_a_job_that_keeps_killing_processes_fails_on_the_processor_in_the_end(stage: Stage) -> None:
    stage.device = "cpu"
    stage.submit("a")
    for _ in range(MOST_DEATHS):
        stage.begin("a")
        stage.die()
    (ending,) = stage.ended
    assert isinstance(ending, Failed)
    assert ending.code == "worker-died"
    assert stage.state("a") == "failed"
    assert not stage.dispatcher.busy


def test_deaths_are_counted_anew_whenever_it_got_further(stage: Stage) -> None:
    stage.device = "cpu"
    stage.submit("a")
    for step in range(3 * MOST_DEATHS):
        stage.begin("a")
        stage.notice(progress("a", step + 1))
        stage.die()
    assert stage.ended == []
    for _ in range(MOST_DEATHS):
        stage.notice(progress("a", 2))  # no further
        stage.die()
    assert [ending.KIND for ending in stage.ended] == ["failed"]


def test_a_job_that_kills_processes_on_another_device_goes_to_the_processor(stage: Stage) -> None:
    stage.submit("a")
    for _ in range(MOST_DEATHS):
        stage.begin("a")
        stage.die()
    assert stage.spare.taken == ["a"]
    assert stage.ended == []


@pytest.mark.parametrize("code", ["out-of-memory", "picture-too-large"])
def test_what_is_too_large_for_a_device_is_painted_on_the_processor(stage: Stage, code: str) -> None:
    stage.submit("a")
    stage.begin("a")
    stage.notice(Failed("a", code, "Too large.", ""))
    assert stage.spare.taken == ["a"]
    assert stage.ended == []
    stage.notice(Started("a", "n", "cpu"), stage.spare)
    assert Started("a", "n", "cpu") in stage.told, "its owner is told where it is painted now"
    stage.submit("b")
    assert stage.executor.taken == ["a", "b"], "the device is free for others"
    stage.notice(Done("a", "n", "cpu", 1, 1.0, 1.0), stage.spare)
    assert [ending.job for ending in stage.ended] == ["a"]


def test_what_is_too_large_for_the_processor_too_fails(stage: Stage) -> None:
    stage.submit("a")
    stage.begin("a")
    stage.notice(Failed("a", "out-of-memory", "Too large.", ""))
    stage.notice(Started("a", "n", "cpu"), stage.spare)
    stage.notice(Failed("a", "out-of-memory", "Too large.", ""), stage.spare)
    assert [ending.KIND for ending in stage.ended] == ["failed"]


def test_any_other_failure_is_one(stage: Stage) -> None:
    stage.submit("a")
    stage.begin("a")
    stage.notice(Failed("a", "painting-diverged", "It ran away.", ""))
    assert [ending.KIND for ending in stage.ended] == ["failed"]
    assert stage.spare.taken == []


def test_a_process_that_says_nothing_for_too_long_is_ended_and_its_job_goes_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.submit("a")
    stage.begin("a")
    stage.dispatcher.end_hung()
    assert stage.executor.kills == 0
    monkeypatch.setattr(dispatcher_module, "HUNG_AFTER", -200.0)  # less than the picture's megapixel adds
    stage.dispatcher.end_hung()
    assert stage.executor.kills == 1
    stage.die()
    assert stage.executor.taken == ["a", "a"]


def test_a_job_that_was_to_be_cancelled_when_its_process_died_is_cancelled(stage: Stage) -> None:
    stage.submit("a")
    stage.begin("a")
    stage.dispatcher.cancel("a", keep=False)
    stage.die()
    assert stage.ended == [Cancelled("a")]


def test_a_job_that_was_to_be_kept_when_its_process_died_is_told_so_again(stage: Stage) -> None:
    stage.submit("a")
    stage.begin("a")
    stage.dispatcher.cancel("a", keep=True)
    stage.die()
    assert stage.executor.stops == [("a", True), ("a", True)]
    entry = stage.ledger.find("a")
    assert entry is not None
    assert entry.stop == "keep"


def test_of_a_waiting_job_that_had_begun_the_best_is_kept(stage: Stage) -> None:
    stage.submit("a")
    spec = stage.submit("b")
    (Path(spec.folder) / "checkpoint").write_bytes(b"")
    stage.dispatcher.cancel("b", keep=True)
    assert stage.ended == []
    stage.begin("a")
    stage.notice(Cancelled("a"))
    assert stage.executor.stops == [("b", True)]


def test_a_stop_leaves_jobs_for_the_next_daemon_but_those_that_end_with_their_clients(stage: Stage) -> None:
    stage.submit("a")
    stage.submit("b")
    stage.submit("c", ends_with_client=True)
    stage.told.clear()
    stage.dispatcher.stop_all()
    assert sorted(event.job for event in stage.told if isinstance(event, Failed)) == ["a", "b", "c"]
    assert [stage.state(job) for job in "abc"] == ["running", "queued", "failed"]
    assert [ending.job for ending in stage.ended] == ["c"]
    assert not any(isinstance(event, Queued) for event in stage.told)
