"""A screen in GIMP's chroot: an X server and a window manager, with keys, clicks and screenshots."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from editors.gimp.conftest import Gimp

WIDTH, HEIGHT = 1400, 900
SCREENSHOTS = Path(os.environ.get("GRAMARYE_SCREENSHOTS", "build/screenshots")).resolve()

PATIENCE = 120.0
"""Seconds to wait for a window or a painting."""

_SETTLE_SECONDS = 0.4
"""Wait after each key or click, in seconds."""


class Screen:
    """A virtual screen; `close` ends all of its processes."""

    def __init__(self, gimp: Gimp) -> None:
        self._gimp = gimp
        self._processes: list[subprocess.Popen[bytes]] = []
        number = gimp.place / "display"
        number.unlink(missing_ok=True)  # that of an earlier screen would be read too early
        self.display = f":{100 + os.getpid() % 30000}"  # a number picked by Xvfb may be in use outside the chroot
        server = f"Xvfb {self.display} -displayfd 3 -screen 0 {WIDTH}x{HEIGHT}x24 -nolisten tcp"
        self.start("sh", "-c", f"exec {server} 3> {gimp.inside(number)}")
        self.wait_until(lambda: number.exists() and number.read_text().endswith("\n"), "no X server")
        self.start("openbox")
        self.wait_until(lambda: int(self._tool("xdotool", "get_num_desktops") or 0) > 0, "no window manager")

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a command on the screen; `close` ends it."""
        environ = {"DISPLAY": self.display} if self._processes else {}
        process = self._gimp.spawn(*command, environ=environ)
        self._processes.append(process)
        return process

    def window(self, title: str, seconds: float = PATIENCE) -> str:
        """Wait for a window whose title matches and return its id."""
        found: list[str] = []

        def is_there() -> bool:
            found[:] = self.windows(title)
            return bool(found)

        self.wait_until(is_there, f"no window {title!r}", seconds)
        return found[-1]

    def windows(self, title: str) -> list[str]:
        """Return the ids of the visible windows whose titles match."""
        return self._tool("xdotool", "search", "--onlyvisible", "--name", title).split()

    def wait_closed(self, title: str, seconds: float = PATIENCE) -> None:
        """Wait until no window's title matches."""
        self.wait_until(lambda: not self.windows(title), f"{title!r} stays", seconds)

    def focus(self, window: str) -> None:
        """Activate a window."""
        self._tool("xdotool", "windowactivate", "--sync", window)

    def title(self, window: str) -> str:
        """Return a window's title."""
        return self._tool("xdotool", "getwindowname", window).strip()

    def resize(self, window: str, width: int, height: int) -> None:
        """Move a window to the top left corner and resize it, in pixels."""
        self._tool("xdotool", "windowmove", window, "0", "0", "windowsize", window, str(width), str(height))

    def click(self, window: str, x: int, y: int) -> None:
        """Click at a position in a window, in pixels."""
        self._tool("xdotool", "mousemove", "--window", window, str(x), str(y), "click", "1")
        self.settle()

    def settle(self, seconds: float = _SETTLE_SECONDS) -> None:
        """Wait until the effect of a key or click is visible."""
        time.sleep(seconds)

    def key(self, *keys: str) -> None:
        """Press keys one after the other; GTK needs a separate call for each."""
        for key in keys:
            self._tool("xdotool", "key", "--clearmodifiers", key)
            self.settle()

    def close_window(self, window: str) -> None:
        """Close a window, as its close button does."""
        self.focus(window)
        self.key("alt+F4")

    def screenshot(self, name: str, window: str = "root") -> Path:
        """Save a screenshot of a window for inspection and return its path."""
        inside = self._gimp.place / f"{name}.png"
        self._tool("import", "-window", window, self._gimp.inside(inside))
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy(inside, SCREENSHOTS / f"gimp-{name}.png"))

    def wait_until(self, condition: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
        """Wait until ``condition`` is true."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"{what}: {self._gimp.log()}"
            time.sleep(0.1)

    def close(self) -> None:
        """End all processes, the newest first."""
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _tool(self, *command: str) -> str:
        """Run a command in the chroot and return its output."""
        environ = {"PATH": "/usr/bin:/bin", "DISPLAY": self.display, "HOME": "/root"}
        chroot = ["/usr/sbin/chroot", str(self._gimp.root)]
        return subprocess.run(
            [*chroot, *command], env=environ, capture_output=True, text=True, timeout=30, check=False
        ).stdout
