"""The files of a `gramarye diagnostics` bundle, with private data removed."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import asdict
from importlib import metadata
from pathlib import Path

from .. import __version__
from ..daemon.store.inspect_state import inspect_state
from ..errors import DaemonError
from ..files.paths import log_path, state_dir, stderr_path
from ..files.redact import Redactor
from .doctor import run_checks
from .redacted_words import redaction_terms

TAIL_BYTES = 1 << 18
"""Maximum number of bytes read from the end of each log."""

_ENV_PREFIXES = ("GRAMARYE_", "OMP_", "MKL_", "CUDA_", "PYTORCH_")
"""Prefixes of the environment variables that change what Gramarye does."""

_LIBRARIES = ("torch", "numpy", "scipy", "imagecodecs", "tifffile", "pillow", "pyzmq", "safetensors", "h5py")

_README = """Output of `gramarye diagnostics`, for a bug report about Gramarye.

versions.json  Gramarye, Python, the system, the libraries
doctor.json    the findings of `gramarye doctor`
settings.json  environment variables that change what Gramarye does
jobs.json      the number of jobs in each state, and the disk space they use
log.jsonl      the end of the daemon's log
stderr.txt     the end of the daemon's standard error

It contains no pictures, no titles, no names of pictures, people, machines or folders, and no keys.
"""


def diagnostics_files() -> dict[str, str]:
    """Return file name -> text. A source that cannot be read does not affect the other files."""
    redactor = Redactor(redaction_terms())
    values = {
        "versions.json": _versions(),
        "doctor.json": [asdict(finding) for finding in run_checks()],
        "settings.json": _settings(os.environ),
        "jobs.json": _jobs(),
    }
    members = {"README.txt": _README}
    members |= {name: json.dumps(redactor.value(value), indent=1) + "\n" for name, value in values.items()}
    members["log.jsonl"] = "".join(f"{_log_line(line, redactor)}\n" for line in _tail(log_path()))
    members["stderr.txt"] = "".join(f"{redactor.text(line)}\n" for line in _tail(stderr_path()))
    return members


def _versions() -> dict[str, object]:
    return {
        "gramarye": __version__,
        "python": sys.version.split()[0],
        "system": [platform.system(), platform.release(), platform.machine()],
        "libraries": {name: _version(name) for name in _LIBRARIES},
    }


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _settings(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in sorted(environ.items()) if name.startswith(_ENV_PREFIXES)}


def _jobs() -> dict[str, object]:
    try:
        found = inspect_state(state_dir())
    except DaemonError as error:
        return {"error": {"code": error.code, "message": error.message}}
    return {**asdict(found), "set_aside": len(found.set_aside)}


def _log_line(line: str, redactor: Redactor) -> str:
    """Redact the values of a log line and keep its field names; redact a line that is not JSON as text."""
    try:
        return json.dumps(redactor.value(json.loads(line)))
    except ValueError:
        return json.dumps({"text": redactor.text(line)})


def _tail(path: Path) -> list[str]:
    """Return the last complete lines of a file, at most `TAIL_BYTES`; empty if it cannot be read."""
    try:
        with open(path, "rb") as file:
            start = max(0, os.fstat(file.fileno()).st_size - TAIL_BYTES)
            file.seek(start)
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    return lines[1:] if start else lines
