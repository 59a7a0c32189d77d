"""Where the daemon is, and how one is started: with the interpreter recorded beside the installed plugin."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Dict, List, Mapping, Optional, Union

from gramarye_protocol.connection import ConnectionInfo, connection_path, read_connection
from gramarye_protocol.errors import ProtocolError
from gramarye_protocol.messages import Refused

FILE_NAME = "backend.json"

IDLE_EXIT = 1800
"""Seconds without a caller after which a daemon that a plugin started ends itself."""

EDITOR_VARIABLES = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH")
"""What an editor sets for its own Python and libraries, and would break another's."""


@dataclass(frozen=True)
class Backend:
    """An installation of Gramarye: the path of its Python."""

    python: str

    def command(self) -> List[str]:
        """What starts its daemon."""
        return [self.python, "-m", "gramarye", "serve", "--idle-exit", str(IDLE_EXIT)]


def load_backend(folder: str) -> Union[Backend, Refused]:
    """What was recorded in the plugin's ``folder``; `Refused` with ``backend-missing`` where nothing usable was."""
    try:
        with open(os.path.join(folder, FILE_NAME), encoding="utf-8") as file:
            python = json.load(file)["python"]
    except (OSError, ValueError, KeyError, TypeError):
        return _backend_missing("The plugin does not know where Gramarye is installed.")
    if not isinstance(python, str) or not os.path.isfile(python):
        return _backend_missing(f"Gramarye is no longer installed at {python}.")
    return Backend(python)


def save_backend(backend: Backend, folder: str) -> None:
    """Write it down for `load_backend`."""
    with open(os.path.join(folder, FILE_NAME), "w", encoding="utf-8") as file:
        json.dump({"python": backend.python}, file)


def clean_environment(environ: Mapping[str, str]) -> Dict[str, str]:
    """The editor's environment without what belongs to the editor's own Python."""
    return {name: value for name, value in environ.items() if name not in EDITOR_VARIABLES}


def find_daemon(environ: Mapping[str, str]) -> Union[ConnectionInfo, Refused]:
    """The daemon that has announced itself, which may have died since; `Refused` where there is none."""
    try:
        return read_connection(connection_path(environ))
    except ProtocolError as error:
        return Refused(error.code, error.message, error.hint)


def parse_ready_line(line: bytes) -> Optional[Refused]:
    """What a daemon that was started says on its first line of output: None for being ready, or for another that is."""
    try:
        said = json.loads(line)
        if said.get("ready") or said["error"]["code"] == "daemon-running":
            return None
        error = said["error"]
        return Refused(str(error["code"]), str(error["message"]), str(error.get("hint", "")))
    except (ValueError, KeyError, TypeError, AttributeError):
        return Refused("daemon-start", "The daemon did not start.", "gramarye doctor says what is wrong.")


def _backend_missing(sentence: str) -> Refused:
    return Refused("backend-missing", sentence, "In a terminal: gramarye plugin install krita, or gimp.")
