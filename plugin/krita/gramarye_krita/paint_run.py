"""One painting in a document, from the click to the new layer."""

from __future__ import annotations

from typing import Any, Callable, Optional, Union

from gramarye_plugin.paint_job import Painting, Show
from gramarye_plugin.session import Session
from gramarye_plugin.settings import submission
from gramarye_protocol.jobs import RUNNING, JobView
from gramarye_protocol.messages import Done, Refused, Result

from .document.annotations import write_note
from .document.colour_profile import Space, converted
from .document.nodes import is_open
from .document.preview_layer import Preview
from .document.reader import WholeReading
from .document.source import Pixels, Source
from .paint_request import Order, note_of
from .qt import QByteArray


class Commission(Show):
    """``changed`` is called after every change; `outcome` is None until it has ended.

    ``continues`` is the job whose painting it goes on from. Where that cannot be had, it begins afresh.
    """

    def __init__(
        self, source: Source, order: Order, session: Session, changed: Callable[[], None], continues: str = ""
    ) -> None:
        self.source = source
        self.order = order
        self.continues = continues
        self.began_afresh = False
        """Whether it could not go on from the job that it should have."""
        self.job = ""
        """The one that has painted it, once that is done."""
        self.view: Optional[JobView] = None
        self.is_waiting = False
        self.outcome: Optional[Refused] = None
        self.has_ended = False
        self._session = session
        self._changed = changed
        self._painting: Optional[Painting] = None
        self._intent: Optional[bool] = None
        self._pixels: Optional[Pixels] = None
        """While the daemon may still refuse to go on from the job."""
        self._preview = Preview(source)
        self._reading = WholeReading(source, order.regions, self._read)

    def cancel(self, keep: bool) -> None:
        """Stop it; ``keep`` makes a layer of the best so far."""
        self._intent = keep
        if self._painting is not None:
            self._painting.cancel(keep)

    def standing_changed(self) -> None:
        """The session lost or found a daemon."""
        if self._painting is not None:
            self.is_waiting = False
            self._painting.standing_changed()

    def tick(self, now: float) -> None:
        """Every second: a document that was closed takes its painting with it."""
        if self._painting is None or self.has_ended:
            return
        if not is_open(self.source.document):
            self._painting.cancel()
            said = f"The document with {self.source.name} was closed, so the painting was cancelled."
            self._end(Refused("document-closed", said))
            return
        self._painting.tick(now)

    def happened(self, event: Any) -> None:
        """An event of any job."""
        if self._painting is not None:
            self._painting.happened(event)

    def progressed(self, view: JobView) -> None:
        """`Show`."""
        if self.has_ended:
            return
        is_new = view.preview is not None and (self.view is None or view.preview is not self.view.preview)
        self.view, self.is_waiting = view, False
        if view.progress is not None:
            self._pixels = None
        if view.state == RUNNING:
            self._preview.begin()
        if is_new and view.preview is not None:
            self._preview.show(view.preview)
        self._changed()

    def waiting(self) -> None:
        """`Show`."""
        self.is_waiting = True
        self._changed()

    def painted(self, result: Result, _done: Done) -> None:
        """`Show`."""
        self._preview.end(lambda: self._finish(result))

    def failed(self, refused: Refused) -> None:
        """`Show`."""
        if refused.code == "continues-unfit" and self.continues and self._pixels is not None and not self.has_ended:
            self.continues, self.began_afresh = "", True
            self._submit(self._pixels)
        else:
            self._preview.end(lambda: self._remove(refused))

    def cancelled(self) -> None:
        """`Show`."""
        self._preview.end(lambda: self._remove(None))

    def _finish(self, result: Result) -> None:
        if self.has_ended:
            return
        if not is_open(self.source.document):
            self.tick(0.0)
            return
        identity = self._preview.finish(self.order.title, self._in_document(result))
        welcome = self._session.welcome
        note = note_of(self.order, self.source.identity, result, welcome.daemon if welcome else "")
        write_note(self.source.document, identity, note)
        self.job = result.job
        self._end(None)

    def _remove(self, outcome: Optional[Refused]) -> None:
        if not self.has_ended:
            self._preview.remove()
            self._end(outcome)

    def _read(self, pixels: Union[Pixels, Refused]) -> None:
        if isinstance(pixels, Refused):
            self._end(pixels)
            return
        self._pixels = pixels if self.continues else None
        self._submit(pixels)

    def _submit(self, pixels: Pixels) -> None:
        welcome, order = self._session.welcome, self.order
        assert welcome is not None, "the studio paints when the session is ready"
        styles = order.masked(pixels.regions)
        try:
            submit = submission(pixels.layer, styles, order.wishes, welcome, pixels.mask, self.continues)
        except KeyError:
            self._end(Refused("recipe-unknown-preset", "The daemon has no such preset.", "Choose another."))
            return
        self._painting = Painting(self._session, submit, self)
        if self._intent is not None:
            self._painting.cancel(self._intent)
        self._changed()

    def _in_document(self, result: Result) -> QByteArray:
        pixels = result.pixels
        data = QByteArray(bytes(pixels.data))
        return converted(data, pixels.width, pixels.height, self.source.space, Space.of(self.source.document))

    def _end(self, outcome: Optional[Refused]) -> None:
        self.has_ended, self.outcome, self._pixels = True, outcome, None
        self._changed()
