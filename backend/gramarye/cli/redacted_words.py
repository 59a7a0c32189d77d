"""Words to redact in bug reports: names of the user, the machine, folders, jobs and styles, and keys."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import platform
import sys
from pathlib import Path

from gramarye_protocol.connection import connection_path, runtime_dir

from ..daemon.store.inspect_state import titles
from ..files.paths import state_dir, styles_dir
from ..styles.known import user_styles


def redaction_terms() -> dict[str, str]:
    """Return a dictionary from each word to redact to its replacement."""
    words = dict.fromkeys(titles(state_dir()), "<title>")
    words |= dict.fromkeys(_user_style_names(), "<style>")
    words |= dict.fromkeys(_user_names(), "<user>")
    words |= dict.fromkeys((platform.node(), platform.node().split(".")[0]), "<host>")
    words |= dict.fromkeys(_keys(), "<key>")
    words |= {str(path): f"<{name}>" for name, path in _folders().items()}
    return words


def _folders() -> dict[str, Path]:
    return {
        "state": state_dir(),
        "data": styles_dir().parent,
        "runtime": Path(runtime_dir(os.environ)),
        "home": Path.home(),
    }


def _user_names() -> list[str]:
    names = [Path.home().name]
    with contextlib.suppress(OSError, KeyError, ImportError):  # no entry for the user; Windows without USERNAME
        names.append(getpass.getuser())
    if sys.platform != "win32":
        import pwd

        with contextlib.suppress(KeyError):
            names += pwd.getpwuid(os.getuid()).pw_gecos.split(",")
    names += [os.environ.get(variable, "") for variable in ("USER", "LOGNAME", "USERNAME")]
    return names


def _user_style_names() -> list[str]:
    with contextlib.suppress(OSError):
        return list(user_styles())
    return []


def _keys() -> list[str]:
    """Return the values of the connection file whose names contain "key"."""
    try:
        said = json.loads(Path(connection_path(os.environ)).read_text(encoding="utf-8"))
        return [str(value) for name, value in said.items() if "key" in name]
    except (OSError, ValueError, AttributeError):
        return []
