"""The seam behind which jobs run: today a worker process per device, later machines in a cluster."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Protocol

from .pipe import (
    JobSpec,
    Observe,
    Paint,
    PipeMessage,
    PreviewRate,
    Quit,
    Stop,
    read_message,
    write_message,
)

NoticeHandler = Callable[["Executor", PipeMessage], None]
EndHandler = Callable[["Executor", str], None]


class Executor(Protocol):
    """Runs one job at a time and tells of it through the two handlers, from any thread."""

    device: str

    def start(self) -> None:
        """Bring the device up, so that the first job finds it warm."""

    def paint(self, spec: JobSpec, previews: tuple[PreviewRate, ...]) -> None:
        """Run a job."""

    def observe(self, job: str, previews: tuple[PreviewRate, ...]) -> None:
        """Change what previews the running job makes."""

    def stop(self, job: str, keep: bool) -> None:
        """End the running job after its present step."""

    def release(self) -> None:
        """Give the device's memory back; the next job starts it anew."""

    def close(self, patience: float) -> None:
        """End within ``patience`` seconds, by force if need be."""


class LocalWorker:
    """A worker process on this machine."""

    def __init__(self, device: str, threads: int, on_notice: NoticeHandler, on_end: EndHandler) -> None:
        self.device = device
        self._threads = threads
        self._on_notice = on_notice
        self._on_end = on_end
        self._process: subprocess.Popen[bytes] | None = None
        self._expected_end = False

    def start(self) -> None:
        """Start the process unless it runs."""
        if self._process is not None and self._process.poll() is None and not self._expected_end:
            return
        self._expected_end = False
        command = [sys.executable, "-m", "gramarye.daemon.worker", self.device, str(self._threads)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_worker_environment(),
            start_new_session=True,  # Ctrl-C goes to the front alone, which ends its workers in order
        )
        threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()

    def paint(self, spec: JobSpec, previews: tuple[PreviewRate, ...]) -> None:
        """Run a job, starting the process where it was released."""
        self.start()
        self._tell(Paint(spec, previews))

    def observe(self, job: str, previews: tuple[PreviewRate, ...]) -> None:
        """Change what previews the running job makes."""
        self._tell(Observe(job, previews))

    def stop(self, job: str, keep: bool) -> None:
        """End the running job after its present step."""
        self._tell(Stop(job, keep))

    def release(self) -> None:
        """End the idle process; its memory goes back to the system."""
        self._expected_end = True
        self._tell(Quit())

    def close(self, patience: float) -> None:
        """End the process: by word, then by signal."""
        process = self._process
        if process is None:
            return
        self.release()
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    @property
    def pid(self) -> int | None:
        """The process's id while it runs."""
        running = self._process is not None and self._process.poll() is None
        return self._process.pid if running and self._process is not None else None

    def _tell(self, message: PipeMessage) -> None:
        if self._process is None or self._process.stdin is None:
            return
        try:
            write_message(self._process.stdin, message)  # type: ignore[arg-type]  # IO[bytes] is a BinaryIO
        except OSError:  # the process has died: its listener reports that
            return

    def _listen(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        while (message := read_message(process.stdout)) is not None:  # type: ignore[arg-type]  # as above
            self._on_notice(self, message)
        status = process.wait()
        process.stdout.close()
        if not (self._expected_end and process is self._process):
            self._on_end(self, _end_in_words(status))


def _worker_environment() -> dict[str, str]:
    """Threads that wait must sleep: spinning at barriers starves the editor next door (DESIGN.md)."""
    return {"OMP_WAIT_POLICY": "PASSIVE", **os.environ}


def _end_in_words(status: int) -> str:
    if status < 0:
        return f"it was killed by {signal.Signals(-status).name}"
    return f"it ended with status {status}"
