"""What all windows share: the link to the daemon, its styles, the artist's settings, and the painting under way."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional, Tuple, Union

from gramarye_protocol.messages import Event, Message, Refused, StyleEntry, StyleList, Styles
from krita import Krita

from . import stored_settings as stored
from .daemon.connection import Link
from .document.last_job import Earlier
from .document.nodes import find, identity_of
from .document.paint_history import noted_order
from .document.region_settings import Regions
from .document.source import Source, choose
from .paint_request import Order
from .paint_run import Commission
from .refusals import BUSY, GONE, NOT_READY, NOTHING_OPEN, NOTHING_PAINTED, SHEET_OPEN, WRONG
from .variations_run import Sheet


class Studio:
    """Listeners are called after every change; they read what they need."""

    def __init__(self, folder: str) -> None:
        self.settings = stored.load()
        self.styles: Tuple[StyleEntry, ...] = ()
        self.trouble: Optional[Refused] = None
        """What the last thing that the artist asked for came to."""
        self.commission: Optional[Commission] = None
        self.sheet: Optional[Sheet] = None
        """The small paintings that are there to choose from, or form."""
        self._regions: Dict[str, Regions] = {}
        self._earlier = Earlier()
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
        """The artist changed something, or corrected what could not be read."""
        is_corrected = self.trouble is not None and self.trouble.code == WRONG
        if is_corrected:
            self.trouble = None
        if settings != self.settings:
            self.settings = settings
            stored.store(settings)
        elif not is_corrected:
            return
        self._tell()

    def regions(self, document: Any) -> Regions:
        """A document's, in this session."""
        return self._regions.get(identity_of(document.rootNode()), Regions()) if document else Regions()

    def set_regions(self, document: Any, regions: Regions) -> None:
        """The artist changed them."""
        if regions != self.regions(document):
            self._regions[identity_of(document.rootNode())] = regions
            self._tell()

    def paint(self, order: Order) -> None:
        """Paint the active layer, on from its last painting where that is wished for."""
        source = self._source()
        if source is not None:
            self._begin(order, source, self._earlier.job(source) if self.settings.goes_on else "")

    def vary(self, order: Order) -> None:
        """Paint eight small variations of the active layer."""
        source = self._source()
        if source is not None:
            self.trouble = None
            self.sheet = Sheet(source, order, self.link.session, self._varied)
            self._varied()

    def take(self, place: int) -> None:
        """Paint one of them at full size, and go on with its settings."""
        sheet = self.sheet
        chosen = sheet.chosen(place) if sheet is not None else None
        if sheet is None or chosen is None:
            return
        self.put_away()
        order, job = chosen
        node = find(sheet.source.document, sheet.source.identity)
        if node is None:
            self.refuse(GONE)
            return
        wishes = order.wishes
        self.set(self.settings.with_wishes(strength=wishes.strength, stroke=wishes.stroke, recipe=wishes.recipe))
        source = self._source(sheet.source.document, node)
        if source is not None:
            self._begin(order, source, job)

    def put_away(self) -> None:
        """The small ones are no longer looked at."""
        sheet, self.sheet = self.sheet, None
        if sheet is not None:
            sheet.cancel()

    def repeat(self) -> None:
        """Paint the active layer as the last one was."""
        if self._last is None:
            self.refuse(NOTHING_PAINTED)
        else:
            source = self._source()
            if source is not None:
                self._begin(self._last, source)

    def again(self) -> None:
        """Paint with the settings that the active layer was painted with, what that was painted from."""
        document = Krita.instance().activeDocument()
        noted = noted_order(document, document.activeNode() if document else None)
        if isinstance(noted, Refused):
            self.refuse(noted)
            return
        order, node = noted
        source = self._source(document, node)
        if source is not None:
            self._begin(order, source)

    def cancel(self, keep: bool = False) -> None:
        """Stop the painting under way."""
        if self.commission is not None and self.is_painting:
            self.commission.cancel(keep)
            self._tell()

    def close(self) -> None:
        """Krita ends: nobody is left to see the painting."""
        self.put_away()
        self.cancel()

    def refuse(self, refused: Optional[Refused]) -> None:
        """Say why something was not done."""
        self.trouble = refused
        self._tell()

    def _begin(self, order: Order, source: Source, continues: str = "") -> None:
        self.trouble, self._last = None, order
        self.commission = Commission(source, order, self.link.session, self._advanced, continues)
        self._tell()

    def _source(self, document: Any = None, node: Any = None) -> Optional[Source]:
        """What of the layer, or of the active one, is to be painted; None, and why, where nothing can be now."""
        document = document or Krita.instance().activeDocument()
        found = self._ready(document, node)
        source = found if isinstance(found, Refused) else choose(document, found)
        if not isinstance(source, Refused):
            return source
        if source is NOT_READY:
            self.link.want()
        self.refuse(source)
        return None

    def _ready(self, document: Any, node: Any) -> Union[Any, Refused]:
        """The layer to paint, if something can be painted now."""
        if self.is_painting:
            return BUSY
        if self.sheet is not None and not self.sheet.has_ended:
            return SHEET_OPEN
        if document is None or (node or document.activeNode()) is None:
            return NOTHING_OPEN
        return (node or document.activeNode()) if self.link.is_ready else NOT_READY

    def _advanced(self) -> None:
        commission = self.commission
        if commission is not None and commission.has_ended:
            if commission.job:
                self._earlier.remember(commission.source, commission.job)
            self.trouble = commission.outcome or self.trouble
        self._tell()

    def _varied(self) -> None:
        sheet = self.sheet
        if sheet is not None and sheet.outcome is not None:
            self.trouble = sheet.outcome
            if not sheet.jobs:
                self.sheet = None  # there is nothing to choose from
        self._tell()

    def _works(self) -> Tuple[Union[Commission, Sheet], ...]:
        """The last painting and the last small ones."""
        return tuple(work for work in (self.commission, self.sheet) if work is not None)

    def _linked(self) -> None:
        if self.link.is_ready and self._greeted is not self.link.session.welcome:
            self._greeted = self.link.session.welcome
            self.link.session.request(Styles(), self._listed)
        for work in self._works():
            if not work.has_ended:
                work.standing_changed()
        self._tell()

    def _listed(self, answer: Message) -> None:
        if isinstance(answer, StyleList):
            self.styles = answer.styles
            self._tell()

    def _happened(self, event: Event) -> None:
        for work in self._works():
            work.happened(event)

    def _tick(self, now: float) -> None:
        for work in self._works():
            work.tick(now)

    def _tell(self) -> None:
        for listener in list(self._listeners):
            listener()
        self.link.flush()
