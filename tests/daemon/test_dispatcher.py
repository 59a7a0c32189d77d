"""The dispatcher when workers die, hang or run out of memory, and when the daemon stops."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from gramarye.daemon import dispatcher as dispatcher_module
from gramarye.daemon.dispatcher import Dispatcher
from gramarye.daemon.final_events import FinalEvent
from gramarye.daemon.job_spec import JobSpec, PreviewRate
from gramarye.daemon.retries import MAX_CRASHES
from gramarye.daemon.store.deferred_writes import DeferredWriter
from gramarye.daemon.store.ledger import Entry, Ledger
from gramarye.daemon.worker_pipe import SizedPreview
from gramarye_protocol.messages import Cancelled, Done, Event, Failed, Progress, Queued, Started


class FakeExecutor:
    """Records its calls; runs are numbered as those of a real executor."""

    def __init__(self, device: str) -> None:
        self.device = device
        self.run = 0
        self.painted_jobs: list[str] = []
        self.stops: list[tuple[str, bool]] = []
        self.kills = 0

    def start(self) -> int:
        """As `Executor`."""
        self.run = self.run or 1
        return self.run

    def paint(self, spec: JobSpec, previews: tuple[PreviewRate, ...]) -> int:
        """As `Executor`."""
        assert not previews
        self.painted_jobs.append(spec.job)
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
class Harness:
    """A dispatcher with a real ledger and executors that the test controls."""

    folder: Path
    device: str = "cuda"
    published: list[Event | SizedPreview] = field(default_factory=list)
    ended: list[FinalEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.folder / "jobs.sqlite")
        self.executor, self.cpu_executor = FakeExecutor("auto"), FakeExecutor("cpu")
        self.dispatcher = Dispatcher(
            DeferredWriter(self.ledger),
            self.published.append,
            self.ended.append,
            lambda _job: (),
            lambda: self.cpu_executor,
        )
        self.dispatcher.add_executors([self.executor])

    def submit(self, job: str, ends_with_client: bool = False) -> JobSpec:
        """Record a job in the ledger and submit it."""
        folder = self.folder / job
        folder.mkdir()
        spec = JobSpec(job, str(folder), (), {}, "n", ends_with_client=ends_with_client, pixels=1_000_000)
        self.ledger.add(Entry(job, job, "queued", {}, 1.0))
        self.dispatcher.submit(spec)
        return spec

    def notice(self, event: Started | Progress | FinalEvent, executor: FakeExecutor | None = None) -> None:
        """Send an executor's notice."""
        speaker = executor or self.executor
        self.dispatcher.on_notice(speaker, speaker.run, event)

    def begin(self, job: str) -> None:
        """Report that a worker has started the job."""
        self.notice(Started(job, "n", self.device))

    def crash(self, executor: FakeExecutor | None = None) -> None:
        """End the executor's run."""
        speaker = executor or self.executor
        run, speaker.run = speaker.run, speaker.run + 1
        self.dispatcher.on_end(speaker, run, "it was killed by SIGKILL")

    def state(self, job: str) -> str:
        """Return the job's state in the ledger."""
        entry = self.ledger.find(job)
        assert entry is not None
        return entry.state


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[Harness]:
    made = Harness(tmp_path)
    yield made
    made.ledger.close()


def progress(job: str, step: int) -> Progress:
    return Progress(job, step, 100, 1, 1, 1.0, 1.0, 1.0)


def test_a_job_whose_process_dies_goes_on_before_those_that_wait(harness: Harness) -> None:
    harness.submit("a")
    harness.submit("b")
    harness.begin("a")
    harness.crash()
    assert harness.executor.painted_jobs == ["a", "a"]
    assert harness.state("a") == "running"
    assert harness.ended == []


def test_a_job_that_keeps_killing_processes_fails_on_the_processor_in_the_end(harness: Harness) -> None:
    harness.device = "cpu"
    harness.submit("a")
    for _ in range(MAX_CRASHES):
        harness.begin("a")
        harness.crash()
    (ending,) = harness.ended
    assert isinstance(ending, Failed)
    assert ending.code == "worker-died"
    assert harness.state("a") == "failed"
    assert not harness.dispatcher.is_busy


def test_progress_resets_the_count_of_deaths(harness: Harness) -> None:
    harness.device = "cpu"
    harness.submit("a")
    for step in range(3 * MAX_CRASHES):
        harness.begin("a")
        harness.notice(progress("a", step + 1))
        harness.crash()
    assert harness.ended == []
    for _ in range(MAX_CRASHES):
        harness.notice(progress("a", 2))  # no progress
        harness.crash()
    assert [ending.KIND for ending in harness.ended] == ["failed"]


