"""Starts a daemon that outlives Krita, and reports the result."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from typing import Callable, Optional

from gramarye_plugin.backend import Backend, clean_environment, parse_ready_line
from gramarye_protocol.messages import Refused

from ..qt import QObject, QProcess, QProcessEnvironment, QTimer

POLL_MS = 50
"""Milliseconds between reads of the daemon's output."""

START_TIMEOUT = 60.0
"""Seconds until the daemon must report that it is ready; a start from a cold disk is slow."""


class Launcher(QObject):
    """Starts one daemon at a time. ``finished`` is called with None when one is ready, else with the reason."""

    def __init__(self, finished: Callable[[Optional[Refused]], None]) -> None:
        super().__init__()
        self._finished = finished
        self._output_path = ""
        self._deadline = 0.0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._poll)

    @property
    def is_busy(self) -> bool:
        """Whether a start is in progress."""
        return bool(self._timer.isActive())

    def start(self, backend: Backend) -> None:
        """Start a daemon; does nothing while another start is in progress."""
        if self.is_busy:
            return
        handle, self._output_path = tempfile.mkstemp(prefix="gramarye-")
        os.close(handle)
        command = backend.command()
        process = QProcess()
        process.setProgram(command[0])
        process.setArguments(command[1:])
        process.setProcessEnvironment(process_environment())
        process.setWorkingDirectory(os.path.expanduser("~"))
        process.setStandardOutputFile(self._output_path)
        process.setStandardErrorFile(QProcess.nullDevice())
        started = process.startDetached()
        if not (started[0] if isinstance(started, tuple) else started):
            self._end(Refused("backend-missing", f"{command[0]} cannot be started.", "Run: gramarye doctor"))
            return
        self._deadline = time.monotonic() + START_TIMEOUT
        self._timer.start(POLL_MS)

    def _poll(self) -> None:
        with open(self._output_path, "rb") as file:
            line = file.readline()
        if line.endswith(b"\n"):
            self._end(parse_ready_line(line))
        elif time.monotonic() > self._deadline:
            self._end(parse_ready_line(b""))

    def _end(self, refused: Optional[Refused]) -> None:
        self._timer.stop()
        with contextlib.suppress(OSError):
            os.unlink(self._output_path)
        self._finished(refused)


def process_environment() -> QProcessEnvironment:
    """Return Krita's environment without the variables for its own Python."""
    environment = QProcessEnvironment()
    for name, value in clean_environment(os.environ).items():
        environment.insert(name, value)
    return environment
