"""Starting the daemon, without waiting for it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Mapping, Optional, Union

from gramarye_plugin.backend import Backend, clean_environment, parse_ready_line
from gramarye_protocol.connection import runtime_dir
from gramarye_protocol.messages import Refused

LOG_FILE, OUTPUT_FILE = "daemon.log", "daemon.said"

_DETACHED = 0x00000208 if sys.platform == "win32" else 0
"""CREATE_NEW_PROCESS_GROUP | DETACHED_PROCESS; elsewhere there are no such flags."""


class Launcher:
    """One daemon process that is being started; it outlives the editor.

    What it says goes to a file: a pipe would break when the plugin ends, long before the daemon.
    """

    def __init__(self, backend: Backend, environ: Mapping[str, str]) -> None:
        """Errors: OSError."""
        folder = runtime_dir(environ)
        os.makedirs(folder, mode=0o700, exist_ok=True)
        self._output_path = os.path.join(folder, OUTPUT_FILE)
        self.log = os.path.join(folder, LOG_FILE)
        """Where it writes what goes wrong."""
        with open(self.log, "ab") as log, open(self._output_path, "wb") as output:
            self._process = subprocess.Popen(
                backend.command(),
                cwd=folder,  # python -m imports from there first
                env=clean_environment(environ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=log,
                start_new_session=True,
                creationflags=_DETACHED,
            )

    def start_result(self) -> Union[bool, Refused, None]:
        """None while it has said nothing, True once a daemon is ready, or why none can be."""
        has_ended = self._process.poll() is not None
        line = self._read_first_line()
        if line is None and not has_ended:
            return None
        refused = parse_ready_line(line or b"")
        return True if refused is None else refused

    def _read_first_line(self) -> Optional[bytes]:
        with open(self._output_path, "rb") as file:
            line = file.readline()
        return line if line.endswith(b"\n") else None
