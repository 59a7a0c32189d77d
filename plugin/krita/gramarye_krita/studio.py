"""What all windows share: the link to the daemon, its styles, the artist's settings, and the painting under way."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, List, Optional, Tuple, Union

from gramarye_plugin.wishes import ChosenStyle, Wishes
from gramarye_protocol.messages import Event, Message, Refused, StyleEntry, StyleList, Styles
from krita import Krita

from . import settings as stored
from .commission import Commission, Order
from .link import Link
from .nodes import find, identity_of
from .notes import read_notes
from .pictures import from_note
from .source import choose

NOTHING_OPEN = Refused("no-document", "There is no document to paint in.", "Open a picture first.")
NOT_READY = Refused("daemon-away", "The daemon is not ready yet.", "Wait a moment, or look at the line above.")
NO_STYLE = Refused("no-style", "No style is chosen.", "Click a picture in the gallery.")
BUSY = Refused("busy", "A painting is under way.", "Wait for it, or cancel it.")
NO_NOTE = Refused("no-note", "This layer was not painted by Gramarye.", "Choose a layer that was.")
NOTHING_PAINTED = Refused("no-last", "Nothing has been painted yet.", "Paint once from the docker first.")


class Studio:
    """Listeners are called after every change; they read what they need."""

    def __init__(self, folder: str) -> None:
        self.settings = stored.load()
        self.styles: Tuple[StyleEntry, ...] = ()
        self.trouble: Optional[Refused] = None
        """What the last thing that the artist asked for came to."""
        self.commission: Optional[Commission] = None
        self._last: Optional[Order] = None
        self._listeners: List[Callable[[], None]] = []
        self.link = Link(folder, self._linked, self._happened, self._tick)
        self._greeted: Any = None

    @property
    def is_painting(self) -> bool:
        """Whether a painting is under way."""
        return self.commission is not None and not self.commission.has_ended

    def listen(self, listener: Callable[[], None]) -> None:
        """Call it after every change."""
        self._listeners.append(listener)

    def forget(self, listener: Callable[[], None]) -> None:
        """Its window is gone."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def set(self, settings: stored.Settings) -> None:
        """The artist changed something."""
        if settings != self.settings:
            self.settings = settings
            stored.store(settings)
            self._tell()

    def paint(self, styles: Tuple[ChosenStyle, ...]) -> None:
        """Paint the active layer as the settings say."""
        if not styles:
            self.refuse(NO_STYLE)
            return
        self._begin(Order(styles, self.settings.wishes))

    def repeat(self) -> None:
        """Paint the active layer as the last one was."""
        if self._last is None:
            self.refuse(NOTHING_PAINTED)
        else:
            self._begin(self._last)

    def again(self) -> None:
        """Paint with the settings that the active layer was painted with, what that was painted from."""
        document = Krita.instance().activeDocument()
        node = document.activeNode() if document else None
        note = read_notes(document).get(identity_of(node)) if node else None
        if node is None or note is None:
            self.refuse(NO_NOTE)
            return
        try:
            styles = tuple(from_note(style) for style in note["styles"])
            wishes = Wishes(note["strength"], note["stroke"], network=note["network"], recipe=note["recipe"])
        except (KeyError, ValueError, TypeError):
            self.refuse(Refused("note-damaged", "What the layer was painted with cannot be read."))
            return
        self._begin(Order(styles, replace(wishes, is_whole=True)), find(document, note.get("source", "")) or node)

    def cancel(self, keep: bool = False) -> None:
        """Stop the painting under way."""
        if self.commission is not None and self.is_painting:
            self.commission.cancel(keep)
            self._tell()

    def close(self) -> None:
        """Krita ends: nobody is left to see the painting."""
        self.cancel()

    def refuse(self, refused: Optional[Refused]) -> None:
        """Say why something was not done."""
        self.trouble = refused
        self._tell()

    def _begin(self, order: Order, node: Any = None) -> None:
        document = Krita.instance().activeDocument()
        found = self._ready(document, node)
        if isinstance(found, Refused):
            if found is NOT_READY:
                self.link.want()
            self.refuse(found)
            return
        source = choose(document, found)
        if isinstance(source, Refused):
            self.refuse(source)
            return
        self.trouble, self._last = None, order
        self.commission = Commission(source, found, order, self.link.session, self._advanced)
        self._tell()

    def _ready(self, document: Any, node: Any) -> Union[Any, Refused]:
        """The layer to paint, if something can be painted now."""
        if self.is_painting:
            return BUSY
        if document is None or (node or document.activeNode()) is None:
            return NOTHING_OPEN
        return (node or document.activeNode()) if self.link.is_ready else NOT_READY

    def _advanced(self) -> None:
        commission = self.commission
        if commission is not None and commission.has_ended and commission.outcome is not None:
            self.trouble = commission.outcome
        self._tell()

    def _linked(self) -> None:
        if self.link.is_ready and self._greeted is not self.link.session.welcome:
            self._greeted = self.link.session.welcome
            self.link.session.request(Styles(), self._listed)
        if self.commission is not None and not self.commission.has_ended:
            self.commission.standing_changed()
        self._tell()

    def _listed(self, answer: Message) -> None:
        if isinstance(answer, StyleList):
            self.styles = answer.styles
            self._tell()

    def _happened(self, event: Event) -> None:
        if self.commission is not None:
            self.commission.happened(event)

    def _tick(self, now: float) -> None:
        if self.commission is not None:
            self.commission.tick(now)

    def _tell(self) -> None:
        for listener in list(self._listeners):
            listener()
        self.link.flush()
