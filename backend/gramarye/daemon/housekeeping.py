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

EVERY = 1.0
"""Seconds."""


async def keep_house(chores: Sequence[Callable[[], None]]) -> None:
    """Do every chore; one that the ledger or the disk hinders is done another time."""
    while True:
        await asyncio.sleep(EVERY)
        for chore in chores:
            try:
                chore()
            except DaemonError as error:
                log.error("housekeeping waits: %s", error.message)


async def end_when_idle(after: float, server: Server, dispatcher: Dispatcher, stopped: asyncio.Event) -> None:
    """Stop once nobody has called, and nothing was to be done, for ``after`` seconds; 0 is never."""
    idle_since = time.monotonic()
    while not stopped.is_set():
        await asyncio.sleep(EVERY)
        now = time.monotonic()
        if dispatcher.busy:
            idle_since = now
        if after and now - max(idle_since, server.heard_at) >= after:
            log.info("nobody has called for %.0f s", after)
            stopped.set()
