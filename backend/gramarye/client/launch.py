"""Finding the daemon of this user, or starting one."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from pathlib import Path

from gramarye_protocol.connection import ConnectionInfo, connection_path, read_connection, runtime_dir
from gramarye_protocol.errors import ProtocolError

from ..errors import DaemonError
from .link import listens

IDLE_EXIT = 1800
"""Seconds without a caller after which a daemon that a client started ends itself."""

_START_WITHIN = 30.0

_DETACHED = 0x00000208 if sys.platform == "win32" else 0
"""CREATE_NEW_PROCESS_GROUP | DETACHED_PROCESS; elsewhere there are no such flags."""


def log_path() -> Path:
    """Where a daemon that a client started writes its log."""
    return Path(runtime_dir(os.environ)) / "daemon.log"


def find_daemon() -> ConnectionInfo:
    """The running daemon.

    Errors: ``no-daemon``, ``connection-unsafe``, ``connection-malformed``, ``version-unsupported``.
    """
    try:
        info = read_connection(connection_path(os.environ))
    except ProtocolError as error:
        raise DaemonError(error.code, error.message, error.hint) from None
    if not listens(info):  # killed before it could take its file away
        raise DaemonError("no-daemon", "No daemon is running.", "Start one: gramarye serve")
    return info


def find_or_start_daemon() -> ConnectionInfo:
    """The running daemon, or a new one. Errors: ``daemon-start``, and those of `find_daemon`."""
    try:
        return find_daemon()
    except DaemonError as error:
        if error.code not in ("no-daemon", "connection-malformed"):
            raise
    return _start()


def _start() -> ConnectionInfo:
    process = _spawn()
    deadline = time.monotonic() + _START_WITHIN
    ready = _ready_line(process, deadline)
    while time.monotonic() < deadline:  # without a ready line another daemon may have won the race
        try:
            return find_daemon()
        except DaemonError as error:
            if error.code != "no-daemon":
                raise
        if not ready and process.poll() not in (None, DaemonError.exit_status):
            break
        time.sleep(0.05)
    raise DaemonError("daemon-start", "The daemon did not start.", f"Its log says why: {log_path()}")


def _spawn() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "gramarye", "serve", "--idle-exit", str(IDLE_EXIT)]
    try:
        log_path().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(log_path(), "ab") as errors:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,  # it outlives the terminal, and is not hit by its Ctrl-C
                creationflags=_DETACHED,
            )
    except OSError as error:
        raise DaemonError(
            "daemon-start", f"The daemon cannot be started: {error}.", "See that its folder is yours and not full."
        ) from None


def _ready_line(process: subprocess.Popen[bytes], deadline: float) -> bool:
    """Whether the daemon said that it is ready."""
    assert process.stdout is not None
    with process.stdout as output:
        if sys.platform != "win32":  # where select knows no pipes, a daemon that hangs at start hangs its caller
            with selectors.DefaultSelector() as selector:
                selector.register(output, selectors.EVENT_READ)
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    return False
        line = output.readline()
    try:
        return bool(json.loads(line)["ready"])
    except (ValueError, KeyError, TypeError):
        return False
