"""Installs Gramarye from the plugin's own wheel into a virtual environment, as a process beside Krita."""

from __future__ import annotations

import os
import shutil
import sys
import time
from typing import Callable, List, Optional, Sequence, Tuple

from gramarye_plugin.backend_setup import (
    CHECK,
    DISK_BYTES,
    DOWNLOAD_BYTES,
    PipProgress,
    SetupStep,
    environment_folder,
    environment_python,
    has_cuda,
    parse_check,
    python_candidates,
    remaining_seconds,
    setup_steps,
    size_text,
)
from gramarye_protocol.messages import Refused

from ..qt import QObject, QProcess
from .launcher import process_environment

NO_PYTHON = Refused(
    "setup-no-python",
    "No Python 3.10 or later with the module venv was found on this computer.",
    "Install one from python.org or with the system's packages (on Debian and Ubuntu also python3-venv).",
)
CANCELLED = Refused("setup-cancelled", "Setting up was cancelled.")


class Installer(QObject):
    """Finds a Python, then runs the commands of `setup_steps`, one at a time.

    ``changed`` is called after every change. `outcome` is None until it has ended; it then has the path of the
    environment's Python, or the reason why there is none.
    """

    def __init__(self, wheel: str, changed: Callable[[], None]) -> None:
        super().__init__()
        self._wheel = wheel
        self._changed = changed
        self._has_cuda = has_cuda(sys.platform)
        self._candidates = python_candidates(os.environ, sys.platform)
        self._steps: List[SetupStep] = []
        self._process: Optional[QProcess] = None
        self._output = b""
        self._began = 0.0
        self._progress = PipProgress()
        self.folder = environment_folder(os.environ, sys.platform)
        self.python: Tuple[str, ...] = ()
        """Command of the Python that was found."""
        self.sentence = ""
        self.outcome: Optional[object] = None

    @property
    def download(self) -> str:
        """About how much is downloaded."""
        return size_text(DOWNLOAD_BYTES[self._has_cuda])

    @property
    def fraction(self) -> float:
        """The part of the running download that is there, 0 to 1; below 0 if nothing is being downloaded."""
        return self._progress.done / self._progress.total if self._progress.total else -1.0

    @property
    def remaining(self) -> float:
        """Seconds until everything is downloaded; below 0 if not known."""
        elapsed = time.monotonic() - self._began
        return remaining_seconds(self._progress.received, DOWNLOAD_BYTES[self._has_cuda], elapsed)

    def find_python(self) -> None:
        """Try the candidates; at the end there is `python`, or an `outcome`."""
        if not self._candidates:
            self._end(NO_PYTHON)
            return
        candidate = self._candidates.pop(0)
        self._run((*candidate, "-c", CHECK), lambda is_good: self._checked(candidate, is_good))

    def start(self) -> None:
        """Install with the Python that was found."""
        free = shutil.disk_usage(_existing(self.folder)).free
        if free < DISK_BYTES[self._has_cuda]:
            needed = size_text(DISK_BYTES[self._has_cuda])
            message = f"There is not enough space for {self.folder}: {size_text(free)} are free, {needed} are needed."
            self._end(Refused("setup-disk", message, "Delete something, then try again."))
            return
        self._began = time.monotonic()
        self._steps = list(setup_steps(self.python, self.folder, self._wheel, os.environ, sys.platform))
        self._next()

    def cancel(self) -> None:
        """Stop, and remove the environment."""
        if self.outcome is None:
            self.outcome = CANCELLED
            if self._process is not None:
                self._process.kill()
                self._process.waitForFinished(1000)
            if self._began:
                shutil.rmtree(self.folder, ignore_errors=True)
            self._changed()

    def _checked(self, candidate: Tuple[str, ...], is_good: bool) -> None:
        if is_good and parse_check(self._output.decode("utf-8", "replace")) is not None:
            self.python = candidate
            self._changed()
        else:
            self.find_python()

    def _next(self) -> None:
        if not self._steps:
            self._end(environment_python(self.folder, sys.platform))
            return
        step = self._steps.pop(0)
        self._progress = PipProgress()
        self.sentence = step.sentence
        self._run(step.command, self._step_ended)
        self._changed()

    def _step_ended(self, is_good: bool) -> None:
        if is_good:
            self._next()
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        reason = self._progress.error or _last_line(self._output) or "no reason was given"
        message = f"Gramarye could not be installed: {reason}"
        self._end(Refused("setup-failed", message, "Check the connection to the internet, then try again."))

    def _run(self, command: Sequence[str], ended: Callable[[bool], None]) -> None:
        """Run a command, reading its output as it comes."""
        process = self._process = QProcess(self)
        self._output = b""
        process.setProcessEnvironment(process_environment())
        process.setWorkingDirectory(os.path.expanduser("~"))
        process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        process.readyRead.connect(lambda: self._read(process))
        process.finished.connect(lambda code, _status: self._finished(process, code == 0, ended))
        process.errorOccurred.connect(lambda error: self._not_started(process, error, ended))
        process.start(command[0], list(command[1:]))

    def _read(self, process: QProcess) -> None:
        text = bytes(process.readAll())
        lines = (self._output + text).split(b"\n")
        known = self._output.count(b"\n")
        self._output += text
        for line in lines[known:-1]:
            self._progress.feed(line.decode("utf-8", "replace"))
        self.sentence = self._progress.sentence or self.sentence
        if self.outcome is None:
            self._changed()

    def _finished(self, process: QProcess, is_good: bool, ended: Callable[[bool], None]) -> None:
        if process is self._process and self.outcome is None:
            self._read(process)
            self._process = None
            ended(is_good)

    def _not_started(self, process: QProcess, error: object, ended: Callable[[bool], None]) -> None:
        if error == QProcess.ProcessError.FailedToStart and process is self._process and self.outcome is None:
            self._process = None
            ended(False)

    def _end(self, outcome: object) -> None:
        self.outcome = outcome
        self._changed()


def _existing(folder: str) -> str:
    """Return the nearest parent of ``folder`` that exists."""
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder)
    return folder


def _last_line(output: bytes) -> str:
    lines = output.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else ""
