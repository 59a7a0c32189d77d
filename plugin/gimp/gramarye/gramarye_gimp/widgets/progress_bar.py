"""GIMP's progress bar."""

from __future__ import annotations

from gi.repository import Gimp

from gramarye_plugin.paint_job import PaintJob
from gramarye_plugin.status_text import job_message
from gramarye_protocol.jobs import JobView


class GimpProgress:
    """Shows one painting's, in the image's window; without a screen GIMP shows it nowhere."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._text = ""

    def begin(self, painting: PaintJob) -> None:  # noqa: ARG002  # for who can stop it
        """The painting was sent off."""
        Gimp.progress_init(self._title)

    def show(self, view: JobView) -> None:
        """It has come so far."""
        text = f"{self._title}: {job_message(view)}"
        if text != self._text:  # each call waits for GIMP
            self._text = text
            Gimp.progress_set_text(text)
        if view.progress is not None:
            Gimp.progress_update(view.progress.step / max(1, view.progress.total))
        else:
            Gimp.progress_pulse()

    def process_events(self) -> None:
        """Some hundredths of a second have passed."""

    def end(self) -> None:
        """It is over."""
        Gimp.progress_end()
