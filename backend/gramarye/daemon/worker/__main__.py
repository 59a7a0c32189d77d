"""The worker process: loads torch, keeps networks in memory and runs one job at a time.

Usage: ``python -m gramarye.daemon.worker DEVICE THREADS``. It exchanges the messages of `worker_pipe` with the front
over standard input and output, and exits at once when standard input is closed.
"""

from __future__ import annotations

import logging
import os
import queue
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from gramarye_protocol.messages import Failed

from ...errors import GramaryeError
from ..job_spec import PreviewRate
from ..logs import log_worker
from ..worker_pipe import (
    Observe,
    Paint,
    PipeMessage,
    Quit,
    Ready,
    Stop,
    Unfit,
    read_message,
    write_message,
)

if TYPE_CHECKING:
    from ...engine.vgg.network import Network

log = logging.getLogger(__name__)

DEVICE_LOST = 3
"""Exit status after the device failed; the front resumes the job in a new process."""

NICENESS = 15
"""Nice value: about a thirtieth of the CPU time of a process with the default value on the same core."""

AUTOGROUP, SESSION_NICENESS = Path("/proc/self/autogroup"), 5
"""Nice value of the worker's session where Linux schedules by session (sched(7), "The autogroup feature").

About a third of the CPU time of another session: with `NICENESS`, a busy session would almost stop the worker.
"""


class CommandReader:
    """Reads commands in its own thread, so that a `Stop` takes effect while a step runs."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._paints: queue.SimpleQueue[Paint | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._stopped: dict[str, bool] = {}
        self._previews: dict[str, tuple[PreviewRate, ...]] = {}
        self._is_leaving = False

    def listen(self) -> None:
        """Read commands until the front closes the pipe, then exit the process."""
        try:
            while (message := read_message(self._stream)) is not None:
                self._take(message)
        finally:
            os._exit(0)  # not sys.exit: a running step must not delay this

    def _take(self, message: PipeMessage) -> None:
        with self._lock:
            if isinstance(message, Paint):
                self._previews = {message.spec.job: message.previews}
                self._stopped.clear()
                self._paints.put(message)
            elif isinstance(message, Observe):
                self._previews[message.job] = message.previews
            elif isinstance(message, Stop):
                self._stopped[message.job] = message.keep
            elif isinstance(message, Quit):
                self._is_leaving = True
                self._paints.put(None)

    def next_job(self) -> Paint | None:
        """Wait for the next job; None if the process is to exit."""
        return self._paints.get()

    def should_stop(self, job: str) -> bool:
        """Return whether the job was asked to stop."""
        with self._lock:
            return job in self._stopped

    def should_keep(self, job: str) -> bool:
        """Return whether the job, when stopped, is to keep its best painting."""
        with self._lock:
            return self._stopped.get(job, False)

    def should_quit(self) -> bool:
        """Return whether the process is to exit."""
        with self._lock:
            return self._is_leaving

    def previews(self, job: str) -> tuple[PreviewRate, ...]:
        """Return the previews that clients want of the job."""
        with self._lock:
            return self._previews.get(job, ())


def main(device: str, threads: int) -> None:
    """Run the worker on ``device``; ``threads`` 0 stands for all cores but one."""
    commands, notices = _claim_stdio()
    lock = threading.Lock()

    def send(message: PipeMessage) -> None:
        with lock:
            write_message(notices, message)

    reader = CommandReader(commands)
    threading.Thread(target=reader.listen, daemon=True).start()
    _run_jobs(reader, device, threads, send)


def _run_jobs(reader: CommandReader, device: str, threads: int, send: Callable[[PipeMessage], None]) -> None:
    try:
        chosen, network = _prepare(device, threads)
    except GramaryeError as error:
        send(Unfit(error.code, error.message, error.hint))
        return
    except ImportError as error:
        send(Unfit("torch-missing", f"PyTorch cannot be loaded: {error}.", "Run: gramarye doctor"))
        return
    from ...engine.numeric.device import is_device_lost
    from .pipeline import WorkerResources
    from .run_job import Control, run_job

    send(Ready(chosen))
    while (command := reader.next_job()) is not None:
        job = command.spec.job
        control = Control(
            partial(reader.should_stop, job),
            partial(reader.should_keep, job),
            reader.should_quit,
            partial(reader.previews, job),
        )
        try:
            run_job(command.spec, WorkerResources(chosen, network), control, send)
        except Exception as error:
            log.exception("job failed unexpectedly", extra={"job": job})
            if is_device_lost(error):
                raise SystemExit(DEVICE_LOST) from None  # this process cannot use it any more
            send(_internal_error(job, error))


def _prepare(device: str, threads: int) -> tuple[str, Callable[[str], Network]]:
    """Return the device and a cached loader of networks by name."""
    from ...engine.numeric.device import (  # torch takes seconds to import: read commands first
        choose_device,
        use_threads,
    )
    from ...engine.vgg.network import Network
    from ...weights.store import find_network, load

    use_threads(threads or _default_threads())
    chosen = str(choose_device(device))

    @lru_cache(maxsize=3)
    def network(name: str) -> Network:
        info = find_network(name)
        return Network.from_arrays(info.name, load(info), info.mean)

    return chosen, network


def _internal_error(job: str, error: Exception) -> Failed:
    """Return the failure of a job after a bug; the worker goes on, and the traceback is in the log."""
    kind = traceback.format_exception_only(error)[-1].strip().encode("utf-8", "replace").decode("utf-8")
    hint = "Please report it, with what gramarye diagnostics writes."
    return Failed(job, "internal-error", f"Gramarye made a mistake: {kind}.", hint)


def _claim_stdio() -> tuple[BinaryIO, BinaryIO]:
    """Return standard input and output for messages only; redirect what libraries print to standard error."""
    commands, notices = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return commands, notices


def _default_threads() -> int:
    """Return all cores but one, which is left to the editor; on one or two cores, all of them.

    There, one core less would double the time, and the worker's low priority protects the editor.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores if cores <= 2 else cores - 1


def _lower_priority() -> None:
    """Lower the priority of this process below that of the editor."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    if AUTOGROUP.exists():  # this process leads a session of its own
        with suppress(OSError):  # the feature is switched off at boot
            AUTOGROUP.write_text(str(SESSION_NICENESS), encoding="ascii")


if __name__ == "__main__":
    log_worker()
    _lower_priority()
    main(sys.argv[1], int(sys.argv[2]))
