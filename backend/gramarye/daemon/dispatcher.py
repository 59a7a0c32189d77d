"""The queue: hands jobs to idle executors in order, and turns what these report into events."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gramarye_protocol.jobs import CANCELLED, DONE, FAILED, RUNNING
from gramarye_protocol.messages import Cancelled, Done, Event, Failed, Progress, Queued, Started

from .executor import Executor
from .pipe import JobSpec, PipeMessage, PreviewRate, Ready, SizedPreview, Unfit
from .recorder import Recorder

log = logging.getLogger(__name__)

STOPPED = ("daemon-stopped", "The daemon stopped before this job was done.", "Paint again.")
"""Code, message and hint of a job that the daemon's end cut short."""


@dataclass(frozen=True)
class _Running:
    """A job, and the executor's run that has it."""

    spec: JobSpec
    run: int


class Dispatcher:
    """Runs in the front's event loop; `on_notice` and `on_end` must be called there too."""

    def __init__(
        self,
        recorder: Recorder,
        publish: Callable[[Event | SizedPreview], None],
        preview_rates: Callable[[str], tuple[PreviewRate, ...]],
    ) -> None:
        self._recorder = recorder
        self._publish = publish
        self._preview_rates = preview_rates
        self._executors: list[Executor] = []
        self._unfit: Unfit | None = None
        self._queue: deque[JobSpec] = deque()
        self._running: dict[Executor, _Running] = {}
        self._progress: dict[str, Progress] = {}
        self._idle_since: dict[Executor, float] = {}

    def use(self, executors: Sequence[Executor]) -> None:
        """Take executors into service and warm them up."""
        for executor in executors:
            self._executors.append(executor)
            self._idle_since[executor] = time.monotonic()
            try:
                executor.start()
            except OSError as error:  # the first job tries again, and tells its owner
                log.error("worker for %s cannot be started: %s", executor.device, error)

    @property
    def waiting(self) -> int:
        """Jobs in the queue."""
        return len(self._queue)

    @property
    def busy(self) -> bool:
        """Whether anything is queued or running."""
        return bool(self._queue or self._running)

    def submit(self, spec: JobSpec) -> None:
        """Queue a job, and start it where an executor is idle."""
        self._queue.append(spec)
        self._publish(Queued(spec.job, len(self._queue) - 1))
        self._dispatch()

    def position(self, job: str) -> int:
        """Place in the queue, 0 for the next and for one that runs."""
        return next((i for i, spec in enumerate(self._queue) if spec.job == job), 0)

    def progress(self, job: str) -> Progress | None:
        """The last progress of a running job."""
        return self._progress.get(job)

    def cancel(self, job: str, keep: bool) -> None:
        """Stop a job, at once where it waits, after its present step where it runs."""
        for spec in self._queue:
            if spec.job == job:
                self._queue.remove(spec)
                self._finish(Cancelled(job))
                self._tell_positions()
                return
        for executor, running in self._running.items():
            if running.spec.job == job:
                executor.stop(job, keep)

    def previews_changed(self, job: str) -> None:
        """A client has changed what it wants to see, or has left."""
        for executor, running in self._running.items():
            if running.spec.job == job:
                executor.observe(job, self._preview_rates(job))

    def on_notice(self, executor: Executor, run: int, notice: PipeMessage) -> None:
        """An executor reports."""
        if isinstance(notice, Ready):
            log.info("worker ready on %s", notice.device)
        elif isinstance(notice, Unfit):
            self._retire(executor, notice)
        elif self._has(executor, run, _job_of(notice)):
            self._on_job_notice(executor, notice)

    def on_end(self, executor: Executor, run: int, reason: str) -> None:
        """A run of an executor is over; a job that it had fails, and the next one gets a new run."""
        running = self._running.get(executor)
        log.info("worker for %s: %s", executor.device, reason)
        if running is None or running.run != run:
            return
        self._free(executor)
        self._finish(_died(running.spec.job, reason))
        self._dispatch()

    def release_idle(self, after: float) -> None:
        """Let executors that have been idle for ``after`` seconds give their memory back."""
        now = time.monotonic()
        for executor, since in list(self._idle_since.items()):
            if now - since >= after:
                log.info("worker for %s released after %.0f s idle", executor.device, now - since)
                executor.release()
                del self._idle_since[executor]

    def stop_all(self) -> None:
        """The daemon stops: every unfinished job fails in words."""
        unfinished = [*self._queue, *(running.spec for running in self._running.values())]
        for executor, running in self._running.items():
            executor.stop(running.spec.job, False)
        self._queue.clear()
        self._running.clear()
        for spec in unfinished:
            self._finish(Failed(spec.job, *STOPPED))

    def close(self, patience: float) -> None:
        """End the executors, all within ``patience`` seconds; may run in any thread."""
        deadline = time.monotonic() + patience
        for executor in self._executors:
            executor.release()
        for executor in self._executors:
            executor.close(deadline)

    def _on_job_notice(self, executor: Executor, notice: PipeMessage) -> None:
        if isinstance(notice, Started):
            self._recorder.change(notice.job, network=notice.network, device=notice.device)
            self._publish(notice)
        elif isinstance(notice, Progress):
            self._progress[notice.job] = notice
            self._publish(notice)
        elif isinstance(notice, SizedPreview):
            self._publish(notice)
        elif isinstance(notice, (Done, Failed, Cancelled)):
            self._free(executor)
            self._finish(notice)
            self._dispatch()

    def _dispatch(self) -> None:
        if not self._executors and self._unfit is not None:
            while self._queue:
                self._finish(Failed(self._queue.popleft().job, *_words(self._unfit)))
        moved = False
        for executor in self._executors:
            while self._queue and executor not in self._running:
                self._hand_over(self._queue.popleft(), executor)
                moved = True
        if moved:
            self._tell_positions()

    def _hand_over(self, spec: JobSpec, executor: Executor) -> None:
        try:
            run = executor.paint(spec, self._preview_rates(spec.job))
        except OSError as error:
            self._finish(_died(spec.job, f"it could not be started: {error}"))
            return
        self._running[executor] = _Running(spec, run)
        self._idle_since.pop(executor, None)
        self._recorder.change(spec.job, state=RUNNING)

    def _has(self, executor: Executor, run: int, job: str) -> bool:
        running = self._running.get(executor)
        return running is not None and running.run == run and running.spec.job == job

    def _retire(self, executor: Executor, unfit: Unfit) -> None:
        """Its device is of no use: its job fails under that code, and it gets no other."""
        log.error("worker for %s is of no use: %s", executor.device, unfit.message)
        self._unfit = unfit
        self._executors = [other for other in self._executors if other is not executor]
        running = self._running.get(executor)
        if running is not None:
            self._free(executor)
            self._finish(Failed(running.spec.job, *_words(unfit)))
        self._idle_since.pop(executor, None)
        executor.release()
        self._dispatch()

    def _free(self, executor: Executor) -> None:
        running = self._running.pop(executor)
        self._progress.pop(running.spec.job, None)
        self._idle_since[executor] = time.monotonic()

    def _tell_positions(self) -> None:
        for position, spec in enumerate(self._queue):
            self._publish(Queued(spec.job, position))

    def _finish(self, event: Done | Failed | Cancelled) -> None:
        self._recorder.change(event.job, ended=time.time(), **_ending_columns(event))
        log.info("job %s: %s", event.job, event.KIND)
        self._publish(event)


def _ending_columns(event: Done | Failed | Cancelled) -> dict[str, object]:
    if isinstance(event, Done):
        return {
            "state": DONE,
            "network": event.network,
            "device": event.device,
            "steps": event.steps,
            "loss": event.loss,
            "seconds": event.seconds,
            "kept": int(event.kept),
        }
    if isinstance(event, Failed):
        return {"state": FAILED, "code": event.code, "message": event.message, "hint": event.hint}
    return {"state": CANCELLED}


def _job_of(notice: PipeMessage) -> str:
    job: str = notice.preview.job if isinstance(notice, SizedPreview) else getattr(notice, "job", "")
    return job


def _words(unfit: Unfit) -> tuple[str, str, str]:
    return unfit.code, unfit.message, unfit.hint


def _died(job: str, reason: str) -> Failed:
    return Failed(
        job,
        "worker-died",
        f"The painting process died: {reason}.",
        "Paint again; if it dies again, paint a smaller picture: memory may have run out.",
    )
