"""The daemon from start to stop: one per user, announced in the connection file, stopped by request or when idle."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import shutil
import signal
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from gramarye_protocol.connection import ConnectionInfo, connection_path, runtime_dir, write_connection
from gramarye_protocol.messages import Done, WatchOptions

from ..access.curve import KeyFolder, KeyPair
from ..access.private import make_private_folder
from ..errors import DaemonError
from ..files.paths import keys_dir, state_dir
from .dispatcher import Dispatcher
from .final_events import FinalEvent
from .handlers import RequestHandlers
from .housekeeping import run_periodic_tasks, stop_when_idle
from .limits import MAX_MESSAGE
from .network.keyring import Keyring
from .network.listener import Listener
from .network.server import Server
from .store.deferred_writes import DeferredWriter
from .store.eviction import QuotaLimits
from .store.open_state import recover_state
from .store.quota import DiskQuota, default_quota
from .store.recovery import OrphanedJobs
from .store.spool import Spool
from .subscriptions import Subscriptions
from .worker_process import CPU, Executor, WorkerProcess

log = logging.getLogger(__name__)

_LOCK_TIMEOUT = 1.0
"""Seconds to wait for the lock: a client that checks for a running daemon holds it for a moment."""

_SHUTDOWN_TIMEOUT = 5.0
"""Seconds that workers have to end before they are killed."""


@dataclass(frozen=True)
class ServeOptions:
    """Options of `serve`. Times are in seconds.

    There is one worker per device, each with ``threads`` threads (0: the worker chooses). ``idle_exit`` is the idle
    time after which the daemon stops (0: never), ``release_after`` that after which a worker is released. ``quota`` is
    the disk quota of all jobs in bytes (0: `default_quota`). ``listen`` is the address for clients on other machines,
    ``tcp://HOST:PORT`` (empty: none).
    """

    devices: tuple[str, ...] = ("auto",)
    threads: int = 0
    idle_exit: float = 0.0
    release_after: float = 600.0
    quota: int = 0
    listen: str = ""


@dataclass(frozen=True)
class Ready:
    """The announcement: the contents of the connection file, and the endpoint for other machines ("" if none)."""

    connection: ConnectionInfo
    remote: str = ""


def serve(options: ServeOptions, announce: Callable[[Ready], None]) -> None:
    """Serve until a request, a signal or the idle timeout stops the daemon.

    ``announce`` is called when clients can connect. Errors: ``daemon-running`` if this user already runs a daemon,
    ``runtime-folder``, ``folder-unsafe``, ``listen-without-keys``, ``keys-unreadable``, those of `recover_state` and
    `router_socket.bind_remote`.
    """
    if sys.platform == "win32":  # zmq.asyncio needs a loop with add_reader
        asyncio.set_event_loop_policy(asyncio.WindowsSelectorEventLoopPolicy())
    with _lock_daemon():
        asyncio.run(_serve(options, announce))


def _lock_daemon() -> FileLock:
    """Acquire and return the lock that allows one daemon per user."""
    folder = Path(runtime_dir(os.environ))
    lock = FileLock(folder / "daemon.lock", timeout=_LOCK_TIMEOUT)
    try:
        make_private_folder(folder)
        make_private_folder(state_dir())
        lock.acquire()
    except Timeout:
        raise DaemonError(
            "daemon-running", "Your daemon is already running.", "Use it, or stop it: gramarye stop"
        ) from None
    except OSError as error:
        raise _folder_trouble(error) from None
    return lock


class _Front:
    """The front process: builds its parts and runs their loops."""

    def __init__(self, options: ServeOptions, stopped: asyncio.Event) -> None:
        self._options = options
        self._stopped = stopped
        self._ledger, spool, self._unfinished = recover_state(state_dir())
        key = secrets.token_bytes(32)
        known = _load_keys(options.listen)
        keyring = Keyring(key, known)
        self._listener = Listener(keyring, options.listen, None if known is None else known[0])
        self._info = ConnectionInfo(self._listener.endpoint, key.hex(), os.getpid())
        subscriptions = Subscriptions()
        self._writer = DeferredWriter(self._ledger)
        self._limits = QuotaLimits(options.quota or _default_quota())
        self._disk_quota = DiskQuota(self._ledger, spool, self._writer, self._limits)
        on_received = self._listener.guard.add_received
        self._server = Server(
            self._listener.socket, keyring, subscriptions, MAX_MESSAGE, on_received, self._on_client_gone
        )
        self._dispatcher = Dispatcher(
            self._writer,
            self._server.publish,
            partial(_release_files, spool, self._disk_quota),
            subscriptions.preview_rates,
            lambda: self._worker(CPU),
        )
        client_bound = [job.spec.job for job in self._unfinished if job.spec.ends_with_client]
        self._orphans = OrphanedJobs(
            client_bound, subscriptions.is_watched, partial(self._dispatcher.cancel, keep=False)
        )
        self._handlers = RequestHandlers(
            self._ledger, spool, self._disk_quota, self._dispatcher, subscriptions, stopped.set
        )

    async def serve(self, announce: Callable[[Ready], None]) -> None:
        """Serve until ``stopped`` is set or a loop fails; raise the error of that loop."""
        path = connection_path(os.environ)
        _write_connection(self._info, path)
        tasks = [asyncio.create_task(loop) for loop in self._loops()]
        announce(Ready(self._info, self._listener.remote))
        log.info("serving: %s, %s", self._options, self._limits)
        self._dispatcher.add_executors([self._worker(device) for device in self._options.devices])
        for job in self._unfinished:
            self._dispatcher.submit(job.spec, True if job.keep else None)
        stop_waiter = asyncio.create_task(self._stopped.wait())
        done, _ = await asyncio.wait([*tasks, stop_waiter], return_when=asyncio.FIRST_COMPLETED)
        Path(path).unlink(missing_ok=True)
        self._handlers.close()
        self._dispatcher.stop_all()
        for task in (*tasks, stop_waiter):
            task.cancel()
        await asyncio.gather(*tasks, stop_waiter, return_exceptions=True)
        await self._close()
        for task in done - {stop_waiter}:
            task.result()  # raises the error of a loop that failed

    async def _close(self) -> None:
        await self._server.drain(1.0)
        await asyncio.to_thread(self._dispatcher.close, _SHUTDOWN_TIMEOUT)
        self._writer.retry()
        self._listener.close()
        self._ledger.close()

    def _loops(self) -> list[Coroutine[Any, Any, None]]:
        """Return the coroutines that run until the daemon stops."""
        periodic_tasks = (
            partial(self._server.probe_clients, self._handlers),
            self._server.drop_stale_clients,
            partial(self._dispatcher.release_idle, self._options.release_after),
            self._dispatcher.kill_hung,
            self._orphans.cancel_unclaimed,
            self._writer.retry,
            self._disk_quota.enforce_limits,
        )
        return [
            self._server.serve_requests(self._handlers),
            self._listener.guard.watch(),
            self._listener.guard.watch_memory(),
            run_periodic_tasks(periodic_tasks),
            stop_when_idle(self._options.idle_exit, self._server, self._dispatcher, self._stopped),
        ]

    def _on_client_gone(self, jobs: list[tuple[str, WatchOptions]]) -> None:
        """Cancel those of a lost client's jobs that end with it; update the previews of the others."""
        for job, watching in jobs:
            if watching.ends_with_client:
                log.info("job ends with its client", extra={"job": job})
                # not now: this may be called while the dispatcher publishes
                asyncio.get_running_loop().call_soon(self._dispatcher.cancel, job, False)
            else:
                self._dispatcher.previews_changed(job)

    def _worker(self, device: str) -> Executor:
        loop = asyncio.get_running_loop()

        def to_loop(handler: Callable[..., None], *arguments: object) -> None:
            try:
                loop.call_soon_threadsafe(partial(handler, *arguments))
            except RuntimeError:  # the loop is closed; the worker is being closed too
                log.debug("a worker's notice came after the loop was closed")

        dispatcher = self._dispatcher
        return WorkerProcess(
            device, self._options.threads, partial(to_loop, dispatcher.on_notice), partial(to_loop, dispatcher.on_end)
        )


