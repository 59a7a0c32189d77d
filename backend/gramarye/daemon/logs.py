"""The daemon's log: one JSON object per line, in rotated files.

A line has ``time`` (UTC), ``level``, ``process``, ``message`` and, if known, ``job``, ``code``, ``device``,
``nbytes`` and ``traceback``. Pixels and titles are never logged; paths are cut to the file name (`redact`).
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
"""``process`` of the front's lines; that of a worker's lines is "worker" and its device."""

MAX_BYTES = 1 << 20
BACKUP_COUNT = 4
"""A file is rotated at this size in bytes; this many old files are kept, named ``daemon.log.1`` and so on."""

REPEAT_INTERVAL = 60.0
"""Seconds until the same warning is logged again: a disk that stays full must not fill the log."""

_FIELDS = ("job", "code", "device", "nbytes")
_MAX_LINE = 1 << 16
"""Bytes of a worker's line; a longer one is split."""

log = logging.getLogger(__name__)


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without a line break."""
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
    """Passes each warning or error once per `REPEAT_INTERVAL` and job, and every record of a lower level."""

    def __init__(self) -> None:
        super().__init__()
        self._logged_at: dict[tuple[object, ...], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether to log the record."""
        if record.levelno < logging.WARNING:
            return True
        key = (record.name, record.msg, getattr(record, "job", ""))
        self._logged_at = {old: at for old, at in self._logged_at.items() if record.created - at < REPEAT_INTERVAL}
        return self._logged_at.setdefault(key, record.created) == record.created


class LogFile(RotatingFileHandler):
    """The rotated file, readable only by its owner; if it cannot be written, lines go to standard error."""

    def __init__(self, path: Path) -> None:
        """The file is opened when the first line is logged."""
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
        """Write the line to standard error, if the disk is full or read-only."""
        with contextlib.suppress(Exception):
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()


def log_daemon(path: Path) -> None:
    """Log to the file at ``path`` and, as plain text, to standard error if that is a terminal."""
    handlers: list[logging.Handler] = [LogFile(path)]
    if sys.stderr is not None and sys.stderr.isatty():
        terminal = logging.StreamHandler()
        terminal.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        handlers.append(terminal)
    logging.basicConfig(level=logging.INFO, handlers=handlers)


def log_worker() -> None:
    """Log to standard error; the front copies the lines to its log (`relay_worker_log`)."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def relay_worker_log(stream: BinaryIO, device: str) -> None:
    """Log what a worker and its libraries write to standard error, until the stream ends."""
    with stream:
        while line := stream.readline(_MAX_LINE):
            text = line.decode("utf-8", "replace").rstrip()
            if text:
                logging.getLogger("gramarye.worker").handle(_relayed(text, device))


def truncate_stderr(path: Path) -> None:
    """Empty the file at ``path`` if it is this process's standard error and larger than `MAX_BYTES`.

    Clients that start a daemon redirect its standard error to this file, which is not rotated.
    """
    try:
        stderr = os.fstat(2)
        if os.path.samestat(stderr, os.stat(path)) and stderr.st_size > MAX_BYTES:
            os.ftruncate(2, 0)
    except OSError:  # no such file, or no standard error
        return


def _relayed(text: str, device: str) -> logging.LogRecord:
    """Return the record of a worker's line; text that is not JSON becomes the message."""
    try:
        fields = json.loads(text)
        level, message = logging.getLevelName(fields["level"].upper()), str(fields["message"])
    except (ValueError, KeyError, TypeError, AttributeError):
        fields, level, message = {}, logging.INFO, text
    level = level if isinstance(level, int) else logging.INFO
    record = logging.LogRecord("gramarye.worker", level, "", 0, message, None, None)
    extra = {name: fields[name] for name in (*_FIELDS, "traceback") if name in fields}
    record.__dict__.update(extra, worker=f"worker {device}")
    return record


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
