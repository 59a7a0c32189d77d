"""Starts daemons outside a chroot for a Krita inside, whose plugin runs a Python that the chroot does not have.

In the chroot, a shell script stands at this Python's path. It sends its arguments through one named pipe and prints
what comes back through another: the daemon's first line.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

from support.homes import Home

END = "end"


class DaemonStarter:
    """Waits for the script's requests in a thread; ``folder`` is in ``chroot`` and has the same path there."""

    def __init__(self, chroot: Path, folder: Path, home: Home) -> None:
        self._home = home
        self._requests, self._answers = folder / "daemon-requests", folder / "daemon-answers"
        for pipe in (self._requests, self._answers):
            os.mkfifo(pipe)
        script = chroot / sys.executable.lstrip("/")
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text(f'#!/bin/sh\necho "$@" > {self._requests}\nexec cat {self._answers}\n')
        script.chmod(0o755)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop waiting; the home ends the daemons."""
        self._requests.write_text(END)
        self._thread.join()

    def _serve(self) -> None:
        while (request := self._requests.read_text().strip()) != END:
            with open(self._home.root / "daemon.log", "ab") as log:
                command = [sys.executable, *request.split()]
                process = subprocess.Popen(command, env=self._home.environ, stdout=subprocess.PIPE, stderr=log)
            self._home.processes.append(process)
            assert process.stdout is not None
            self._answers.write_bytes(process.stdout.readline())
            # a killed daemon must not stay as a zombie, which counts as a running process
            threading.Thread(target=process.wait, daemon=True).start()
