"""`GimpProgress`, GIMP's own progress bar."""

from __future__ import annotations

from gi.repository import Gimp

from gramarye_plugin.paint_job import PaintJob
from gramarye_plugin.status_text import job_message
from gramarye_protocol.jobs import JobView

from .translations import tr


class GimpProgress:
    """Shows a painting's progress in the image's window; without a display nothing is shown."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._text = ""

    def begin(self, painting: PaintJob) -> None:  # noqa: ARG002  # used by the subclass
        """The painting was submitted."""
        Gimp.progress_init(self._title)

    def show(self, view: JobView) -> None:
        """Show the progress in ``view``."""
        text = f"{self._title}: {job_message(view, tr)}"
        if text != self._text:  # each call is a round trip to GIMP
            self._text = text
            Gimp.progress_set_text(text)
        if view.progress is not None:
            Gimp.progress_update(view.progress.step / max(1, view.progress.total))
        else:
            Gimp.progress_pulse()

    def process_events(self) -> None:
        """Handle pending GUI events; called at every poll."""

    def end(self) -> None:
        """The painting has ended."""
        Gimp.progress_end()
