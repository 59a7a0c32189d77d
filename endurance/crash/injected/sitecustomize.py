"""Kill a daemon's process (SIGKILL) at a chosen write. Python imports this module first if its folder is on PYTHONPATH.

GRAMARYE_CRASH is ``ROLE:NUMBER``: ``front`` or ``worker``, and the number of the point at which it dies.
GRAMARYE_CRASH_TRACE names a file that gets a line for every point passed. GRAMARYE_CRASH_MARK names a file that the
kill creates; while it exists, no other process of that role is killed. There is a point before and after each statement
that changes the ledger and each change of a file or folder under the state folder, and in the middle of each write.
Checkpoints are written after every step.

With GRAMARYE_CRASH_POWER the machine's power fails at the point: the daemon's other process dies as well, and all
writes of this one that were not flushed are discarded (`unsynced`).
"""

from __future__ import annotations

import builtins
import os
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any

from unsynced import UnsyncedChanges

_WRITE_VERBS = ("insert", "update", "delete", "alter", "create")


class CrashPoints:
    """Counts the points that this process passes."""

    def __init__(self, role: str) -> None:
        wanted, _, number = os.environ.get("GRAMARYE_CRASH", "").partition(":")
        self._role = role
        self._crash_at = int(number) if wanted == role else 0
        self._mark = os.environ.get("GRAMARYE_CRASH_MARK", "")
        self._trace = os.environ.get("GRAMARYE_CRASH_TRACE")
        self._number = 0
        self._lock = threading.RLock()  # discarding writes passes points itself
        self._is_power_cut = "GRAMARYE_CRASH_POWER" in os.environ
        self._parent = os.getppid()
        self.unsynced = UnsyncedChanges(f"{self._mark}-attic-{os.getpid()}")

    def reach(self, what: str) -> None:
        """Pass one more point; the process may die here."""
        with self._lock:
            self._number += 1
            if self._trace:
                with _open(self._trace, "a", encoding="utf-8") as trace:
                    trace.write(f"{self._role} {self._number} {what}\n")
            if self._number == self._crash_at and not os.path.exists(self._mark):
                _open(self._mark, "w").close()
                if self._is_power_cut:
                    for other in self._others():
                        with suppress(ProcessLookupError):
                            os.kill(other, signal.SIGKILL)
                    self.unsynced.discard()
                os.kill(os.getpid(), signal.SIGKILL)

    def _others(self) -> list[int]:
        """The daemon's other processes; none for a worker whose front process is gone."""
        if self._role == "worker":
            return [self._parent] if os.getppid() == self._parent else []
        lists = Path("/proc/self/task").glob("*/children")
        return [int(child) for children in lists for child in children.read_text(encoding="ascii").split()]


class _CrashingFile:
    """A file whose writes are points, before, in the middle and after."""

    def __init__(self, file: Any, points: CrashPoints) -> None:
        self._file = file
        self._points = points

    def write(self, data: Any) -> int:
        """Write like a file."""
        whole = memoryview(data).cast("B")
        half = len(whole) // 2
        self._points.reach("before write")
        self._file.write(whole[:half])
        self._file.flush()
        self._points.reach("amid write")
        self._file.write(whole[half:])
        return len(whole)

    def __enter__(self) -> _CrashingFile:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


_open = builtins.open


def _role() -> str:
    arguments = sys.orig_argv
    if "gramarye.daemon.worker" in arguments:
        return "worker"
    return "front" if "serve" in arguments else ""


def _wrap_os_function(name: str, points: CrashPoints, state: str) -> None:
    """Add points before and after a function of ``os`` whose first or second argument is in the state folder."""
    original: Callable[..., Any] = getattr(os, name)

    @wraps(original)
    def wrapper(*arguments: Any, **keywords: Any) -> Any:
        paths = [_path_of(argument) for argument in arguments]
        is_ours = keywords.get("dir_fd") is not None or any(path.startswith(state) for path in paths)
        if not is_ours:
            result = original(*arguments, **keywords)
            if name == "fsync":  # of a parent folder
                points.unsynced.mark_synced(paths[0])
            return result
        points.reach(f"before {name}")
        record_change = points.unsynced.before_rename(paths[1]) if name in ("replace", "rename", "link") else None
        result = original(*arguments, **keywords)
        if record_change is not None:
            record_change()
        elif name == "mkdir":
            points.unsynced.folder_created(paths[0])
        elif name == "fsync":
            points.unsynced.mark_synced(paths[0])
        points.reach(f"after {name}")
        return result

    setattr(os, name, wrapper)


def _path_of(argument: Any) -> str:
    """The path of a path or a descriptor."""
    if isinstance(argument, int):
        try:
            return os.readlink(f"/proc/self/fd/{argument}")
        except OSError:
            return ""
    try:
        return os.fsdecode(argument)
    except TypeError:
        return ""


def _crashing_connection_class(points: CrashPoints) -> type[sqlite3.Connection]:
    class CrashingConnection(sqlite3.Connection):
        """A connection to the ledger whose changes are points."""

        def execute(self, statement: str, *arguments: Any) -> sqlite3.Cursor:
            """Execute like a connection."""
            verb = statement.split(maxsplit=1)[0].lower()
            if verb not in _WRITE_VERBS:
                return super().execute(statement, *arguments)
            points.reach(f"before {verb}")
            cursor = super().execute(statement, *arguments)
            points.reach(f"after {verb}")
            return cursor

    return CrashingConnection


def _install(role: str) -> None:
    points, state = CrashPoints(role), os.path.realpath(os.environ["GRAMARYE_STATE_DIR"])
    for name in ("replace", "fsync", "link", "unlink", "mkdir", "rmdir", "rename"):
        _wrap_os_function(name, points, state)

    def crashing_open(file: Any, mode: str = "r", *arguments: Any, **keywords: Any) -> Any:
        path = _path_of(file)
        if mode != "wb" or not path.startswith(state):
            return _open(file, mode, *arguments, **keywords)
        record_change = points.unsynced.before_rename(path)
        opened = _open(file, mode, *arguments, **keywords)
        points.unsynced.opened(path)
        record_change()
        return _CrashingFile(opened, points)

    builtins.open = crashing_open
    connect, crashing_connection = sqlite3.connect, _crashing_connection_class(points)
    sqlite3.connect = lambda *arguments, **keywords: connect(*arguments, factory=crashing_connection, **keywords)  # type: ignore[assignment]
    if role == "worker":
        from gramarye.daemon.worker import checkpoint

        checkpoint.MIN_INTERVAL = checkpoint.WRITE_TIME_FACTOR = 0.0
        checkpoint.MAX_BYTES_PER_SECOND = float("inf")


if _role() and "GRAMARYE_CRASH" in os.environ:
    _install(_role())
