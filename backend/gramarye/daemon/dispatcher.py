"""The queue: hands jobs to idle executors in order, and turns what these report into events."""

from __future__ import annotations

import logging
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gramarye_protocol.jobs import CANCELLED, DONE, FAILED, QUEUED, RUNNING
from gramarye_protocol.messages import Cancelled, Done, Event, Failed, Progress, Queued, Started

from .store.deferred_writes import DeferredWriter
from .store.ledger import CANCEL, KEEP
from .store.spool import CHECKPOINT
from .worker_pipe import JobSpec, PipeMessage, PreviewRate, Ready, SizedPreview, Unfit
from .worker_process import CPU, Executor

log = logging.getLogger(__name__)

FinalEvent = Done | Failed | Cancelled

STOPPED = ("daemon-stopped", "The daemon stopped before this job was done.", "Paint again.")
"""Code, message and hint of a job that the daemon's end cut short."""

SUSPENDED = (
    "daemon-stopped",
    "The daemon stopped before this job was done.",
    "It goes on when a daemon runs again; `gramarye jobs` lists it.",
)
"""The same of one that is kept; its clients are told, the ledger is not."""

MAX_CRASHES = 3
"""Processes that may die of a job without getting any further, before it goes to the processor, or there fails."""

OUT_OF_MEMORY_CODES = ("out-of-memory", "picture-too-large")
"""Codes of what a device has no memory for, and the processor perhaps has."""

HUNG_AFTER, HUNG_AFTER_PER_MEGAPIXEL = 900.0, 120.0
"""Seconds without a word of a job after which its process is ended: far more than any step takes."""


@dataclass
class _Running:
    """A job, and the executor's run that has it."""

    spec: JobSpec
    run: int
    last_notice_at: float
    """When it last said anything, on the monotonic clock."""


@dataclass
class _RetryState:
    """What has befallen a job that is queued or running."""

    crashes: int = 0
    max_step: int = 0
    """The step that any of its processes came to."""
    device: str = ""
    """What its last process paints on."""
    keep_on_stop: bool | None = None
    """Whether it is to end with the best of what there is; None where nobody has asked it to end."""


