"""The queue: gives jobs to idle executors in order and publishes what the executors report.

States. A job is accepted, with its pixels in the spool and a row in the ledger, before `Dispatcher.submit` is called.
It is queued, then running, then done, failed or cancelled. It returns from running to queued if its worker dies.

Ownership. An unfinished job is in exactly one place: the queue, the CPU queue, or the running table, under the executor
that has it. An executor has at most one job. Every start of a worker process is a run with a number; a notice with
the number of an earlier run is dropped, so a dead worker cannot end the job that its successor has.

Retries. A job whose worker dies goes back to the head of its queue and continues from its last checkpoint. Deaths are
counted since the job last got further than before (`retries.RetryState`), so that a job which kills every worker ends.

CPU fallback. A job that a GPU has no memory for, or that killed `MAX_CRASHES` workers there, moves to the CPU queue.
This queue has its own executor, made when first needed, and the GPU continues with the next job. On the CPU such a
failure is final.

Events. `Queued` is published when a job enters a queue and when the queue before it moves; `Started`, `Progress` and
previews as the worker reports them; then one final event. The ledger is written before an event is published: a client
that receives `Done` can fetch the result at once, and a daemon that dies in between has lost an event, which clients
can ask for, but no state. A write that fails (disk full) is retried later and does not hold up the event. When the
daemon stops, clients are told that their jobs are suspended; the ledger keeps these as they are, for the next daemon.

All methods except `Dispatcher.close` run in the front's event loop, so there are no locks.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gramarye_protocol.jobs import QUEUED, RUNNING
from gramarye_protocol.messages import Cancelled, Done, Event, Failed, Progress, Queued, Started

from .final_events import FinalEvent, device_unfit, final_columns, stopped, suspended, worker_died
from .job_spec import JobSpec, PreviewRate
from .retries import AfterCrash, RetryState
from .store.deferred_writes import DeferredWriter
from .store.ledger import CANCEL, KEEP
from .store.spool import CHECKPOINT
from .worker_pipe import PipeMessage, Ready, SizedPreview, Unfit
from .worker_process import Executor

log = logging.getLogger(__name__)

HUNG_AFTER, HUNG_AFTER_PER_MEGAPIXEL = 900.0, 120.0
"""Seconds without a notice after which a worker is killed; far more than any step takes."""


@dataclass
class _Running:
    """A running job and the number of the executor's run that has it."""

    spec: JobSpec
    run: int
    last_notice_at: float
    """Time of the last notice, in seconds of the monotonic clock."""


