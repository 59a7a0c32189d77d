"""GIMP on a screen with one open image and a shortcut for the filter."""

from __future__ import annotations

import re
import shutil

from editors.gimp.conftest import Gimp
from editors.gimp.screen import HEIGHT, WIDTH, Screen
from gramarye_protocol.messages import JobList, JobSummary, Status
from support.homes import REPOSITORY
from support.peers import Peer

IMAGE = "harbour.*GIMP"
DIALOG = "Gramarye: paint in a style"
PREVIEW = "Gramarye .*, strength"
SHORTCUT = "<Primary><Alt>y"


class GimpSession:
    """GIMP with one open image."""

    def __init__(self, gimp: Gimp, screen: Screen) -> None:
        self.gimp = gimp
        self.screen = screen
        shortcut = f'(file-version 1)\n(action "plug-in-gramarye" "{SHORTCUT}")\n'
        (gimp.profile / "shortcutsrc").write_text(shortcut)
        picture = gimp.place / "harbour.png"
        shutil.copy(REPOSITORY / "backend" / "gramarye" / "gallery" / "content.png", picture)
        screen.start("gimp", "-n", "-s", "-d", gimp.inside(picture))
        self.image = screen.window(IMAGE)
        screen.settle(4.0)
        for welcome in screen.windows("Welcome"):  # shown depending on GIMP's version and on earlier runs
            screen.close_window(welcome)
        screen.wait_closed("Welcome")
        screen.resize(self.image, WIDTH, HEIGHT - 30)

    def open_dialog(self) -> str:
        """Open the filter by its shortcut; return its dialog's window."""
        self.screen.focus(self.image)
        self.screen.key("ctrl+alt+y")
        return self.screen.window(DIALOG)

    def layer_count(self) -> int:
        """Return the number of layers in the window's title."""
        found = re.search(r"(\d+) layers?\)", self.screen.title(self.image))
        assert found is not None
        return int(found.group(1))

    def last_job(self) -> JobSummary:
        """Return the daemon's latest job, apart from the dialog's quick previews."""
        with Peer(self.gimp.home) as peer:
            listed = peer.ask(Status())
            assert isinstance(listed, JobList)
            jobs = [job for job in listed.jobs if not job.title.endswith(": preview")]
            return jobs[-1] if jobs else JobSummary("", "", "")

    def wait_for_steps(self, before: JobSummary, steps: int = 0) -> None:
        """Wait until a job after ``before`` has done ``steps`` steps."""
        self.screen.wait_until(lambda: self.last_job().job != before.job and self.last_job().step >= steps, "no job")
