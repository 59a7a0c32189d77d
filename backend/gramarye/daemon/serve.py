"""The daemon's life: one per user, announced, idle exit, clean stop."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import zmq.asyncio
from filelock import FileLock, Timeout

from gramarye_protocol.connection import ConnectionInfo, connection_path, runtime_dir, write_connection
from gramarye_protocol.messages import Done, Watching

from ..access.curve import KeyFolder, Pair
from ..access.private import make_private
from ..errors import DaemonError
from ..paths import keys_dir, state_dir
from . import swelling
from .desk import MAX_MESSAGE, Desk
from .dispatcher import Dispatcher, Ending
from .door import bind_local, bind_remote, make_router
from .doorman import Doorman
from .executor import PROCESSOR, Executor, LocalWorker
from .expiry import Limits
from .gate import Gate
from .housekeeping import end_when_idle, keep_house
from .keyring import Keyring
from .recorder import Recorder
from .records import take_over
from .resuming import Orphans
from .server import Server
from .spool import Spool
from .storeroom import Storeroom, default_quota
from .watchers import Watchers

log = logging.getLogger(__name__)

_LOCK_WITHIN = 1.0
"""Seconds: a client that asks the lock whether a daemon runs holds it for a moment."""

_PATIENCE = 5.0


@dataclass(frozen=True)
class ServeOptions:
    """How to serve: a worker per device; ``threads`` 0 leaves the number to the worker; times in seconds.

    ``idle_exit`` 0 serves until stopped. ``release_after`` is how long a worker keeps its network warm. ``quota`` is
    how many bytes jobs may hold on disk, 0 for `storeroom.default_quota`. ``listen`` is where clients on other
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

    Errors: ``daemon-running`` where this user has one, ``runtime-folder``, ``folder-unsafe``, those of `take_over`;
    ``listen-without-keys``, ``keys-unreadable``, those of `door.bind_remote`.
    """
    if sys.platform == "win32":  # zmq.asyncio needs a loop that can watch sockets
        asyncio.set_event_loop_policy(asyncio.WindowsSelectorEventLoopPolicy())
    with _only_one():
        asyncio.run(_serve(options, announce))


def _only_one() -> FileLock:
    """The lock of the one daemon per user, held."""
    folder = Path(runtime_dir(os.environ))
    lock = FileLock(folder / "daemon.lock", timeout=_LOCK_WITHIN)
    try:
        make_private(folder)
        make_private(state_dir())
        lock.acquire()
    except Timeout:
        raise DaemonError(
            "daemon-running", "A daemon of yours is running already.", "Use it, or stop it: gramarye stop"
        ) from None
    except OSError as error:
        raise _folder_trouble(error) from None
    return lock


async def _serve(options: ServeOptions, announce: Callable[[Ready], None]) -> None:
    stopped = asyncio.Event()
    _stop_on_signals(stopped)
    ledger, spool, unfinished = take_over(state_dir())
    key = secrets.token_bytes(32)
    known = _known(options.listen)
    keyring = Keyring(key, known)
    context = zmq.asyncio.Context()
    gate = Gate(context, keyring)
    gate.start()
    socket = make_router(context)
    endpoint = bind_local(socket)
    doorman = Doorman(socket, int(endpoint.rpartition(":")[2]), swelling.bound())
    remote = bind_remote(socket, options.listen, known[0]) if known else ""
    watchers = Watchers()
    recorder = Recorder(ledger)
    limits = Limits(options.quota or _default_quota())
    storeroom = Storeroom(ledger, spool, recorder, limits)

    def on_left(jobs: list[tuple[str, Watching]]) -> None:
        loop = asyncio.get_running_loop()
        for job, watching in jobs:
            if watching.ends_with_client:
                log.info("job ends with its client", extra={"job": job})
                loop.call_soon(dispatcher.cancel, job, False)  # it may be the dispatcher that is telling somebody
            else:
                dispatcher.previews_changed(job)

    server = Server(socket, keyring, watchers, MAX_MESSAGE, doorman.took, on_left)
    dispatcher = Dispatcher(
        recorder,
        server.publish,
        partial(_tidy, spool, storeroom),
        watchers.preview_rates,
        lambda: _worker(PROCESSOR, options, dispatcher),
    )
    tied = [job.spec.job for job in unfinished if job.spec.ends_with_client]
    orphans = Orphans(tied, watchers.is_watched, partial(dispatcher.cancel, keep=False))
    desk = Desk(ledger, spool, storeroom, dispatcher, watchers, stopped.set)
    chores = (
        partial(server.remind, desk),
        server.tidy,
        partial(dispatcher.release_idle, options.release_after),
        dispatcher.end_hung,
        orphans.settle,
        recorder.catch_up,
        storeroom.tidy,
    )
    path = connection_path(os.environ)
    info = ConnectionInfo(endpoint, key.hex(), os.getpid())
    _write_connection(info, path)
    tasks = [
        asyncio.create_task(server.receive(desk)),
        asyncio.create_task(doorman.watch()),
        asyncio.create_task(doorman.watch_memory()),
        asyncio.create_task(keep_house(chores)),
        asyncio.create_task(end_when_idle(options.idle_exit, server, dispatcher, stopped)),
    ]
    announce(Ready(info, remote))
    log.info("serving: %s, %s", options, limits)
    dispatcher.use([_worker(device, options, dispatcher) for device in options.devices])
    for job in unfinished:
        dispatcher.submit(job.spec, True if job.keep else None)
    watcher = asyncio.create_task(stopped.wait())
    done, _ = await asyncio.wait([*tasks, watcher], return_when=asyncio.FIRST_COMPLETED)
    Path(path).unlink(missing_ok=True)
    desk.close()
    dispatcher.stop_all()
    for task in (*tasks, watcher):
        task.cancel()
    await asyncio.gather(*tasks, watcher, return_exceptions=True)
    await server.finish(1.0)
    await asyncio.to_thread(dispatcher.close, _PATIENCE)
    recorder.catch_up()
    doorman.close()
    gate.stop()
    socket.close()
    context.term()
    ledger.close()
    for task in done - {watcher}:
        task.result()  # a loop that broke must not look like a clean stop


def _write_connection(info: ConnectionInfo, path: str) -> None:
    try:
        write_connection(info, path)
    except OSError as error:
        raise _folder_trouble(error) from None


def _folder_trouble(error: OSError) -> DaemonError:
    return DaemonError(
        "runtime-folder", f"The daemon cannot use its folders: {error}.", "See that they are yours and not full."
    )


def _known(listen: str) -> tuple[Pair, KeyFolder] | None:
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


def _tidy(spool: Spool, storeroom: Storeroom, ending: Ending) -> None:
    """What a job held beside its painting goes when the job has ended."""
    if isinstance(ending, Done):
        spool.keep_painting(ending.job)
    else:
        spool.remove(ending.job)
    storeroom.settle(ending.job)


def _default_quota() -> int:
    return default_quota(shutil.disk_usage(state_dir()).total)


def _worker(device: str, options: ServeOptions, dispatcher: Dispatcher) -> Executor:
    loop = asyncio.get_running_loop()

    def to_loop(handler: Callable[..., None], *arguments: object) -> None:
        try:
            loop.call_soon_threadsafe(partial(handler, *arguments))
        except RuntimeError:  # the loop has ended: a last word from a worker that is being closed
            log.debug("a worker spoke after the end")

    return LocalWorker(
        device, options.threads, partial(to_loop, dispatcher.on_notice), partial(to_loop, dispatcher.on_end)
    )


def _stop_on_signals(stopped: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopped.set))
        else:
            loop.add_signal_handler(number, stopped.set)