class Dispatcher:
    """The queue of jobs and the executors that run them.

    ``publish`` sends an event to the job's clients. ``on_job_end`` is called after the final event. ``preview_rates``
    returns the previews that a job's clients want. ``make_cpu_executor`` makes the executor of the CPU fallback.
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
        self._retry_states: defaultdict[str, RetryState] = defaultdict(RetryState)
        self._idle_since: dict[Executor, float] = {}

    def add_executors(self, executors: Sequence[Executor]) -> None:
        """Add executors and start them, so that they are warm for the first job."""
        for executor in executors:
            self._executors.append(executor)
            self._idle_since[executor] = time.monotonic()
            try:
                executor.start()
            except OSError as error:  # the first job tries again and reports the error
                log.error("worker for %s cannot be started: %s", executor.device, error)

    @property
    def queue_length(self) -> int:
        """Number of jobs in the queue, without the CPU queue."""
        return len(self._queue)

    @property
    def is_busy(self) -> bool:
        """Whether any job is queued or running."""
        return bool(self._queue or self._cpu_queue or self._running)

    def submit(self, spec: JobSpec, keep_on_stop: bool | None = None) -> None:
        """Queue a job and start it if an executor is idle.

        ``keep_on_stop`` is for a job of an earlier daemon that was asked to stop: the ``keep`` of `cancel`.
        """
        self._retry_states[spec.job].keep_on_stop = keep_on_stop
        self._queue.append(spec)
        self._publish(Queued(spec.job, len(self._queue) - 1))
        self._dispatch()

    def position(self, job: str) -> int:
        """Return the number of jobs before ``job`` in the queue; 0 if it is not in the queue."""
        return next((i for i, spec in enumerate(self._queue) if spec.job == job), 0)

    def positions(self) -> dict[str, int]:
        """Return the position of every job in the queue."""
        return {spec.job: position for position, spec in enumerate(self._queue)}

    def progress(self, job: str) -> Progress | None:
        """Return the last progress of a running job; None before the first."""
        return self._progress.get(job)

    def cancel(self, job: str, keep: bool) -> None:
        """Stop a job; ``keep`` keeps its best painting so far.

        A queued job ends at once, unless ``keep`` is set and it has a checkpoint. A running job ends after its current
        step.
        """
        for queue in (self._queue, self._cpu_queue):
            for spec in queue:
                if spec.job == job and not (keep and _has_checkpoint(spec)):
                    queue.remove(spec)
                    self._finish(Cancelled(job))
                    self._publish_positions()
                    return
        if any(spec.job == job for spec in self._unfinished_specs()):
            self._retry_states[job].keep_on_stop = keep
            self._writer.update(job, stop=KEEP if keep else CANCEL)
        for executor, running in self._running.items():
            if running.spec.job == job:
                executor.stop(job, keep)

    def prioritise(self, job: str) -> None:
        """Move a job to the head of the queue that it waits in; do nothing if it does not wait."""
        for queue in (self._queue, self._cpu_queue):
            for spec in queue:
                if spec.job == job:
                    queue.remove(spec)
                    queue.appendleft(spec)
                    self._publish_positions()
                    return

    def previews_changed(self, job: str) -> None:
        """Pass on new preview rates, after a client changed its own or left."""
        for executor, running in self._running.items():
            if running.spec.job == job:
                executor.observe(job, self._preview_rates(job))

    def on_notice(self, executor: Executor, run: int, notice: PipeMessage) -> None:
        """Handle a notice of an executor's run."""
        if isinstance(notice, Ready):
            log.info("worker ready on %s", notice.device)
        elif isinstance(notice, Unfit):
            self._remove_executor(executor, notice)
        elif self._is_current_run(executor, run, _job_of(notice)):
            self._running[executor].last_notice_at = time.monotonic()
            self._on_job_notice(executor, notice)

    def on_end(self, executor: Executor, run: int, reason: str) -> None:
        """Handle the end of an executor's run; the job that it had is retried or ends."""
        running = self._running.get(executor)
        log.info("worker for %s: %s", executor.device, reason)
        if running is None or running.run != run:
            return
        self._free(executor)
        self._handle_crash(executor, running.spec, reason)
        self._dispatch()

    def release_idle(self, after: float) -> None:
        """Release the memory of executors that have been idle for ``after`` seconds."""
        now = time.monotonic()
        for executor, since in list(self._idle_since.items()):
            if now - since >= after:
                log.info("worker for %s released after %.0f s idle", executor.device, now - since)
                executor.release()
                del self._idle_since[executor]

    def kill_hung(self) -> None:
        """Kill workers that have sent no notice of their job for too long; the jobs are retried."""
        now = time.monotonic()
        for executor, running in self._running.items():
            patience = HUNG_AFTER + HUNG_AFTER_PER_MEGAPIXEL * running.spec.pixels / 1e6
            if now - running.last_notice_at >= patience:
                log.error("worker for %s hangs and is killed", executor.device, extra={"job": running.spec.job})
                running.last_notice_at = now
                executor.kill()

    def stop_all(self) -> None:
        """Suspend all jobs because the daemon stops; jobs that end with their clients fail."""
        unfinished = self._unfinished_specs()
        for jobs in (self._queue, self._cpu_queue, self._running):
            jobs.clear()
        for spec in unfinished:
            if spec.ends_with_client:
                self._finish(stopped(spec.job))
            else:
                self._publish(suspended(spec.job))

    def close(self, patience: float) -> None:
        """End all executors within ``patience`` seconds. May run in any thread."""
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
            if notice.job not in self._progress:
                self._writer.update(notice.job, total=notice.total)  # with the sketch, which the recipe does not count
            self._progress[notice.job] = notice
            self._retry_states[notice.job].record_step(notice.step)
            self._publish(notice)
        elif isinstance(notice, SizedPreview):
            self._publish(notice)
        elif isinstance(notice, (Done, Failed, Cancelled)):
            spec = self._running[executor].spec
            self._free(executor)
            if isinstance(notice, Failed) and self._retry_states[spec.job].should_retry_on_cpu(notice):
                self._retry_on_cpu(spec, notice.message)
            else:
                self._finish(notice)
            self._dispatch()

    def _handle_crash(self, executor: Executor, spec: JobSpec, reason: str) -> None:
        action = self._retry_states[spec.job].record_crash()
        if action is AfterCrash.CANCEL:
            self._finish(Cancelled(spec.job))
        elif action is AfterCrash.RETRY:
            self._queue_again(spec, self._queue if executor is not self._cpu_executor else self._cpu_queue, reason)
        elif action is AfterCrash.RETRY_ON_CPU:
            self._retry_on_cpu(spec, reason)
        else:
            self._finish(worker_died(spec.job, reason))

    def _retry_on_cpu(self, spec: JobSpec, reason: str) -> None:
        if self._cpu_executor is None:
            self._cpu_executor = self._make_cpu_executor()
            self._executors.append(self._cpu_executor)
        self._retry_states[spec.job].crashes = 0
        self._queue_again(spec, self._cpu_queue, f"on the CPU: {reason}")

    def _queue_again(self, spec: JobSpec, queue: deque[JobSpec], reason: str) -> None:
        log.warning("job is queued again: %s", reason, extra={"job": spec.job})
        self._writer.update(spec.job, state=QUEUED, device="")
        queue.appendleft(spec)
        self._publish(Queued(spec.job, 0))

    def _unfinished_specs(self) -> list[JobSpec]:
        return [*(running.spec for running in self._running.values()), *self._queue, *self._cpu_queue]

    def _dispatch(self) -> None:
        """Start queued jobs on idle executors; fail them if no executor is left."""
        if not self._executors and self._startup_failure is not None:
            while self._queue:
                self._finish(device_unfit(self._queue.popleft().job, self._startup_failure))
        moved = False
        for executor in self._executors:
            queue = self._cpu_queue if executor is self._cpu_executor else self._queue
            while queue and executor not in self._running:
                self._start_job(queue.popleft(), executor)
                moved = True
        if moved:
            self._publish_positions()

    def _start_job(self, spec: JobSpec, executor: Executor) -> None:
        try:
            run = executor.paint(spec, self._preview_rates(spec.job))
        except OSError as error:
            self._finish(worker_died(spec.job, f"it could not be started: {error}"))
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
        """Remove an executor whose device cannot be used; its job fails."""
        log.error("worker for %s is unusable: %s", executor.device, failure.message)
        self._startup_failure = failure
        self._executors = [other for other in self._executors if other is not executor]
        running = self._running.get(executor)
        if running is not None:
            self._free(executor)
            self._finish(device_unfit(running.spec.job, failure))
        if executor is self._cpu_executor:
            self._cpu_executor = None
            while self._cpu_queue:
                self._finish(device_unfit(self._cpu_queue.popleft().job, failure))
        self._idle_since.pop(executor, None)
        executor.release()
        self._dispatch()

    def _free(self, executor: Executor) -> None:
        running = self._running.pop(executor)
        self._progress.pop(running.spec.job, None)
        self._idle_since[executor] = time.monotonic()

    def _publish_positions(self) -> None:
        for position, spec in enumerate(self._queue):
            self._publish(Queued(spec.job, position))

    def _finish(self, event: FinalEvent) -> None:
        """Record a final event in the ledger, then publish it."""
        self._retry_states.pop(event.job, None)
        self._writer.update(event.job, ended=time.time(), **final_columns(event))
        log.info("job %s", event.KIND, extra={"job": event.job, "code": getattr(event, "code", "")})
        self._publish(event)
        self._on_job_end(event)


def _has_checkpoint(spec: JobSpec) -> bool:
    return (Path(spec.folder) / CHECKPOINT).exists()


def _job_of(notice: PipeMessage) -> str:
    job: str = notice.preview.job if isinstance(notice, SizedPreview) else getattr(notice, "job", "")
    return job
