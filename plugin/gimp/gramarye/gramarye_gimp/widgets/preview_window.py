"""Window with the preview of a running painting, and buttons to keep or cancel it."""

from __future__ import annotations

from typing import Any, Optional

from gi.repository import GimpUi, Gtk

from gramarye_plugin.labels import WAITING_FOR_DAEMON
from gramarye_plugin.paint_job import PaintJob
from gramarye_plugin.status_text import job_message
from gramarye_protocol.jobs import JobView
from gramarye_protocol.pixels import PixelBuffer

from ..document.pixbufs import to_pixbuf
from ..progress_bar import GimpProgress
from ..translations import tr
from .picture_view import PictureView

_KEEP, _CANCEL, _GO_ON = 1, 2, 3


class PreviewWindow(GimpProgress):
    """GIMP's progress bar, and a window with previews of at most ``side`` pixels that shows ``thumbnail`` at first.

    Closing the window, or the key Escape, asks what is to become of the painting.
    """

    def __init__(self, title: str, thumbnail: Any, side: int) -> None:
        super().__init__(title)
        self._side = side
        self._painting: Optional[PaintJob] = None
        self._shown_preview: Optional[PixelBuffer] = None
        self._question: Any = None
        self._view = PictureView(thumbnail)
        self._bar = Gtk.ProgressBar(show_text=True, text=tr("Sending the layer."))
        self._window = GimpUi.Dialog(title=title, role="gramarye-preview")
        self._keep_button = self._window.add_button(tr("_Keep this one"), _KEEP)
        self._cancel_button = self._window.add_button(tr("_Cancel"), _CANCEL)
        self._keep_button.set_tooltip_text(tr("End the painting here, with the best picture so far"))
        self._window.connect("response", self._on_response)
        self._window.connect("delete-event", lambda *_: True)  # the window closes when the painting ends
        area = self._window.get_content_area()
        area.set_spacing(8)
        area.set_border_width(12)
        area.pack_start(self._view.widget, True, True, 0)
        area.pack_start(self._bar, False, False, 0)
        self._keep_button.set_sensitive(False)

    def begin(self, painting: PaintJob) -> None:
        super().begin(painting)
        self._painting = painting
        GimpUi.window_set_transient(self._window)
        self._window.show_all()
        self._view.grab_focus()  # so that the key Enter ends nothing
        self.process_events()

    def show(self, view: JobView) -> None:
        super().show(view)
        if self._cancel_button.get_sensitive():
            self._bar.set_text(job_message(view, tr))
        if view.progress is not None:
            self._bar.set_fraction(view.progress.step / max(1, view.progress.total))
            self._keep_button.set_sensitive(self._cancel_button.get_sensitive())
        if view.preview is not None and view.preview is not self._shown_preview:
            self._shown_preview = view.preview
            self._view.set_picture(to_pixbuf(view.preview, self._side))

    def wait(self) -> None:
        super().wait()
        self._bar.set_text(tr(WAITING_FOR_DAEMON))

    def process_events(self) -> None:
        while Gtk.events_pending():
            Gtk.main_iteration_do(False)

    def end(self) -> None:
        self._window.destroy()
        super().end()

    def _on_response(self, _window: Any, response: int) -> None:
        if self._painting is None or not self._cancel_button.get_sensitive():
            return
        if response in (_KEEP, _CANCEL):
            self._stop(response == _KEEP)
        else:
            self._ask()

    def _stop(self, keep: bool) -> None:
        if self._painting is None or not self._cancel_button.get_sensitive():
            return
        self._keep_button.set_sensitive(False)
        self._cancel_button.set_sensitive(False)
        self._bar.set_text(tr("Fetching the best so far.") if keep else tr("Stopping."))
        self._painting.cancel(keep)

    def _ask(self) -> None:
        """Ask what is to become of the painting; it goes on meanwhile, and is what happens by default."""
        if self._question is not None:
            self._question.present()
            return
        self._question = Gtk.MessageDialog(
            transient_for=self._window,
            destroy_with_parent=True,
            message_type=Gtk.MessageType.QUESTION,
            text=tr("The painting is not finished."),
        )
        if self._keep_button.get_sensitive():
            self._question.add_button(tr("_Keep this one"), _KEEP)
        self._question.add_button(tr("_Cancel the painting"), _CANCEL)
        self._question.add_button(tr("_Go on"), _GO_ON)
        self._question.set_default_response(_GO_ON)
        self._question.connect("response", self._answered)
        self._question.show()

    def _answered(self, question: Any, response: int) -> None:
        self._question = None
        question.destroy()
        if response in (_KEEP, _CANCEL):
            self._stop(response == _KEEP)
