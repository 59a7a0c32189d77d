"""The worker process: loads torch, keeps networks warm, paints one job after another.

Started as ``python -m gramarye.daemon.worker DEVICE THREADS``; speaks `pipe` on its standard input and
output. It ends with its front: when standard input closes, it leaves at once.
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
from ..logs import log_worker
from ..worker_pipe import (
    Observe,
    Paint,
    PipeMessage,
    PreviewRate,
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
"""Exit status after which another process goes on with the job."""

NICENESS = 15
"""A thirtieth of the share of whoever wants the same core."""

AUTOGROUP, SESSION_NICENESS = Path("/proc/self/autogroup"), 5
"""Among sessions, a third of the share: other programs of the artist's would stop a painting that had a thirtieth.

See sched(7), "The autogroup feature".
"""


class CommandReader:
    """Commands as they come, read by a thread of its own so that a cancel is heard during a step."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._paints: queue.SimpleQueue[Paint | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._stopped: dict[str, bool] = {}
        self._previews: dict[str, tuple[PreviewRate, ...]] = {}
        self._is_leaving = False

    def listen(self) -> None:
        """Read until the front is gone, then end the process."""
        try:
            while (message := read_message(self._stream)) is not None:
                self._take(message)
        finally:
            os._exit(0)  # no front, nobody to paint for: a step may be running, and must not delay this

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
        """The next job; None when it is time to go."""
        return self._paints.get()

    def should_stop(self, job: str) -> bool:
        """Whether the job was asked to stop."""
        with self._lock:
            return job in self._stopped

    def should_keep(self, job: str) -> bool:
        """Whether its best iterate is wanted then."""
        with self._lock:
            return self._stopped.get(job, False)

    def should_quit(self) -> bool:
        """Whether the process is to end."""
        with self._lock:
            return self._is_leaving

    def previews(self, job: str) -> tuple[PreviewRate, ...]:
        """What previews are wanted."""
        with self._lock:
            return self._previews.get(job, ())


def main(device: str, threads: int) -> None:
    """Serve the front on the other end of standard input and output."""
    commands, notices = _claim_stdio()
    lock = threading.Lock()

    def tell(message: PipeMessage) -> None:
        with lock:
            write_message(notices, message)

    reader = CommandReader(commands)
    threading.Thread(target=reader.listen, daemon=True).start()
    _run_jobs(reader, device, threads, tell)


def _run_jobs(reader: CommandReader, device: str, threads: int, tell: Callable[[PipeMessage], None]) -> None:
    try:
        chosen, network = _prepare(device, threads)
    except GramaryeError as error:
        tell(Unfit(error.code, error.message, error.hint))
        return
    except ImportError as error:
        tell(Unfit("torch-missing", f"PyTorch cannot be loaded: {error}.", "gramarye doctor says what mends it."))
        return
    from ...engine.numeric.device import is_device_lost
    from .pipeline import WorkerResources
    from .run_job import Control, run_job

    tell(Ready(chosen))
    while (command := reader.next_job()) is not None:
        job = command.spec.job
        control = Control(
            partial(reader.should_stop, job),
            partial(reader.should_keep, job),
            reader.should_quit,
            partial(reader.previews, job),
        )
        try:
            run_job(command.spec, WorkerResources(chosen, network), control, tell)
        except Exception as error:
            log.exception("job failed unexpectedly", extra={"job": job})
            if is_device_lost(error):
                raise SystemExit(DEVICE_LOST) from None  # nothing more can be done on it from this process
            tell(_internal_error(job, error))


def _prepare(device: str, threads: int) -> tuple[str, Callable[[str], Network]]:
    """The device, and networks by name, kept warm."""
    from ...engine.numeric.device import (  # torch: seconds to import, so commands are heard first
        choose_device,
        use_huge_pages,
        use_threads,
    )
    from ...engine.vgg.network import Network
    from ...weights.store import find_network, load

    use_huge_pages()
    use_threads(threads or _default_threads())
    chosen = str(choose_device(device))

    @lru_cache(maxsize=3)
    def network(name: str) -> Network:
        info = find_network(name)
        return Network.from_arrays(info.name, load(info), info.mean)

    return chosen, network


def _internal_error(job: str, error: Exception) -> Failed:
    """A bug fails its job in words and leaves the worker alive; the log holds the traceback."""
    kind = traceback.format_exception_only(error)[-1].strip().encode("utf-8", "replace").decode("utf-8")
    hint = "Please report it, with what gramarye diagnostics writes."
    return Failed(job, "internal-error", f"Gramarye made a mistake: {kind}.", hint)


def _claim_stdio() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output for messages alone: whatever a library prints goes to standard error."""
    commands, notices = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return commands, notices


def _default_threads() -> int:
    """All cores but one; on one or two, all: half of two would double the wait, and priority guards the editor."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores if cores <= 2 else cores - 1


def _lower_priority() -> None:
    """The editor next door comes first."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    if AUTOGROUP.exists():  # Linux may share the cores between sessions first, and this process leads one of its own
        with suppress(OSError):  # the kernel was built with it and started without
            AUTOGROUP.write_text(str(SESSION_NICENESS), encoding="ascii")


if __name__ == "__main__":
    log_worker()
    _lower_priority()
    main(sys.argv[1], int(sys.argv[2]))