def test_a_job_that_kills_processes_on_another_device_goes_to_the_processor(harness: Harness) -> None:
    harness.submit("a")
    for _ in range(MAX_CRASHES):
        harness.begin("a")
        harness.crash()
    assert harness.cpu_executor.painted_jobs == ["a"]
    assert harness.ended == []


@pytest.mark.parametrize("code", ["out-of-memory", "picture-too-large"])
def test_what_is_too_large_for_a_device_is_painted_on_the_processor(harness: Harness, code: str) -> None:
    harness.submit("a")
    harness.begin("a")
    harness.notice(Failed("a", code, "Too large.", ""))
    assert harness.cpu_executor.painted_jobs == ["a"]
    assert harness.ended == []
    harness.notice(Started("a", "n", "cpu"), harness.cpu_executor)
    assert Started("a", "n", "cpu") in harness.published, "the client is told the new device"
    harness.submit("b")
    assert harness.executor.painted_jobs == ["a", "b"], "the device is free for others"
    harness.notice(Done("a", "n", "cpu", 1, 1.0, 1.0), harness.cpu_executor)
    assert [ending.job for ending in harness.ended] == ["a"]


def test_what_is_too_large_for_the_processor_too_fails(harness: Harness) -> None:
    harness.submit("a")
    harness.begin("a")
    harness.notice(Failed("a", "out-of-memory", "Too large.", ""))
    harness.notice(Started("a", "n", "cpu"), harness.cpu_executor)
    harness.notice(Failed("a", "out-of-memory", "Too large.", ""), harness.cpu_executor)
    assert [ending.KIND for ending in harness.ended] == ["failed"]


def test_any_other_failure_is_final(harness: Harness) -> None:
    harness.submit("a")
    harness.begin("a")
    harness.notice(Failed("a", "painting-diverged", "It ran away.", ""))
    assert [ending.KIND for ending in harness.ended] == ["failed"]
    assert harness.cpu_executor.painted_jobs == []


def test_a_process_that_says_nothing_for_too_long_is_ended_and_its_job_goes_on(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness.submit("a")
    harness.begin("a")
    harness.dispatcher.kill_hung()
    assert harness.executor.kills == 0
    monkeypatch.setattr(dispatcher_module, "HUNG_AFTER", -200.0)  # plus 120 s for the job's megapixel: below 0
    harness.dispatcher.kill_hung()
    assert harness.executor.kills == 1
    harness.crash()
    assert harness.executor.painted_jobs == ["a", "a"]


def test_a_waiting_job_can_be_painted_next(harness: Harness) -> None:
    for job in "abcd":
        harness.submit(job)
    harness.begin("a")
    harness.published.clear()
    harness.dispatcher.prioritise("d")
    assert harness.published == [Queued("d", 0), Queued("b", 1), Queued("c", 2)]
    harness.dispatcher.prioritise("a")  # runs already
    harness.dispatcher.prioritise("unknown")
    assert harness.dispatcher.positions() == {"d": 0, "b": 1, "c": 2}
    harness.notice(Cancelled("a"))
    assert harness.executor.painted_jobs == ["a", "d"]


def test_a_job_that_was_being_cancelled_when_its_process_died_is_cancelled(harness: Harness) -> None:
    harness.submit("a")
    harness.begin("a")
    harness.dispatcher.cancel("a", keep=False)
    harness.crash()
    assert harness.ended == [Cancelled("a")]


def test_a_stop_with_keep_is_sent_again_after_the_process_died(harness: Harness) -> None:
    harness.submit("a")
    harness.begin("a")
    harness.dispatcher.cancel("a", keep=True)
    harness.crash()
    assert harness.executor.stops == [("a", True), ("a", True)]
    entry = harness.ledger.find("a")
    assert entry is not None
    assert entry.stop == "keep"


def test_a_queued_job_with_a_checkpoint_is_started_to_keep_its_best_painting(harness: Harness) -> None:
    harness.submit("a")
    spec = harness.submit("b")
    (Path(spec.folder) / "checkpoint").write_bytes(b"")
    harness.dispatcher.cancel("b", keep=True)
    assert harness.ended == []
    harness.begin("a")
    harness.notice(Cancelled("a"))
    assert harness.executor.stops == [("b", True)]


def test_a_stop_leaves_jobs_for_the_next_daemon_but_those_that_end_with_their_clients(harness: Harness) -> None:
    harness.submit("a")
    harness.submit("b")
    harness.submit("c", ends_with_client=True)
    harness.published.clear()
    harness.dispatcher.stop_all()
    assert sorted(event.job for event in harness.published if isinstance(event, Failed)) == ["a", "b", "c"]
    assert [harness.state(job) for job in "abc"] == ["running", "queued", "failed"]
    assert [ending.job for ending in harness.ended] == ["c"]
    assert not any(isinstance(event, Queued) for event in harness.published)
