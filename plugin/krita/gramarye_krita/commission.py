"""One painting in a document, from the click to the new layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Dict, Optional, Tuple

from gramarye_plugin.painting import Painting, Show
from gramarye_plugin.session import Session
from gramarye_plugin.wishes import ChosenStyle, Wishes, submission, title
from gramarye_protocol.jobs import JobView
from gramarye_protocol.messages import Done, Refused, Result

from .colours import Space, converted
from .nodes import is_open
from .notes import write_note
from .pictures import noted
from .preview import Preview
from .qt import QByteArray
from .source import Pixels, Reading, Source


@dataclass(frozen=True)
class Order:
    """What is to be painted, and how."""

    styles: Tuple[ChosenStyle, ...]
    wishes: Wishes

    @property
    def title(self) -> str:
        """The new layer's name."""
        return title(self.styles, self.wishes)


class Commission(Show):
    """``changed`` is called after every change; `outcome` is None until it has ended."""

    def __init__(self, source: Source, node: Any, order: Order, session: Session, changed: Callable[[], None]) -> None:
        self.source = source
        self.order = order
        self.view: Optional[JobView] = None
        self.is_waiting = False
        self.outcome: Optional[Refused] = None
        self.has_ended = False
        self._session = session
        self._changed = changed
        self._painting: Optional[Painting] = None
        self._intent: Optional[bool] = None
        self._preview = Preview(source)
        self._reading = Reading(source, node, self._read)

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
        if is_new and view.preview is not None:
            self._preview.show(view.preview)
        self._changed()

    def waiting(self) -> None:
        """`Show`."""
        self.is_waiting = True
        self._changed()

    def painted(self, result: Result, _done: Done) -> None:
        """`Show`."""
        if self.has_ended:
            return
        if not is_open(self.source.document):
            self.tick(0.0)
            return
        identity = self._preview.finish(self.order.title, self._in_document(result))
        write_note(self.source.document, identity, self._note(result))
        self._end(None)

    def failed(self, refused: Refused) -> None:
        """`Show`."""
        if not self.has_ended:
            self._preview.remove()
            self._end(refused)

    def cancelled(self) -> None:
        """`Show`."""
        if not self.has_ended:
            self._preview.remove()
            self._end(None)

    def _read(self, pixels: Pixels) -> None:
        welcome = self._session.welcome
        assert welcome is not None, "the studio paints when the session is ready"
        try:
            submit = submission(pixels.layer, self.order.styles, self.order.wishes, welcome, pixels.mask)
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

    def _note(self, result: Result) -> Dict[str, Any]:
        welcome = self._session.welcome
        return {
            "title": result.title,
            "source": self.source.identity,
            "styles": [noted(style) for style in self.order.styles],
            "strength": self.order.wishes.strength,
            "stroke": self.order.wishes.stroke,
            "network": result.network,
            "recipe": result.recipe,
            "daemon": welcome.daemon if welcome else "",
        }

    def _end(self, outcome: Optional[Refused]) -> None:
        self.has_ended, self.outcome = True, outcome
        self._changed()
