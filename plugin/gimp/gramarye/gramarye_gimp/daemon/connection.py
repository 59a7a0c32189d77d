"""`DaemonConnection` finds or starts the daemon and connects a session to it."""

from __future__ import annotations

import os
import time
from typing import Callable, Optional

from gramarye_plugin.backend import Backend, find_daemon, load_backend
from gramarye_plugin.session import ConnectionState, Session
from gramarye_plugin.status_text import StatusMessage, connection_message
from gramarye_protocol.connection import ConnectionInfo
from gramarye_protocol.messages import Event, Refused

from .launcher import Launcher
from .transport import Transport

START_TIMEOUT = 40.0
"""Seconds from the daemon's start until it must be ready; starting Python takes long on a slow disk."""

MAX_RESTARTS = 5
"""Number of times that a lost daemon is replaced during one painting."""

_RETRY_INTERVAL = 0.2
"""Seconds between two checks whether the started daemon is ready."""


class DaemonConnection:
    """Call `poll` repeatedly, until `is_ready`, or until ``refusal`` is set to the error."""

    def __init__(self, client: str, folder: str) -> None:
        """``client`` is the client's name for the log, ``folder`` the plugin's folder, which has ``backend.json``."""
        self.session = Session(client, self._state_changed, self._dispatch_event)
        self.refusal: Optional[Refused] = None
        self.on_event: Optional[Callable[[Event], None]] = None
        """Called with the events of every job."""
        self.on_state_changed: Optional[Callable[[], None]] = None
        """Called when the connection is lost, and when it is there again."""
        self.restarts_left = 0
        """How often a lost daemon will be found or started again, instead of setting ``refusal``."""
        self._folder = folder
        self._transport = Transport(self.session)
        self._launcher: Optional[Launcher] = None
        self._deadline = 0.0
        self._next_lookup = 0.0

    @property
    def is_ready(self) -> bool:
        """Whether requests are answered."""
        return self.session.connection_state is ConnectionState.READY

    def status(self, tr: Callable[[str], str] = str) -> StatusMessage:
        """Return the state of the connection for the user, translated by ``tr``."""
        return connection_message(self.session, self._launcher is not None, self.refusal, tr)

    def connect_or_start(self) -> None:
        """Begin to connect to the running daemon, or start one."""
        self.refusal = None
        found = find_daemon(os.environ)
        if isinstance(found, ConnectionInfo):
            self._transport.open(found)
        elif found.code == "no-daemon":
            self._start()
        else:
            self.refusal = found

    def poll(self, timeout: float) -> None:
        """Send and receive, waiting at most ``timeout`` seconds; then check timeouts and the daemon's start."""
        was_away = self.session.connection_state is ConnectionState.DISCONNECTED
        if was_away and timeout:
            time.sleep(timeout)
        self._transport.poll(timeout)
        self.session.tick(time.monotonic())
        if self._launcher is not None:
            self._check_start(self._launcher, time.monotonic())
        elif self.session.connection_state is ConnectionState.DISCONNECTED and not was_away:
            self._disconnected()

    def close(self) -> None:
        """Close the connection; the daemon keeps running."""
        self._transport.close()

    def _dispatch_event(self, event: Event) -> None:
        if self.on_event is not None:
            self.on_event(event)

    def _state_changed(self) -> None:
        if self.on_state_changed is not None:
            self.on_state_changed()

    def _disconnected(self) -> None:
        if self._transport.was_connection_refused:  # the connection file of a daemon that was killed
            self._start()
        elif self.restarts_left:
            self.restarts_left -= 1
            self.connect_or_start()
        else:
            hint = "Run the filter again: it starts a new daemon."
            self.refusal = Refused("daemon-lost", self.session.reason, hint)

    def _start(self) -> None:
        backend = load_backend(self._folder)
        if not isinstance(backend, Backend):
            self.refusal = backend
            return
        try:
            self._launcher = Launcher(backend, os.environ)
        except OSError as error:
            self.refusal = Refused("daemon-start", f"The daemon cannot be started: {error}.", "Run: gramarye doctor")
        self._deadline = time.monotonic() + START_TIMEOUT

    def _check_start(self, launcher: Launcher, now: float) -> None:
        if self.session.connection_state is ConnectionState.READY:
            self._launcher = None
        elif now > self._deadline:
            self._launcher = None
            self._transport.close()
            self.refusal = Refused("daemon-start", "The daemon does not start.", f"Its log says why: {launcher.log}")
        elif self.session.connection_state is ConnectionState.DISCONNECTED and now >= self._next_lookup:
            self._next_lookup = now + _RETRY_INTERVAL
            start_result = launcher.start_result()
            found = find_daemon(os.environ) if start_result is True else None
            if isinstance(start_result, Refused):
                self._launcher, self.refusal = None, start_result
            elif isinstance(found, ConnectionInfo):
                self._transport.open(found)
