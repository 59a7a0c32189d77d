"""The way to a daemon: found by its connection file, started where there is none, found again when it has gone."""

from __future__ import annotations

import os
import platform
from typing import Callable, Optional

from gramarye_plugin.backend import Backend, record, recorded, running
from gramarye_plugin.session import Session, Standing
from gramarye_plugin.status_text import Words, of_standing
from gramarye_protocol.messages import Event, Refused
from krita import Krita

from .launcher import Launcher
from .transport import Transport

MOST_STARTS = 3
"""Starts in a row that led to no connection, after which the user must ask for another."""


class Link:
    """``changed`` is called whenever `words` or the session's standing may have."""

    def __init__(
        self,
        folder: str,
        changed: Callable[[], None],
        happened: Callable[[Event], None],
        ticked: Callable[[float], None],
    ) -> None:
        self._folder = folder
        self._changed = changed
        self._ticked = ticked
        self._is_wanted = False
        self._starts = 0
        self._trouble: Optional[Refused] = None
        self._launcher = Launcher(self._launched)
        client = f"krita {Krita.instance().version()} ({platform.python_version()})"
        self.session = Session(client, self._stood, happened)
        self._transport = Transport(self.session, self._tick)

    @property
    def is_ready(self) -> bool:
        """Whether requests can be sent."""
        return self.session.standing is Standing.READY

    @property
    def words(self) -> Words:
        """How things stand, and what helps."""
        return of_standing(self.session, self._launcher.is_busy, self._trouble)

    @property
    def backend(self) -> Optional[Backend]:
        """The installation of Gramarye; None where the plugin knows of none."""
        found = recorded(self._folder)
        return found if isinstance(found, Backend) else None

    def want(self) -> None:
        """There should be a connection from now on."""
        self._is_wanted, self._starts, self._trouble = True, 0, None
        self._seek()

    def configure(self, python: str) -> None:
        """Another installation: remember it and use it."""
        record(Backend(python), self._folder)
        self.want()

    def flush(self) -> None:
        """Send what the session has to say."""
        self._transport.flush()

    def _seek(self) -> None:
        """One attempt: the announced daemon, else a new one."""
        if self.session.standing is not Standing.AWAY or self._launcher.is_busy:
            return
        found = running(os.environ)
        if not isinstance(found, Refused) and self.session.unreachable != found:
            self._transport.open(found)
        elif self._starts < MOST_STARTS and self._trouble is None:
            self._start()
        self._changed()

    def _start(self) -> None:
        backend = recorded(self._folder)
        if isinstance(backend, Refused):
            self._trouble = backend
            return
        self._starts += 1
        self._launcher.start(backend)

    def _launched(self, refused: Optional[Refused]) -> None:
        self._trouble = refused
        if refused is None:
            self._seek()
        self._changed()

    def _stood(self) -> None:
        if self.is_ready:
            self._starts, self._trouble = 0, None
        self._changed()

    def _tick(self, now: float) -> None:
        if self._is_wanted and self.session.standing is Standing.AWAY:
            self._seek()
        self._ticked(now)
