"""`GimpProgress`, GIMP's own progress bar, and `PrintedProgress`, which also writes lines for scripts."""

from __future__ import annotations

from typing import TextIO

from gi.repository import Gimp

from gramarye_plugin.labels import WAITING_FOR_DAEMON
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
        self._set_text(job_message(view, tr))
        if view.progress is not None:
            Gimp.progress_update(view.progress.step / max(1, view.progress.total))
        else:
            Gimp.progress_pulse()

    def wait(self) -> None:
        """Show that the daemon is away."""
        self._set_text(tr(WAITING_FOR_DAEMON))
        Gimp.progress_pulse()

    def process_events(self) -> None:
        """Handle pending GUI events; called at every poll."""

    def end(self) -> None:
        """The painting has ended."""
        Gimp.progress_end()

    def _set_text(self, text: str) -> None:
        if text != self._text:  # each call is a round trip to GIMP
            self._text = text
            Gimp.progress_set_text(f"{self._title}: {text}")


class PrintedProgress(GimpProgress):
    """Also writes a line to ``output`` at the start and after each tenth of the painting, for scripts."""

    def __init__(self, title: str, output: TextIO) -> None:
        super().__init__(title)
        self._output = output
        self._tenths = -1

    def show(self, view: JobView) -> None:
        super().show(view)
        if view.progress is None:
            return
        tenths = 10 * view.progress.step // max(1, view.progress.total)
        if tenths > self._tenths:
            self._tenths = tenths
            self._write(job_message(view, tr))

    def wait(self) -> None:
        super().wait()
        self._write(tr(WAITING_FOR_DAEMON))

    def _write(self, text: str) -> None:
        self._output.write(f"{self._title}: {text}\n")
        self._output.flush()
