"""Finds the daemon by its connection file, starts one if none runs, and reconnects when it is lost."""

from __future__ import annotations

import os
import platform
from typing import Callable, Optional

from gramarye_plugin.backend import Backend, find_daemon, load_backend, save_backend
from gramarye_plugin.backend_setup import find_wheel
from gramarye_plugin.session import ConnectionState, Session
from gramarye_plugin.status_text import StatusMessage, connection_message
from gramarye_protocol.messages import Event, Refused
from krita import Krita

from ..refusals import NOT_SET_UP
from ..translations import tr
from .launcher import Launcher
from .transport import Transport

MAX_STARTS = 3
"""Starts in a row without a connection; after these the user must ask for another start."""


class Link:
    """The link to the daemon. ``changed`` is called whenever `status` or the connection state may have changed.

    ``ticked`` is called every second with the monotonic time, ``all_sent`` when all requests have been sent.
    """

    def __init__(
        self,
        folder: str,
        changed: Callable[[], None],
        on_event: Callable[[Event], None],
        ticked: Callable[[float], None],
        all_sent: Callable[[], None],
    ) -> None:
        self.folder = folder
        self._changed = changed
        self._ticked = ticked
        self._is_wanted = False
        self._starts = 0
        self._start_refusal: Optional[Refused] = None
        self._launcher = Launcher(self._launch_finished)
        client = f"krita {Krita.instance().version()} ({platform.python_version()})"
        self.session = Session(client, self._session_changed, on_event)
        self._transport = Transport(self.session, self._tick, all_sent)

    @property
    def is_ready(self) -> bool:
        """Whether requests can be sent."""
        return self.session.connection_state is ConnectionState.READY

    @property
    def status(self) -> StatusMessage:
        """The status sentence and help action."""
        return connection_message(self.session, self._launcher.is_busy, self._start_refusal, tr)

    @property
    def backend(self) -> Optional[Backend]:
        """The installation of Gramarye; None if none is recorded."""
        found = load_backend(self.folder)
        return found if isinstance(found, Backend) else None

    def ensure_connected(self) -> None:
        """Connect now, and reconnect from now on."""
        self._is_wanted, self._starts, self._start_refusal = True, 0, None
        self._try_connect()

    def refresh(self) -> None:
        """Ask the daemon which networks and recipes it has now; connect if there is no connection."""
        if self.is_ready:
            self.session.refresh()
            self.flush()
        else:
            self.ensure_connected()

    def configure(self, python: str) -> None:
        """Record another installation by its Python, and connect to its daemon."""
        save_backend(Backend(python), self.folder)
        self.ensure_connected()

    def flush(self) -> None:
        """Send the session's pending data."""
        self._transport.flush()

    def finish(self) -> None:
        """Send the session's pending data before Krita exits."""
        self._transport.finish()

    def _try_connect(self) -> None:
        """Connect to the running daemon, or start one."""
        if self.session.connection_state is not ConnectionState.DISCONNECTED or self._launcher.is_busy:
            return
        found = find_daemon(os.environ)
        if not isinstance(found, Refused) and self.session.unreachable != found:
            self._transport.open(found)
        elif self._starts < MAX_STARTS and self._start_refusal is None:
            self._start()
        self._changed()

    def _start(self) -> None:
        backend = load_backend(self.folder)
        if isinstance(backend, Refused):
            self._start_refusal = NOT_SET_UP if find_wheel(self.folder) else backend
            return
        self._starts += 1
        self._launcher.start(backend)

    def _launch_finished(self, refused: Optional[Refused]) -> None:
        self._start_refusal = refused
        if refused is None:
            self._try_connect()
        self._changed()

    def _session_changed(self) -> None:
        if self.is_ready:
            self._starts, self._start_refusal = 0, None
        self._changed()

    def _tick(self, now: float) -> None:
        if self._is_wanted and self.session.connection_state is ConnectionState.DISCONNECTED:
            self._try_connect()
        self._ticked(now)