async def _serve(options: ServeOptions, announce: Callable[[Ready], None]) -> None:
    stopped = asyncio.Event()
    _stop_on_signals(stopped)
    await _Front(options, stopped).serve(announce)


def _write_connection(info: ConnectionInfo, path: str) -> None:
    try:
        write_connection(info, path)
    except OSError as error:
        raise _folder_trouble(error) from None


def _folder_trouble(error: OSError) -> DaemonError:
    return DaemonError(
        "runtime-folder", f"The daemon cannot use its folders: {error}.", "Check their owner and the free disk space."
    )


def _load_keys(listen: str) -> tuple[KeyPair, KeyFolder] | None:
    """Return the daemon's and the clients' keys; None without ``listen``.

    Errors: ``listen-without-keys``, ``keys-unreadable``.
    """
    if not listen:
        return None
    folder = KeyFolder(keys_dir())
    if not any(folder.clients()):
        raise DaemonError(
            "listen-without-keys",
            "Clients on other machines need keys, and none have been made.",
            "Make some first: gramarye keys add NAME --address tcp://HOST:PORT -o FILE",
        )
    return folder.daemon_pair(), folder


def _release_files(spool: Spool, disk_quota: DiskQuota, event: FinalEvent) -> None:
    """Delete the files of an ended job, except the result and painting of one that is done."""
    if isinstance(event, Done):
        spool.remove_inputs(event.job)
    else:
        spool.remove(event.job)
    disk_quota.end_reservation(event.job)


def _default_quota() -> int:
    return default_quota(shutil.disk_usage(state_dir()).total)


def _stop_on_signals(stopped: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopped.set))
        else:
            loop.add_signal_handler(number, stopped.set)
