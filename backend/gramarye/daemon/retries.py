"""Whether a job whose worker failed is retried, on the same device or on the CPU."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from gramarye_protocol.messages import Failed

from .worker_process import CPU

MAX_CRASHES = 3
"""Worker deaths without progress after which a job moves to the CPU, or fails if it was already there."""

OUT_OF_MEMORY_CODES = ("out-of-memory", "picture-too-large")
"""Codes of failures for lack of device memory: the CPU may have enough."""


class AfterCrash(Enum):
    """What happens to a job whose worker died."""

    CANCEL = auto()
    RETRY = auto()
    RETRY_ON_CPU = auto()
    FAIL = auto()


@dataclass
class RetryState:
    """The history of a queued or running job, kept in memory only."""

    crashes: int = 0
    """Worker deaths since the job last made progress or moved to the CPU."""
    max_step: int = 0
    """The highest step that any of its workers reported."""
    device: str = ""
    """The device of its latest worker; "" before the first `Started`."""
    keep_on_stop: bool | None = None
    """The ``keep`` of `Dispatcher.cancel`; None if the job was not asked to stop."""

    def record_step(self, step: int) -> None:
        """Reset the crash count if ``step`` is further than the job has been."""
        if step > self.max_step:
            self.max_step, self.crashes = step, 0

    def record_crash(self) -> AfterCrash:
        """Count a worker's death and decide what happens to the job."""
        self.crashes += 1
        if self.keep_on_stop is False:
            return AfterCrash.CANCEL
        if self.crashes < MAX_CRASHES:
            return AfterCrash.RETRY
        return AfterCrash.RETRY_ON_CPU if self._ran_on_gpu() else AfterCrash.FAIL

    def should_retry_on_cpu(self, failure: Failed) -> bool:
        """Whether the job ran out of memory on a device other than the CPU."""
        return failure.code in OUT_OF_MEMORY_CODES and self._ran_on_gpu()

    def _ran_on_gpu(self) -> bool:
        return bool(self.device) and self.device != CPU