class Dispatcher:
    """Runs in the front's event loop; `on_notice` and `on_end` must be called there too.

    ``publish`` tells the clients, ``on_job_end`` the front that a job has come to its end for good. ``make_cpu_executor`` makes an
    executor on the processor, for jobs that another device could not finish.
    """

    def __init__(
        self,
        writer: DeferredWriter,
        publish: Callable[[Event | SizedPreview], None],
        on_job_end: Callable[[FinalEvent], None],
        preview_rates: Callable[[str], tuple[PreviewRate, ...]],
        make_cpu_executor: Callable[[], Executor],
    ) -> None:
        self._writer = writer
        self._publish = publish
        self._on_job_end = on_job_end
        self._preview_rates = preview_rates
        self._executors: list[Executor] = []
        self._make_cpu_executor = make_cpu_executor
        self._cpu_executor: Executor | None = None
        self._cpu_queue: deque[JobSpec] = deque()
        self._startup_failure: Unfit | None = None
        self._queue: deque[JobSpec] = deque()
        self._running: dict[Executor, _Running] = {}
        self._progress: dict[str, Progress] = {}
        self._retry_states: defaultdict[str, _RetryState] = defaultdict(_RetryState)
        self._idle_since: dict[Executor, float] = {}

    def add_executors(self, executors: Sequence[Executor]) -> None:
        """Take executors into service and warm them up."""
        for executor in executors:
            self._executors.append(executor)
            self._idle_since[executor] = time.monotonic()
            try:
                executor.start()
            except OSError as error:  # the first job tries again, and tells its owner
                log.error("worker for %s cannot be started: %s", executor.device, error)

    @property
    def queue_length(self) -> int:
        """Jobs in the queue."""
        return len(self._queue)

    @property
    def is_busy(self) -> bool:
        """Whether anything is queued or running."""
        return bool(self._queue or self._cpu_queue or self._running)

    def submit(self, spec: JobSpec, keep_on_stop: bool | None = None) -> None:
        """Queue a job, and start it where an executor is idle; ``keep_on_stop`` as in `cancel`, if that was asked before."""
        self._retry_states[spec.job].keep_on_stop = keep_on_stop
        self._queue.append(spec)
        self._publish(Queued(spec.job, len(self._queue) - 1))
        self._dispatch()

    def position(self, job: str) -> int:
        """Place in the queue, 0 for the next and for one that runs."""
        return next((i for i, spec in enumerate(self._queue) if spec.job == job), 0)

    def positions(self) -> dict[str, int]:
        """Of every job that waits."""
        return {spec.job: position for position, spec in enumerate(self._queue)}

    def progress(self, job: str) -> Progress | None:
        """The last progress of a running job."""
        return self._progress.get(job)

    def cancel(self, job: str, keep: bool) -> None:
        """Stop a job, at once where it waits and has nothing to keep, after its present step where it runs."""
        for queue in (self._queue, self._cpu_queue):
            for spec in queue:
                if spec.job == job and not (keep and _has_checkpoint(spec)):
                    queue.remove(spec)
                    self._finish(Cancelled(job))
                    self._tell_positions()
                    return
        if any(spec.job == job for spec in self._unfinished_specs()):
            self._retry_states[job].keep_on_stop = keep
            self._writer.update(job, stop=KEEP if keep else CANCEL)
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
            self._remove_executor(executor, notice)
        elif self._is_current_run(executor, run, _job_of(notice)):
            self._running[executor].last_notice_at = time.monotonic()
            self._on_job_notice(executor, notice)

    def on_end(self, executor: Executor, run: int, reason: str) -> None:
        """A run of an executor is over; a job that it had goes on in a new one, unless it keeps killing them."""
        running = self._running.get(executor)
        log.info("worker for %s: %s", executor.device, reason)
        if running is None or running.run != run:
            return
        self._free(executor)
        self._handle_crash(executor, running.spec, reason)
        self._dispatch()

    def release_idle(self, after: float) -> None:
        """Let executors that have been idle for ``after`` seconds give their memory back."""
        now = time.monotonic()
        for executor, since in list(self._idle_since.items()):
            if now - since >= after:
                log.info("worker for %s released after %.0f s idle", executor.device, now - since)
                executor.release()
                del self._idle_since[executor]

    def kill_hung(self) -> None:
        """End processes that have said nothing of their jobs for far too long; the jobs go on in new ones."""
        now = time.monotonic()
        for executor, running in self._running.items():
            patience = HUNG_AFTER + HUNG_AFTER_PER_MEGAPIXEL * running.spec.pixels / 1e6
            if now - running.last_notice_at >= patience:
                log.error("worker for %s hangs and is ended", executor.device, extra={"job": running.spec.job})
                running.last_notice_at = now
                executor.kill()

    def stop_all(self) -> None:
        """The daemon stops: jobs are left as they stand for the next one, but for those that end with their clients."""
        unfinished = self._unfinished_specs()
        for jobs in (self._queue, self._cpu_queue, self._running):
            jobs.clear()
        for spec in unfinished:
            if spec.ends_with_client:
                self._finish(Failed(spec.job, *STOPPED))
            else:
                self._publish(Failed(spec.job, *SUSPENDED))

    def close(self, patience: float) -> None:
        """End the executors, all within ``patience`` seconds; may run in any thread."""
        deadline = time.monotonic() + patience
        for executor in self._executors:
            executor.release()
        for executor in self._executors:
            executor.close(deadline)

    def _on_job_notice(self, executor: Executor, notice: PipeMessage) -> None:
        if isinstance(notice, Started):
            self._retry_states[notice.job].device = notice.device
            self._writer.update(notice.job, network=notice.network, device=notice.device)
            self._publish(notice)
        elif isinstance(notice, Progress):
            self._note_progress(notice)
            self._publish(notice)
        elif isinstance(notice, SizedPreview):
            self._publish(notice)
        elif isinstance(notice, (Done, Failed, Cancelled)):
            spec = self._running[executor].spec
            self._free(executor)
            if isinstance(notice, Failed) and notice.code in OUT_OF_MEMORY_CODES and self._can_retry_on_cpu(spec):
                self._retry_on_cpu(spec, notice.message)
            else:
                self._finish(notice)
            self._dispatch()

    def _note_progress(self, progress: Progress) -> None:
        self._progress[progress.job] = progress
        retry_state = self._retry_states[progress.job]
        if progress.step > retry_state.max_step:
            retry_state.max_step, retry_state.crashes = progress.step, 0

    def _handle_crash(self, executor: Executor, spec: JobSpec, reason: str) -> None:
        """Put a job whose process has died at the head of the queue, or end it."""
        retry_state = self._retry_states[spec.job]
        retry_state.crashes += 1
        if retry_state.keep_on_stop is False:
            self._finish(Cancelled(spec.job))
        elif retry_state.crashes < MAX_CRASHES:
            self._queue_again(spec, self._queue if executor is not self._cpu_executor else self._cpu_queue, reason)
        elif self._can_retry_on_cpu(spec):
            self._retry_on_cpu(spec, reason)
        else:
            self._finish(_died(spec.job, reason))

    def _can_retry_on_cpu(self, spec: JobSpec) -> bool:
        """Whether a job was painted on another device, so that the processor is worth a try."""
        device = self._retry_states[spec.job].device
        return bool(device) and device != CPU

    def _retry_on_cpu(self, spec: JobSpec, reason: str) -> None:
        """A job that its device cannot finish is slower there, but not lost."""
        if self._cpu_executor is None:
            self._cpu_executor = self._make_cpu_executor()
            self._executors.append(self._cpu_executor)
        self._retry_states[spec.job].crashes = 0
        self._queue_again(spec, self._cpu_queue, f"on the processor, for {reason}")

    def _queue_again(self, spec: JobSpec, queue: deque[JobSpec], reason: str) -> None:
        log.warning("job is gone on with: %s", reason, extra={"job": spec.job})
        self._writer.update(spec.job, state=QUEUED, device="")
        queue.appendleft(spec)
        self._publish(Queued(spec.job, 0))

    def _unfinished_specs(self) -> list[JobSpec]:
        return [*(running.spec for running in self._running.values()), *self._queue, *self._cpu_queue]

    def _dispatch(self) -> None:
        if not self._executors and self._startup_failure is not None:
            while self._queue:
                self._finish(Failed(self._queue.popleft().job, *_words(self._startup_failure)))
        moved = False
        for executor in self._executors:
            queue = self._cpu_queue if executor is self._cpu_executor else self._queue
            while queue and executor not in self._running:
                self._start_job(queue.popleft(), executor)
                moved = True
        if moved:
            self._tell_positions()

    def _start_job(self, spec: JobSpec, executor: Executor) -> None:
        try:
            run = executor.paint(spec, self._preview_rates(spec.job))
        except OSError as error:
            self._finish(_died(spec.job, f"it could not be started: {error}"))
            return
        self._running[executor] = _Running(spec, run, time.monotonic())
        keep_on_stop = self._retry_states[spec.job].keep_on_stop
        if keep_on_stop is not None:
            executor.stop(spec.job, keep_on_stop)
        self._idle_since.pop(executor, None)
        self._writer.update(spec.job, state=RUNNING)

    def _is_current_run(self, executor: Executor, run: int, job: str) -> bool:
        running = self._running.get(executor)
        return running is not None and running.run == run and running.spec.job == job

    def _remove_executor(self, executor: Executor, failure: Unfit) -> None:
        """Its device is of no use: its job fails under that code, and it gets no other."""
        log.error("worker for %s is of no use: %s", executor.device, failure.message)
        self._startup_failure = failure
        self._executors = [other for other in self._executors if other is not executor]
        running = self._running.get(executor)
        if running is not None:
            self._free(executor)
            self._finish(Failed(running.spec.job, *_words(failure)))
        if executor is self._cpu_executor:
            self._cpu_executor = None
            while self._cpu_queue:
                self._finish(Failed(self._cpu_queue.popleft().job, *_words(failure)))
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

    def _finish(self, event: FinalEvent) -> None:
        self._retry_states.pop(event.job, None)
        self._writer.update(event.job, ended=time.time(), **_final_columns(event))
        log.info("job %s", event.KIND, extra={"job": event.job, "code": getattr(event, "code", "")})
        self._publish(event)
        self._on_job_end(event)


def _has_checkpoint(spec: JobSpec) -> bool:
    """Whether an earlier process has left something to go on from, or to keep."""
    return (Path(spec.folder) / CHECKPOINT).exists()


def _final_columns(event: FinalEvent) -> dict[str, object]:
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


def _words(failure: Unfit) -> tuple[str, str, str]:
    return failure.code, failure.message, failure.hint


def _died(job: str, reason: str) -> Failed:
    return Failed(
        job,
        "worker-died",
        f"The painting process died: {reason}.",
        "Paint again; if it dies again, paint a smaller picture: memory may have run out.",
    )
