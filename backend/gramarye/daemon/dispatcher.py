"""The queue: hands jobs to idle executors in order, and turns what these report into events."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence

from gramarye_protocol.jobs import CANCELLED, DONE, FAILED, RUNNING
from gramarye_protocol.messages import Cancelled, Done, Event, Failed, Progress, Queued, Started

from .executor import Executor
from .ledger import Ledger
from .pipe import JobSpec, PipeMessage, PreviewRate, Ready, SizedPreview

log = logging.getLogger(__name__)


class Dispatcher:
    """Runs in the front's event loop; `on_notice` and `on_end` must be called there too."""

    def __init__(
        self,
        ledger: Ledger,
        publish: Callable[[Event | SizedPreview], None],
        preview_rates: Callable[[str], tuple[PreviewRate, ...]],
    ) -> None:
        self._ledger = ledger
        self._publish = publish
        self._preview_rates = preview_rates
        self._executors: list[Executor] = []
        self._queue: deque[JobSpec] = deque()
        self._running: dict[Executor, JobSpec] = {}
        self._progress: dict[str, Progress] = {}
        self._idle_since: dict[Executor, float] = {}

    def use(self, executors: Sequence[Executor]) -> None:
        """Take executors into service and warm them up."""
        for executor in executors:
            self._executors.append(executor)
            self._idle_since[executor] = time.monotonic()
            executor.start()

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
        for executor, spec in self._running.items():
            if spec.job == job:
                executor.stop(job, keep)

    def previews_changed(self, job: str) -> None:
        """A client has changed what it wants to see."""
        for executor, spec in self._running.items():
            if spec.job == job:
                executor.observe(job, self._preview_rates(job))

    def on_notice(self, executor: Executor, notice: PipeMessage) -> None:
        """An executor reports."""
        if isinstance(notice, Ready):
            log.info("worker ready on %s", notice.device)
            return
        running = self._running.get(executor)
        job = notice.preview.job if isinstance(notice, SizedPreview) else getattr(notice, "job", None)
        if running is None or running.job != job:
            return
        if isinstance(notice, Started):
            self._ledger.change(notice.job, network=notice.network, device=notice.device)
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

    def on_end(self, executor: Executor, reason: str) -> None:
        """An executor has died; its job fails and the next one gets a new executor."""
        log.error("worker for %s ended: %s", executor.device, reason)
        spec = self._running.get(executor)
        if spec is None:
            return
        self._free(executor)
        self._finish(
            Failed(
                spec.job,
                "worker-died",
                f"The painting process died: {reason}.",
                "Paint again; if it dies again, paint a smaller picture: memory may have run out.",
            )
        )
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
        unfinished = [*self._queue, *self._running.values()]
        for executor, spec in self._running.items():
            executor.stop(spec.job, False)
        self._queue.clear()
        self._running.clear()
        for spec in unfinished:
            self._finish(
                Failed(spec.job, "daemon-stopped", "The daemon stopped before this job was done.", "Paint again.")
            )

    def close(self, patience: float) -> None:
        """End the executors, each within ``patience`` seconds; may run in any thread."""
        for executor in self._executors:
            executor.close(patience)

    def _dispatch(self) -> None:
        idle = [executor for executor in self._executors if executor not in self._running]
        moved = False
        while self._queue and idle:
            executor, spec = idle.pop(0), self._queue.popleft()
            self._running[executor] = spec
            self._idle_since.pop(executor, None)
            self._ledger.change(spec.job, state=RUNNING)
            executor.paint(spec, self._preview_rates(spec.job))
            moved = True
        if moved:
            self._tell_positions()

    def _free(self, executor: Executor) -> None:
        spec = self._running.pop(executor)
        self._progress.pop(spec.job, None)
        self._idle_since[executor] = time.monotonic()

    def _tell_positions(self) -> None:
        for position, spec in enumerate(self._queue):
            self._publish(Queued(spec.job, position))

    def _finish(self, event: Done | Failed | Cancelled) -> None:
        ended = time.time()
        if isinstance(event, Done):
            self._ledger.change(
                event.job,
                state=DONE,
                ended=ended,
                network=event.network,
                device=event.device,
                steps=event.steps,
                loss=event.loss,
                seconds=event.seconds,
                kept=int(event.kept),
            )
        elif isinstance(event, Failed):
            self._ledger.change(
                event.job, state=FAILED, ended=ended, code=event.code, message=event.message, hint=event.hint
            )
        else:
            self._ledger.change(event.job, state=CANCELLED, ended=ended)
        log.info("job %s: %s", event.job, event.KIND)
        self._publish(event)
