"""`Launcher` starts the daemon without waiting for it."""

from __future__ import annotations

import os
import subprocess
from typing import Mapping, Optional, Union

from gramarye_plugin.backend import DETACHED_FLAGS, Backend, clean_environment, parse_ready_line
from gramarye_protocol.connection import runtime_dir
from gramarye_protocol.messages import Refused

LOG_FILE, OUTPUT_FILE = "daemon.log", "daemon.said"


class Launcher:
    """A daemon process that is being started and outlives the editor.

    Its output goes to a file, because a pipe would break when the plugin's process ends.
    """

    def __init__(self, backend: Backend, environ: Mapping[str, str]) -> None:
        """Start the process. Errors: OSError."""
        folder = runtime_dir(environ)
        os.makedirs(folder, mode=0o700, exist_ok=True)
        self._output_path = os.path.join(folder, OUTPUT_FILE)
        self.log = os.path.join(folder, LOG_FILE)
        """Path of the daemon's log."""
        with open(self.log, "ab") as log, open(self._output_path, "wb") as output:
            self._process = subprocess.Popen(
                backend.command(),
                cwd=folder,  # python -m imports from the working directory first
                env=clean_environment(environ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=log,
                start_new_session=True,
                creationflags=DETACHED_FLAGS,
            )

    def start_result(self) -> Union[bool, Refused, None]:
        """Return None before the first line of output, True if a daemon is ready, else the error."""
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
