"""The editor's side of a plugin session, for tests: a plain socket that transports its bytes."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable

from gramarye_plugin.paint_job import PaintJob, PaintJobListener
from gramarye_plugin.session import Session
from gramarye_protocol.connection import ConnectionInfo
from gramarye_protocol.jobs import JobView
from gramarye_protocol.messages import Done, Event, Refused, Result, Submit


class RecordingListener(PaintJobListener):
    """Records the callbacks of a paint job."""

    def __init__(self) -> None:
        self.views: list[JobView] = []
        self.waiting_count = 0
        self.outcome: object = None

    def on_progress(self, view: JobView) -> None:
        """Record the view."""
        self.views.append(view)

    def on_waiting(self) -> None:
        """Count the call."""
        self.waiting_count += 1

    def on_painted(self, result: Result, _done: Done) -> None:
        """Record the outcome."""
        self.outcome = result

    def on_failed(self, refused: Refused) -> None:
        """Record the outcome."""
        self.outcome = refused

    def on_cancelled(self) -> None:
        """Record the outcome."""
        self.outcome = "cancelled"


class FakeEditor:
    """Runs one session over TCP."""

    def __init__(self) -> None:
        self.session = Session("test", self._changed, self._on_event)
        self.painting: PaintJob | None = None
        self.listener = RecordingListener()
        self._socket: socket.socket | None = None

    def connect(self, info: ConnectionInfo, port: int | None = None) -> None:
        """Open a connection to ``port``, by default the daemon's."""
        self.close()
        self._socket = socket.create_connection(("127.0.0.1", port or info.port))
        self.session.connect(info)

    def paint(self, submit: Submit) -> None:
        """Start a paint job."""
        self.painting = PaintJob(self.session, submit, self.listener)

    def run_until(self, holds: Callable[[], bool], seconds: float = 30.0) -> None:
        """Transport bytes until ``holds`` returns True; fail after ``seconds``."""
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, (
                self.session.connection_state,
                self.session.reason,
                self.listener.outcome,
            )
            self._move()

    def close(self) -> None:
        """Close the transport."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self.session.disconnected("closed")

    def _move(self) -> None:
        if self._socket is None:
            return
        for chunk in self.session.data_to_send():
            self._socket.sendall(chunk)
        if select.select([self._socket], [], [], 0.02)[0]:
            try:
                data = self._socket.recv(1 << 16)
            except ConnectionError:
                data = b""
            if data:
                self.session.receive(data)
            else:
                self.close()
        self.session.tick(time.monotonic())
        if self.painting is not None:
            self.painting.tick(time.monotonic())

    def _changed(self) -> None:
        if self.painting is not None:
            self.painting.connection_state_changed()

    def _on_event(self, event: Event) -> None:
        if self.painting is not None:
            self.painting.handle_event(event)
