"""The seam behind which jobs run: today a worker process per device, later machines in a cluster."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Protocol

from gramarye_protocol.connection import runtime_dir
from gramarye_protocol.errors import ProtocolError

from .logs import relay_worker_log
from .worker_pipe import JobSpec, Observe, Paint, PipeMessage, PreviewRate, Quit, Stop, read_message, write_message

log = logging.getLogger(__name__)

NoticeHandler = Callable[["Executor", int, PipeMessage], None]
"""Executor, the run that speaks, what it says."""

EndHandler = Callable[["Executor", int, str], None]
"""Executor, the run that ended, why."""


CPU = "cpu"
"""The device that every machine has."""


class Executor(Protocol):
    """Runs one job at a time and tells of it through the two handlers, from any thread.

    Each time that it is brought up is a run with a number of its own, so that the last words of one run
    are never taken for the next one's.
    """

    device: str

    def start(self) -> int:
        """Bring the device up, so that the first job finds it warm; the number of the run. Errors: OSError."""

    def paint(self, spec: JobSpec, previews: tuple[PreviewRate, ...]) -> int:
        """Run a job; the number of the run that has it. Errors: OSError where it cannot be brought up."""

    def observe(self, job: str, previews: tuple[PreviewRate, ...]) -> None:
        """Change what previews the running job makes."""

    def stop(self, job: str, keep: bool) -> None:
        """End the running job after its present step."""

    def release(self) -> None:
        """Give the device's memory back; the next job starts it anew."""

    def kill(self) -> None:
        """End the present run by force; the end is reported as any other."""

    def close(self, deadline: float) -> None:
        """End all runs by ``deadline`` (of the monotonic clock), by force if need be."""


class WorkerProcess:
    """A worker process on this machine."""

    def __init__(self, device: str, threads: int, on_notice: NoticeHandler, on_end: EndHandler) -> None:
        self.device = device
        self._threads = threads
        self._on_notice = on_notice
        self._on_end = on_end
        self._run = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._leaving: list[subprocess.Popen[bytes]] = []

    def start(self) -> int:
        """Start the process unless it runs."""
        if self._process is not None and self._process.poll() is None:
            return self._run
        command = [sys.executable, "-m", "gramarye.daemon.worker", self.device, str(self._threads)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_worker_environment(),
            cwd=runtime_dir(os.environ),  # python -m imports from there first: the user's folder must not be it
            start_new_session=True,  # Ctrl-C goes to the front alone, which ends its workers in order
        )
        self._run += 1
        threading.Thread(target=self._listen, args=(self._process, self._run), daemon=True).start()
        threading.Thread(target=relay_worker_log, args=(self._process.stderr, self.device), daemon=True).start()
        return self._run

    def paint(self, spec: JobSpec, previews: tuple[PreviewRate, ...]) -> int:
        """Run a job, starting the process where it was released or has died."""
        run = self.start()
        self._tell(Paint(spec, previews))
        return run

    def observe(self, job: str, previews: tuple[PreviewRate, ...]) -> None:
        """Change what previews the running job makes."""
        self._tell(Observe(job, previews))

    def stop(self, job: str, keep: bool) -> None:
        """End the running job after its present step."""
        self._tell(Stop(job, keep))

    def release(self) -> None:
        """Ask the process to end; its memory goes back to the system when it has."""
        if self._process is None:
            return
        self._tell(Quit())
        self._leaving = [process for process in (*self._leaving, self._process) if process.poll() is None]
        self._process = None

    def kill(self) -> None:
        """Kill the process."""
        if self._process is not None:
            self._process.kill()

    def close(self, deadline: float) -> None:
        """End the processes: by word, then by signal."""
        self.release()
        for process in self._leaving:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _tell(self, message: PipeMessage) -> None:
        if self._process is None or self._process.stdin is None:
            return
        try:
            write_message(self._process.stdin, message)  # type: ignore[arg-type]  # IO[bytes] is a BinaryIO
        except OSError:  # the process has died: its listener reports that
            return

    def _listen(self, process: subprocess.Popen[bytes], run: int) -> None:
        assert process.stdout is not None
        try:
            while (message := read_message(process.stdout)) is not None:  # type: ignore[arg-type]  # as above
                self._on_notice(self, run, message)
        except (ProtocolError, KeyError, ValueError) as error:
            log.error("worker for %s cannot be understood: %s", self.device, error)
            process.kill()
        status = process.wait()
        process.stdout.close()
        self._on_end(self, run, _describe_exit(status))


def _worker_environment() -> dict[str, str]:
    """The front's, with folders that hold from anywhere.

    Threads that wait must sleep: spinning at barriers starves the editor next door (DESIGN.md).
    """
    folders = {
        name: os.path.abspath(value)
        for name, value in os.environ.items()
        if name.startswith("GRAMARYE_") and name.endswith("_DIR") and value
    }
    return {"OMP_WAIT_POLICY": "PASSIVE", **os.environ, **folders}


def _describe_exit(status: int) -> str:
    if status >= 0:
        return f"it ended with status {status}"
    try:
        return f"it was killed by {signal.Signals(-status).name}"
    except ValueError:  # a real-time signal has no name
        return f"it was killed by signal {-status}"
