"""Finds the daemon, and the command that starts one: the Python recorded in the plugin's folder is run."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from typing import Dict, List, Mapping, Optional, Union

from gramarye_protocol.connection import ConnectionInfo, connection_path, read_connection
from gramarye_protocol.errors import ProtocolError
from gramarye_protocol.messages import Refused

FILE_NAME = "backend.json"

# backend/gramarye/client/launch.py has IDLE_EXIT and DETACHED_FLAGS too: the client must not import this package.
IDLE_EXIT = 1800
"""Seconds without a client after which a daemon started by a plugin exits."""

DETACHED_FLAGS = 0x00000208 if sys.platform == "win32" else 0
"""CREATE_NEW_PROCESS_GROUP | DETACHED_PROCESS for `subprocess.Popen`; 0 on systems other than Windows."""

EDITOR_VARIABLES = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH")
"""Environment variables that editors set for their own Python and libraries; they would break the daemon's Python."""


@dataclass(frozen=True)
class Backend:
    """An installation of Gramarye, given by the path of its Python."""

    python: str

    def command(self) -> List[str]:
        """Return the command line that starts the daemon."""
        return [self.python, "-m", "gramarye", "serve", "--idle-exit", str(IDLE_EXIT)]


def load_backend(folder: str) -> Union[Backend, Refused]:
    """Return the installation recorded in ``folder``; `Refused` with ``backend-missing`` if none is usable."""
    try:
        with open(os.path.join(folder, FILE_NAME), encoding="utf-8") as file:
            python = json.load(file)["python"]
    except (OSError, ValueError, KeyError, TypeError):
        return _backend_missing("The plugin does not know where Gramarye is installed.")
    if not isinstance(python, str) or not os.path.isfile(python):
        return _backend_missing(f"Gramarye is no longer installed at {python}.")
    return Backend(python)


def save_backend(backend: Backend, folder: str) -> None:
    """Record the installation in the plugin's ``folder``, for `load_backend`."""
    with open(os.path.join(folder, FILE_NAME), "w", encoding="utf-8") as file:
        json.dump({"python": backend.python}, file)


def clean_environment(environ: Mapping[str, str]) -> Dict[str, str]:
    """Return the editor's environment without `EDITOR_VARIABLES`."""
    return {name: value for name, value in environ.items() if name not in EDITOR_VARIABLES}


def find_daemon(environ: Mapping[str, str]) -> Union[ConnectionInfo, Refused]:
    """Read the connection file; `Refused` if there is no valid one. The daemon that wrote it may have died since."""
    try:
        return read_connection(connection_path(environ))
    except ProtocolError as error:
        return Refused(error.code, error.message, error.hint)


def parse_ready_line(line: bytes) -> Optional[Refused]:
    """Parse the first output line of a started daemon; None if a daemon (this one or another) is ready."""
    try:
        said = json.loads(line)
        if said.get("ready") or said["error"]["code"] == "daemon-running":
            return None
        error = said["error"]
        return Refused(str(error["code"]), str(error["message"]), str(error.get("hint", "")))
    except (ValueError, KeyError, TypeError, AttributeError):
        return Refused("daemon-start", "The daemon did not start.", "Run: gramarye doctor")


def _backend_missing(sentence: str) -> Refused:
    return Refused("backend-missing", sentence, "Run in a terminal: gramarye plugin install krita (or gimp).")
