"""The user's folders: job state, logs, own styles, keys.

The runtime folder is defined in `gramarye_protocol.connection`, because plugins need it too.
"""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from gramarye_protocol.connection import runtime_dir

DAEMON_VARIABLE = "GRAMARYE_DAEMON"
"""Environment variable: path of the file that names a daemon other than the user's own."""


def state_dir() -> Path:
    """Return the folder of jobs and their pixels; ``GRAMARYE_STATE_DIR`` overrides it."""
    return _folder("GRAMARYE_STATE_DIR", platformdirs.user_state_dir("gramarye", appauthor=False))


def log_path() -> Path:
    """Return the path of the daemon's log; rotated logs end in ``.1`` and so on."""
    return state_dir() / "logs" / "daemon.log"


def stderr_path() -> Path:
    """Return the path for the standard error of a daemon started by a client: failed starts and crashes."""
    return Path(runtime_dir(os.environ)) / "daemon.log"


def styles_dir() -> Path:
    """Return the folder of the user's style pictures; ``GRAMARYE_DATA_DIR`` overrides its parent."""
    return _folder("GRAMARYE_DATA_DIR", platformdirs.user_data_dir("gramarye", appauthor=False)) / "styles"


def keys_dir() -> Path:
    """Return the folder of the keys for other machines; ``GRAMARYE_DATA_DIR`` overrides its parent."""
    return _folder("GRAMARYE_DATA_DIR", platformdirs.user_data_dir("gramarye", appauthor=False)) / "keys"


def _folder(variable: str, default: str) -> Path:
    return Path(os.environ.get(variable) or default)
