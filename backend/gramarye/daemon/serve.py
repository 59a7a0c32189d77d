"""The daemon's life: one per user, announced, idle exit, clean stop."""

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
from .dispatcher import Dispatcher, FinalEvent
from .handlers import MAX_MESSAGE, RequestHandlers
from .housekeeping import run_periodic_tasks, stop_when_idle
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
"""Seconds: a client that asks the lock whether a daemon runs holds it for a moment."""

_SHUTDOWN_TIMEOUT = 5.0


@dataclass(frozen=True)
class ServeOptions:
    """How to serve: a worker per device; ``threads`` 0 leaves the number to the worker; times in seconds.

    ``idle_exit`` 0 serves until stopped. ``release_after`` is how long a worker keeps its network warm. ``quota`` is
    how many bytes jobs may hold on disk, 0 for `disk_quota.default_quota`. ``listen`` is where clients on other
    machines may come, ``tcp://HOST:PORT``; empty: nowhere.
    """

    devices: tuple[str, ...] = ("auto",)
    threads: int = 0
    idle_exit: float = 0.0
    release_after: float = 600.0
    quota: int = 0
    listen: str = ""


@dataclass(frozen=True)
class Ready:
    """What is announced: the daemon's connection file, and the endpoint for other machines where there is one."""

    connection: ConnectionInfo
    remote: str = ""


def serve(options: ServeOptions, announce: Callable[[Ready], None]) -> None:
    """Serve until stopped by request, signal or idleness; ``announce`` is called once clients may come.

    Errors: ``daemon-running`` where this user has one, ``runtime-folder``, ``folder-unsafe``, those of `recover_state`;
    ``listen-without-keys``, ``keys-unreadable``, those of `door.bind_remote`.
    """
    if sys.platform == "win32":  # zmq.asyncio needs a loop that can watch sockets
        asyncio.set_event_loop_policy(asyncio.WindowsSelectorEventLoopPolicy())
    with _lock_daemon():
        asyncio.run(_serve(options, announce))


def _lock_daemon() -> FileLock:
    """The lock of the one daemon per user, held."""
    folder = Path(runtime_dir(os.environ))
    lock = FileLock(folder / "daemon.lock", timeout=_LOCK_TIMEOUT)
    try:
        make_private_folder(folder)
        make_private_folder(state_dir())
        lock.acquire()
    except Timeout:
        raise DaemonError(
            "daemon-running", "A daemon of yours is running already.", "Use it, or stop it: gramarye stop"
        ) from None
    except OSError as error:
        raise _folder_trouble(error) from None
    return lock


class _Front:
    """The front process, put together: who comes in, what is asked of whom, and what is written down."""

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
        took = self._listener.guard.add_received
        self._server = Server(self._listener.socket, keyring, subscriptions, MAX_MESSAGE, took, self._on_client_gone)
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
        """Until it is stopped, or one of its loops breaks; then that one's error."""
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
            task.result()  # a loop that broke must not look like a clean stop

    async def _close(self) -> None:
        await self._server.drain(1.0)
        await asyncio.to_thread(self._dispatcher.close, _SHUTDOWN_TIMEOUT)
        self._writer.retry()
        self._listener.close()
        self._ledger.close()

    def _loops(self) -> list[Coroutine[Any, Any, None]]:
        """What goes on until the end."""
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
        """A client that watched these jobs has gone."""
        for job, watching in jobs:
            if watching.ends_with_client:
                log.info("job ends with its client", extra={"job": job})
                # it may be the dispatcher that is telling somebody
                asyncio.get_running_loop().call_soon(self._dispatcher.cancel, job, False)
            else:
                self._dispatcher.previews_changed(job)

    def _worker(self, device: str) -> Executor:
        loop = asyncio.get_running_loop()

        def to_loop(handler: Callable[..., None], *arguments: object) -> None:
            try:
                loop.call_soon_threadsafe(partial(handler, *arguments))
            except RuntimeError:  # the loop has ended: a last word from a worker that is being closed
                log.debug("a worker spoke after the end")

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
        "runtime-folder", f"The daemon cannot use its folders: {error}.", "See that they are yours and not full."
    )


def _load_keys(listen: str) -> tuple[KeyPair, KeyFolder] | None:
    """The keys of one that is to listen to other machines. Errors: ``listen-without-keys``, ``keys-unreadable``."""
    if not listen:
        return None
    folder = KeyFolder(keys_dir())
    if not any(folder.clients()):
        raise DaemonError(
            "listen-without-keys",
            "Other machines are let in with keys alone, and there are none.",
            "Make some first: gramarye keys add NAME --address tcp://HOST:PORT -o FILE",
        )
    return folder.daemon_pair(), folder


def _release_files(spool: Spool, disk_quota: DiskQuota, ending: FinalEvent) -> None:
    """What a job held beside its painting goes when the job has ended."""
    if isinstance(ending, Done):
        spool.remove_inputs(ending.job)
    else:
        spool.remove(ending.job)
    disk_quota.end_reservation(ending.job)


def _default_quota() -> int:
    return default_quota(shutil.disk_usage(state_dir()).total)


def _stop_on_signals(stopped: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopped.set))
        else:
            loop.add_signal_handler(number, stopped.set)
