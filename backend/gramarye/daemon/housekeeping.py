"""What the front does every second, and when it has had nothing to do for long enough."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence

from ..errors import DaemonError
from .dispatcher import Dispatcher
from .network.server import Server

log = logging.getLogger(__name__)

INTERVAL = 1.0
"""Seconds."""


async def run_periodic_tasks(periodic_tasks: Sequence[Callable[[], None]]) -> None:
    """Do every chore; one that the ledger or the disk hinders is done another time."""
    while True:
        await asyncio.sleep(INTERVAL)
        for chore in periodic_tasks:
            try:
                chore()
            except DaemonError as error:
                log.error("housekeeping waits: %s", error.message)


async def stop_when_idle(after: float, server: Server, dispatcher: Dispatcher, stopped: asyncio.Event) -> None:
    """Stop once nobody has called, and nothing was to be done, for ``after`` seconds; 0 is never."""
    idle_since = time.monotonic()
    while not stopped.is_set():
        await asyncio.sleep(INTERVAL)
        now = time.monotonic()
        if dispatcher.is_busy:
            idle_since = now
        if after and now - max(idle_since, server.last_request_at) >= after:
            log.info("nobody has called for %.0f s", after)
            stopped.set()
