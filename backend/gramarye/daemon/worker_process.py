"""Executors, which run jobs for the dispatcher; the implementation here is a worker process on this machine."""

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

from .job_spec import JobSpec, PreviewRate
from .logs import relay_worker_log
from .worker_pipe import Observe, Paint, PipeMessage, Quit, Stop, read_message, write_message

log = logging.getLogger(__name__)

NoticeHandler = Callable[["Executor", int, PipeMessage], None]
"""Called with the executor, the number of the run and its notice."""

EndHandler = Callable[["Executor", int, str], None]
"""Called with the executor, the number of the run that ended and the reason."""


ALLOCATOR = {"trim_threshold": 2**62, "top_pad": 2**26, "mmap_threshold": 2**25, "tcache_count": 0, "mxfast": 0}
"""Settings of glibc's allocator for `engine.numeric.allocator`: freed memory stays with the worker until its job ends.

The caches of small blocks (tcache, fastbins) are off because their blocks lie between those of freed tensors and keep
them from being joined.
"""

CPU = "cpu"
"""The device of the fallback, which every machine has."""


class Executor(Protocol):
    """Runs one job at a time and calls the two handlers, from any thread.

    Every start is a run with a number, so that late notices of one run are not taken for those of the next.
    """

    device: str

    def start(self) -> int:
        """Start the device, so that it is warm for the first job; return the number of the run. OSError if it fails."""

    def paint(self, spec: JobSpec, previews: tuple[PreviewRate, ...]) -> int:
        """Run a job; return the number of the run that has it. OSError if the device cannot be started."""

    def observe(self, job: str, previews: tuple[PreviewRate, ...]) -> None:
        """Change the previews of the running job."""

    def stop(self, job: str, keep: bool) -> None:
        """End the running job after its current step; ``keep`` saves its best painting so far."""

    def release(self) -> None:
        """Free the device's memory; the next job starts a new run."""

    def kill(self) -> None:
        """Kill the current run; its end is reported like any other."""

    def close(self, deadline: float) -> None:
        """End all runs by ``deadline`` (seconds of the monotonic clock), by force if necessary."""


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
        """Start the process unless it is running; return the number of the run."""
        if self._process is not None and self._process.poll() is None:
            return self._run
        command = [sys.executable, "-m", "gramarye.daemon.worker", self.device, str(self._threads)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=worker_environment(),
            cwd=runtime_dir(os.environ),  # python -m imports from here first, so it must not be the user's folder
            start_new_session=True,  # only the front gets Ctrl-C; it ends its workers
        )
        self._run += 1
        threading.Thread(target=self._listen, args=(self._process, self._run), daemon=True).start()
        threading.Thread(target=relay_worker_log, args=(self._process.stderr, self.device), daemon=True).start()
        return self._run

    def paint(self, spec: JobSpec, previews: tuple[PreviewRate, ...]) -> int:
        """Run a job, after starting the process if necessary; return the number of the run."""
        run = self.start()
        self._send(Paint(spec, previews))
        return run

    def observe(self, job: str, previews: tuple[PreviewRate, ...]) -> None:
        """Change the previews of the running job."""
        self._send(Observe(job, previews))

    def stop(self, job: str, keep: bool) -> None:
        """End the running job after its current step."""
        self._send(Stop(job, keep))

    def release(self) -> None:
        """Ask the process to end, which frees its memory; does not wait."""
        if self._process is None:
            return
        self._send(Quit())
        self._leaving = [process for process in (*self._leaving, self._process) if process.poll() is None]
        self._process = None

    def kill(self) -> None:
        """Kill the process."""
        if self._process is not None:
            self._process.kill()

    def close(self, deadline: float) -> None:
        """Ask the processes to end and kill those that have not ended by ``deadline``."""
        self.release()
        for process in self._leaving:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _send(self, message: PipeMessage) -> None:
        if self._process is None or self._process.stdin is None:
            return
        try:
            write_message(self._process.stdin, message)  # type: ignore[arg-type]  # IO[bytes] is a BinaryIO
        except OSError:  # the process has died; `_listen` reports that
            return

    def _listen(self, process: subprocess.Popen[bytes], run: int) -> None:
        assert process.stdout is not None
        try:
            while (message := read_message(process.stdout)) is not None:  # type: ignore[arg-type]  # as above
                self._on_notice(self, run, message)
        except (ProtocolError, KeyError, ValueError) as error:
            log.error("worker for %s sent an invalid message: %s", self.device, error)
            process.kill()
        status = process.wait()
        process.stdout.close()
        self._on_end(self, run, _describe_exit(status))


def worker_environment() -> dict[str, str]:
    """Return the front's environment with absolute folders, because the worker has another working directory."""
    folders = {
        name: os.path.abspath(value)
        for name, value in os.environ.items()
        if name.startswith("GRAMARYE_") and name.endswith("_DIR") and value
    }
    allocator = ":".join(f"glibc.malloc.{name}={value}" for name, value in ALLOCATOR.items())
    return {"GLIBC_TUNABLES": allocator, **os.environ, **folders}


def _describe_exit(status: int) -> str:
    if status >= 0:
        return f"it ended with status {status}"
    try:
        return f"it was killed by {signal.Signals(-status).name}"
    except ValueError:  # a real-time signal has no name
        return f"it was killed by signal {-status}"
