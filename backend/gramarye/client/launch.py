"""Finding the daemon of this user, or starting one."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from gramarye_protocol.connection import ConnectionInfo, connection_path, read_connection, runtime_dir
from gramarye_protocol.errors import ProtocolError

from ..errors import DaemonError
from ..files.paths import stderr_path
from .connection import is_port_open

IDLE_EXIT = 1800
"""Seconds without a caller after which a daemon that a client started ends itself."""

_START_TIMEOUT = 30.0
_RETRY_INTERVAL = 0.1

_DETACHED_FLAGS = 0x00000208 if sys.platform == "win32" else 0
"""CREATE_NEW_PROCESS_GROUP | DETACHED_PROCESS; elsewhere there are no such flags."""


def find_daemon() -> ConnectionInfo:
    """The running daemon.

    Errors: ``no-daemon``, ``connection-unsafe``, ``connection-malformed``, ``version-unsupported``,
    ``runtime-folder``.
    """
    path = connection_path(os.environ)
    if not os.path.exists(path) or not is_daemon_running():  # without the lock the file is left over from a killed one
        raise _no_daemon_error()
    try:
        info = read_connection(path)
    except ProtocolError as error:
        raise DaemonError(error.code, error.message, error.hint) from None
    if not is_port_open(info):  # a killed one's file, and the lock is its successor's, which is not ready yet
        raise _no_daemon_error()
    return info


def is_daemon_running() -> bool:
    """Whether a daemon holds the lock of the one daemon per user: from before its connection file until its end.

    The port tells less: another program may have it by now. Errors: ``runtime-folder``.
    """
    try:
        with FileLock(Path(runtime_dir(os.environ)) / "daemon.lock", timeout=0):
            return False
    except Timeout:
        return True
    except FileNotFoundError:  # no folder
        return False
    except OSError as error:
        raise DaemonError(
            "runtime-folder", f"The daemon's folder cannot be used: {error}.", "See that it is yours and not full."
        ) from None


def find_or_start_daemon() -> ConnectionInfo:
    """The running daemon, or a new one.

    Errors: those of `find_daemon`; ``daemon-start``; those of the daemon's start, as ``ledger-unreadable``.
    """
    try:
        return find_daemon()
    except DaemonError as error:
        if error.code != "no-daemon":
            raise
    return _start()


def _start() -> ConnectionInfo:
    """Start one, again and again while another ends or is about to be ready."""
    deadline = time.monotonic() + _START_TIMEOUT
    while True:
        report = _read_startup_report(_spawn(), deadline)
        if not report.get("ready") and report.get("code") != "daemon-running":
            raise DaemonError(
                str(report.get("code", "daemon-start")),
                str(report.get("message", "The daemon did not start.")),
                str(report.get("hint", f"Its log says why: {stderr_path()}")),
            )
        try:
            return find_daemon()
        except DaemonError as error:
            if error.code != "no-daemon":
                raise
        if time.monotonic() >= deadline:
            raise DaemonError(
                "daemon-start", "Another daemon neither ends nor answers.", f"Its log says why: {stderr_path()}"
            )
        time.sleep(_RETRY_INTERVAL)


def _no_daemon_error() -> DaemonError:
    return DaemonError("no-daemon", "No daemon is running.", "Start one: gramarye serve")


def _spawn() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "gramarye", "serve", "--idle-exit", str(IDLE_EXIT)]
    try:
        stderr_path().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(stderr_path(), "ab") as errors:
            return subprocess.Popen(
                command,
                cwd=stderr_path().parent,  # python -m imports from there first: the user's folder must not be it
                env=_absolute_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,  # it outlives the terminal, and is not hit by its Ctrl-C
                creationflags=_DETACHED_FLAGS,
            )
    except OSError as error:
        raise DaemonError(
            "daemon-start", f"The daemon cannot be started: {error}.", "See that its folder is yours and not full."
        ) from None


def _absolute_environment() -> dict[str, str]:
    """This process's, with the folders that are relative to where it stands made absolute."""
    environ = dict(os.environ)
    for name, value in os.environ.items():
        if name.startswith("GRAMARYE_") and name.endswith("_DIR") and value:
            environ[name] = os.path.abspath(value)
    if "PYTHONPATH" in environ:
        entries = environ["PYTHONPATH"].split(os.pathsep)
        environ["PYTHONPATH"] = os.pathsep.join(os.path.abspath(entry) for entry in entries if entry)
    return environ


def _read_startup_report(process: subprocess.Popen[bytes], deadline: float) -> dict[str, Any]:
    """What the daemon said of its start: ``ready``, or the error's ``code``, ``message``, ``hint``; or nothing."""
    assert process.stdout is not None
    with process.stdout as output:
        if sys.platform != "win32":  # where select knows no pipes, a daemon that hangs at start hangs its caller
            with selectors.DefaultSelector() as selector:
                selector.register(output, selectors.EVENT_READ)
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    return {}
        line = output.readline()
    try:
        report = json.loads(line)
    except ValueError:  # it died without a word
        return {}
    return {"ready": True} if report.get("ready") else dict(report.get("error", {}))
