"""Finds the daemon of this user, or starts one."""

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

# plugin/gramarye_plugin/backend.py has IDLE_EXIT and DETACHED_FLAGS too: the client must not import that package.
IDLE_EXIT = 1800
"""A daemon started by a client exits after this many seconds without a client."""

_START_TIMEOUT = 30.0
_RETRY_INTERVAL = 0.1

_DETACHED_FLAGS = 0x00000208 if sys.platform == "win32" else 0
"""CREATE_NEW_PROCESS_GROUP | DETACHED_PROCESS on Windows."""


def find_daemon() -> ConnectionInfo:
    """Return how to reach the running daemon.

    Errors: ``no-daemon``, ``connection-unsafe``, ``connection-malformed``, ``version-unsupported``,
    ``runtime-folder``.
    """
    path = connection_path(os.environ)
    if not os.path.exists(path) or not is_daemon_running():  # file without lock: left by a killed daemon
        raise _no_daemon_error()
    try:
        info = read_connection(path)
    except ProtocolError as error:
        raise DaemonError(error.code, error.message, error.hint) from None
    if not is_port_open(info):  # file of a killed daemon; its successor holds the lock, but is not ready
        raise _no_daemon_error()
    return info


def is_daemon_running() -> bool:
    """Return whether a daemon holds the per-user lock: from before it writes its connection file until it exits.

    An open port does not prove it: another program may be using the port by now. Errors: ``runtime-folder``.
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
            "runtime-folder",
            f"The daemon's folder cannot be used: {error}.",
            "Check that you own it and that its disk is not full.",
        ) from None


def find_or_start_daemon() -> ConnectionInfo:
    """Return how to reach the running daemon; start one if none is running.

    Errors: those of `find_daemon`; ``daemon-start``; those that the new daemon reports, such as
    ``ledger-unreadable``.
    """
    try:
        return find_daemon()
    except DaemonError as error:
        if error.code != "no-daemon":
            raise
    return _start()


def _start() -> ConnectionInfo:
    """Start a daemon; retry while another one is exiting or starting."""
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
                "daemon-start", "Another daemon neither exits nor answers.", f"Its log says why: {stderr_path()}"
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
                cwd=stderr_path().parent,  # python -m imports from cwd first, so it must not be the caller's cwd
                env=_absolute_environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,  # survives the terminal and its Ctrl-C
                creationflags=_DETACHED_FLAGS,
            )
    except OSError as error:
        raise DaemonError(
            "daemon-start",
            f"The daemon cannot be started: {error}.",
            "Check that you own its folder and that the disk is not full.",
        ) from None


def _absolute_environment() -> dict[str, str]:
    """Return a copy of this process's environment with relative folders made absolute."""
    environ = dict(os.environ)
    for name, value in os.environ.items():
        if name.startswith("GRAMARYE_") and name.endswith("_DIR") and value:
            environ[name] = os.path.abspath(value)
    if "PYTHONPATH" in environ:
        entries = environ["PYTHONPATH"].split(os.pathsep)
        environ["PYTHONPATH"] = os.pathsep.join(os.path.abspath(entry) for entry in entries if entry)
    return environ


def _read_startup_report(process: subprocess.Popen[bytes], deadline: float) -> dict[str, Any]:
    """Return the daemon's startup report: ``ready``, or an error's ``code``, ``message``, ``hint``; may be empty."""
    assert process.stdout is not None
    with process.stdout as output:
        if sys.platform != "win32":  # on Windows, select cannot wait for pipes: a hung daemon blocks readline
            with selectors.DefaultSelector() as selector:
                selector.register(output, selectors.EVENT_READ)
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    return {}
        line = output.readline()
    try:
        report = json.loads(line)
    except ValueError:  # it exited without a report
        return {}
    return {"ready": True} if report.get("ready") else dict(report.get("error", {}))
