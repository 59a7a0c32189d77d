"""The user's folders: job state, logs, own styles, keys. (The runtime folder is the protocol's, as plugins need it.)"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from gramarye_protocol.connection import runtime_dir

DAEMON_VARIABLE = "GRAMARYE_DAEMON"
"""In the environment: the file that names another daemon than this user's own."""


def state_dir() -> Path:
    """Jobs and their pixels; ``GRAMARYE_STATE_DIR`` overrides."""
    return _folder("GRAMARYE_STATE_DIR", platformdirs.user_state_dir("gramarye", appauthor=False))


def log_path() -> Path:
    """The daemon's log; older parts of it end in ``.1`` and so on."""
    return state_dir() / "logs" / "daemon.log"


def stderr_path() -> Path:
    """Where a daemon that a client started writes what is no log: why it could not start, or crashed."""
    return Path(runtime_dir(os.environ)) / "daemon.log"


def styles_dir() -> Path:
    """The user's own style pictures; ``GRAMARYE_DATA_DIR`` overrides the folder above."""
    return _folder("GRAMARYE_DATA_DIR", platformdirs.user_data_dir("gramarye", appauthor=False)) / "styles"


def keys_dir() -> Path:
    """The keys of clients on other machines; ``GRAMARYE_DATA_DIR`` overrides the folder above."""
    return _folder("GRAMARYE_DATA_DIR", platformdirs.user_data_dir("gramarye", appauthor=False)) / "keys"


def _folder(variable: str, default: str) -> Path:
    return Path(os.environ.get(variable) or default)
