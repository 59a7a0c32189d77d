"""The daemon's log: one JSON object a line, in files that are turned over before they grow large.

A line has ``time`` (UTC), ``level``, ``process``, ``message``, and where they apply ``job``, ``code``, ``device``,
``nbytes`` and ``traceback``. No pixels and no titles are ever logged; paths are cut to the file's name (`scrub`).
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
from datetime import datetime, timezone
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import BinaryIO

from ..files.redact import redact

DAEMON = "daemon"
"""The process of a line that is the front's own; a worker's is "worker" and its device."""

MAX_BYTES = 1 << 20
BACKUP_COUNT = 4
"""A file is turned over at so many bytes, and so many old ones are kept, as ``daemon.log.1`` and so on."""

REPEAT_INTERVAL = 60.0
"""Seconds until a warning is said again: a disk that stays full must not fill the log."""

_FIELDS = ("job", "code", "device", "nbytes")
_LONGEST = 1 << 16
"""Bytes of one line of a worker's."""

log = logging.getLogger(__name__)


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": getattr(record, "worker", DAEMON),
            "message": redact(record.getMessage()),
        }
        line |= {name: value for name in _FIELDS if (value := getattr(record, name, ""))}
        trace = self.formatException(record.exc_info) if record.exc_info else getattr(record, "traceback", "")
        if trace:
            line["traceback"] = redact(trace)
        return json.dumps(line, ensure_ascii=False)


class RepeatFilter(logging.Filter):
    """Lets a warning through once a minute for each job, and all that is no warning."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[object, ...], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to log the record."""
        if record.levelno < logging.WARNING:
            return True
        key = (record.name, record.msg, getattr(record, "job", ""))
        self._said = {said: at for said, at in self._said.items() if record.created - at < REPEAT_INTERVAL}
        return self._said.setdefault(key, record.created) == record.created


class LogFile(RotatingFileHandler):
    """The rotated file, its owner's alone; where it cannot be written, lines go to standard error."""

    def __init__(self, path: Path) -> None:
        """The file is opened with the first line."""
        super().__init__(
            path, maxBytes=MAX_BYTES, backupCount=BACKUP_COUNT, encoding="utf-8", errors="replace", delay=True
        )
        self.setFormatter(JsonFormatter())
        self.addFilter(RepeatFilter())

    def _open(self) -> TextIOWrapper:
        path = Path(self.baseFilename)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return open(path, "a", encoding="utf-8", errors="replace", opener=_private)

    def handleError(self, record: logging.LogRecord) -> None:
        """A disk that is full or read-only: whoever runs the daemon may still read it."""
        with contextlib.suppress(Exception):
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()


def log_daemon(path: Path) -> None:
    """Log to the file at ``path``, and in plain words to a terminal where one is there to read them."""
    handlers: list[logging.Handler] = [LogFile(path)]
    if sys.stderr is not None and sys.stderr.isatty():
        words = logging.StreamHandler()
        words.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        handlers.append(words)
    logging.basicConfig(level=logging.INFO, handlers=handlers)


def log_worker() -> None:
    """Log to standard error, from where the front passes the lines on to its own log."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def relay_worker_log(stream: BinaryIO, device: str) -> None:
    """Log what a worker writes to its standard error until that ends: its lines, and whatever a library prints."""
    with stream:
        while line := stream.readline(_LONGEST):
            text = line.decode("utf-8", "replace").rstrip()
            if text:
                logging.getLogger("gramarye.worker").handle(_relayed(text, device))


def truncate_stderr(path: Path) -> None:
    """Empty the file at ``path`` where it is this process's standard error and has grown large.

    Clients that start a daemon send its standard error there, where no log is turned over.
    """
    try:
        held = os.fstat(2)
        if os.path.samestat(held, os.stat(path)) and held.st_size > MAX_BYTES:
            os.ftruncate(2, 0)
    except OSError:  # no such file, or no standard error
        return


def _relayed(text: str, device: str) -> logging.LogRecord:
    """A record of a worker's line; one that is no log line is told as it stands."""
    try:
        said = json.loads(text)
        level, message = logging.getLevelName(said["level"].upper()), str(said["message"])
    except (ValueError, KeyError, TypeError, AttributeError):
        said, level, message = {}, logging.INFO, text
    level = level if isinstance(level, int) else logging.INFO
    record = logging.LogRecord("gramarye.worker", level, "", 0, message, None, None)
    told = {name: said[name] for name in (*_FIELDS, "traceback") if name in said}
    record.__dict__.update(told, worker=f"worker {device}")
    return record


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
