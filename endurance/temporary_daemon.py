"""A temporary home with a small random network and a daemon."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.homes import Home, install_random_network

_ERROR_MARKERS = ("unexpectedly", "Traceback", "Exception in callback")


@dataclass(frozen=True)
class TemporaryDaemon:
    """The home, and its daemon's front process."""

    home: Home
    daemon: subprocess.Popen[bytes]

    def log_errors(self) -> int:
        """Number of lines in the daemon's log that report a bug."""
        return sum(any(marker in line for marker in _ERROR_MARKERS) for line in self.home.log().splitlines())


@contextmanager
def temporary_daemon(*options: str) -> Iterator[TemporaryDaemon]:
    """``options`` are those of ``gramarye serve``."""
    with tempfile.TemporaryDirectory(prefix="gramarye-endurance-") as folder:
        home = Home(Path(folder) / "home")
        home.root.mkdir()
        install_random_network(home)
        try:
            yield TemporaryDaemon(home, home.start_daemon(*options))
        finally:
            home.close()
