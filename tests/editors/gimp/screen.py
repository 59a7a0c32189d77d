"""A screen inside GIMP's root folder: an X server, a window manager, keys, clicks and pictures of it."""

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

_SETTLE_SECONDS = 0.4
"""Seconds."""


class Screen:
    """Close it: it ends what it started."""

    def __init__(self, gimp: Gimp) -> None:
        self._gimp = gimp
        self._processes: list[subprocess.Popen[bytes]] = []
        number = gimp.place / "display"
        number.unlink(missing_ok=True)  # an earlier screen's would be believed before this one is there
        self.display = f":{100 + os.getpid() % 30000}"  # one that it picked may be another's outside the root folder
        server = f"Xvfb {self.display} -displayfd 3 -screen 0 {WIDTH}x{HEIGHT}x24 -nolisten tcp"
        self.start("sh", "-c", f"exec {server} 3> {gimp.inside(number)}")
        self.wait_until(lambda: number.exists() and number.read_text().endswith("\n"), "no X server")
        self.start("openbox")
        self.wait_until(lambda: int(self._tool("xdotool", "get_num_desktops") or 0) > 0, "no window manager")

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Run something on the screen until it ends, or the screen is closed."""
        environ = {"DISPLAY": self.display} if self._processes else {}
        process = self._gimp.spawn(*command, environ=environ)
        self._processes.append(process)
        return process

    def window(self, title: str, seconds: float = 60.0) -> str:
        """The window with this in its title, awaited."""
        found: list[str] = []

        def is_there() -> bool:
            found[:] = self.windows(title)
            return bool(found)

        self.wait_until(is_there, f"no window {title!r}", seconds)
        return found[-1]

    def windows(self, title: str) -> list[str]:
        """Those with this in their titles."""
        return self._tool("xdotool", "search", "--onlyvisible", "--name", title).split()

    def wait_closed(self, title: str, seconds: float = 60.0) -> None:
        """Wait until no window has this in its title."""
        self.wait_until(lambda: not self.windows(title), f"{title!r} stays", seconds)

    def focus(self, window: str) -> None:
        """Give it the keyboard."""
        self._tool("xdotool", "windowactivate", "--sync", window)

    def title(self, window: str) -> str:
        """What stands in its bar."""
        return self._tool("xdotool", "getwindowname", window).strip()

    def resize(self, window: str, width: int, height: int) -> None:
        """Move it to the corner and give it this size."""
        self._tool("xdotool", "windowmove", window, "0", "0", "windowsize", window, str(width), str(height))

    def click(self, window: str, x: int, y: int) -> None:
        """At a place in a window."""
        self._tool("xdotool", "mousemove", "--window", window, str(x), str(y), "click", "1")
        self.settle()

    def settle(self, seconds: float = _SETTLE_SECONDS) -> None:
        """Let what was pressed show."""
        time.sleep(seconds)

    def key(self, *keys: str) -> None:
        """Press keys, a call for each, as GTK wants them."""
        for key in keys:
            self._tool("xdotool", "key", "--clearmodifiers", key)
            self.settle()

    def close_window(self, window: str) -> None:
        """As its cross does."""
        self.focus(window)
        self.key("alt+F4")

    def screenshot(self, name: str, window: str = "root") -> Path:
        """A picture of a window, kept for people to look at."""
        inside = self._gimp.place / f"{name}.png"
        self._tool("import", "-window", window, self._gimp.inside(inside))
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy(inside, SCREENSHOTS / f"gimp-{name}.png"))

    def wait_until(self, condition: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
        """Wait until something holds."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"{what}: {self._gimp.log()}"
            time.sleep(0.1)

    def close(self) -> None:
        """End everything on it, the newest first."""
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _tool(self, *command: str) -> str:
        """The output of a program that ends at once; nothing where it finds nothing."""
        environ = {"PATH": "/usr/bin:/bin", "DISPLAY": self.display, "HOME": "/root"}
        chroot = ["/usr/sbin/chroot", str(self._gimp.root)]
        return subprocess.run(
            [*chroot, *command], env=environ, capture_output=True, text=True, timeout=30, check=False
        ).stdout
