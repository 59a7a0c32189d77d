"""Periodic tasks of the front process, and its idle exit."""

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
"""Seconds between two runs of the tasks."""


async def run_periodic_tasks(periodic_tasks: Sequence[Callable[[], None]]) -> None:
    """Run all tasks every `INTERVAL` seconds; a DaemonError (ledger, disk) of a task is logged."""
    while True:
        await asyncio.sleep(INTERVAL)
        for task in periodic_tasks:
            try:
                task()
            except DaemonError as error:
                log.error("a periodic task failed and will be retried: %s", error.message)


async def stop_when_idle(after: float, server: Server, dispatcher: Dispatcher, stopped: asyncio.Event) -> None:
    """Set ``stopped`` after ``after`` seconds without requests and jobs; 0 means never."""
    idle_since = time.monotonic()
    while not stopped.is_set():
        await asyncio.sleep(INTERVAL)
        now = time.monotonic()
        if dispatcher.is_busy:
            idle_since = now
        if after and now - max(idle_since, server.last_request_at) >= after:
            log.info("stopping: no requests for %.0f s", after)
            stopped.set()
