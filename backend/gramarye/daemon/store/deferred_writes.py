"""Writes what becomes of jobs into the ledger, later where the ledger cannot take it now.

A disk that is full or locked for a moment must neither stop the queue nor keep clients in the dark.
"""

from __future__ import annotations

import logging
from collections import deque

from ...errors import DaemonError
from .ledger import Ledger

log = logging.getLogger(__name__)


class Recorder:
    """Changes in order; those that fail are kept and tried again by `catch_up`."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._late: deque[tuple[str, dict[str, object]]] = deque()

    def change(self, job: str, **columns: object) -> None:
        """Record a change of a job."""
        self._late.append((job, columns))
        self.catch_up()

    def catch_up(self) -> None:
        """Write what waits, oldest first, as far as the ledger takes it."""
        while self._late:
            job, columns = self._late[0]
            try:
                self._ledger.change(job, **columns)
            except DaemonError as error:
                log.error("job cannot be recorded yet: %s", error.message, extra={"job": job})
                return
            self._late.popleft()
