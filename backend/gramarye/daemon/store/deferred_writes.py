"""Writes what becomes of jobs into the ledger, later where the ledger cannot take it now.

A disk that is full or locked for a moment must neither stop the queue nor keep clients in the dark.
"""

from __future__ import annotations

import logging
from collections import deque

from ...errors import DaemonError
from .ledger import Ledger

log = logging.getLogger(__name__)


class DeferredWriter:
    """Changes in order; those that fail are kept and tried again by `retry`."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._pending: deque[tuple[str, dict[str, object]]] = deque()

    def update(self, job: str, **columns: object) -> None:
        """Record a change of a job."""
        self._pending.append((job, columns))
        self.retry()

    def retry(self) -> None:
        """Write what waits, oldest first, as far as the ledger takes it."""
        while self._pending:
            job, columns = self._pending[0]
            try:
                self._ledger.update(job, **columns)
            except DaemonError as error:
                log.error("job cannot be recorded yet: %s", error.message, extra={"job": job})
                return
            self._pending.popleft()
