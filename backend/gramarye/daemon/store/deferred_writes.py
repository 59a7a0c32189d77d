"""Ledger updates that are kept and retried if they fail.

A disk that is full, or a file that is locked, must not stop the queue or hold up events to clients.
"""

from __future__ import annotations

import logging
from collections import deque

from ...errors import DaemonError
from .ledger import Ledger

log = logging.getLogger(__name__)


class DeferredWriter:
    """Writes updates to the ledger in order; keeps those that fail until `retry` succeeds."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._pending: deque[tuple[str, dict[str, object]]] = deque()

    def update(self, job: str, **columns: object) -> None:
        """Set columns of a job, now or in a later `retry`."""
        self._pending.append((job, columns))
        self.retry()

    def retry(self) -> None:
        """Write the pending updates, oldest first, until one fails."""
        while self._pending:
            job, columns = self._pending[0]
            try:
                self._ledger.update(job, **columns)
            except DaemonError as error:
                log.error("job cannot be recorded yet: %s", error.message, extra={"job": job})
                return
            self._pending.popleft()
