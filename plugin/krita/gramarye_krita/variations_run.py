"""The eight variations of what is set: small paintings of a layer, one after the other, to choose from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Dict, List, Optional, Tuple, Union

from gramarye_plugin.paint_job import Painting, Show
from gramarye_plugin.session import Session
from gramarye_plugin.settings import submission
from gramarye_plugin.variations import SIDE, Variation, small, variations
from gramarye_protocol.jobs import JobView
from gramarye_protocol.messages import Done, Refused, Result, Submit, Welcome

from .document.downscale import seen, smaller, zoom_to
from .document.nodes import is_open
from .document.reader import WholeReading
from .document.source import Pixels, Source
from .document.style_pictures import image_of
from .paint_request import Order
from .qt import QImage


class Sheet(Show):
    """``changed`` is called after every change; pictures and jobs are kept by the variations' places."""

    def __init__(self, source: Source, order: Order, session: Session, changed: Callable[[], None]) -> None:
        self.source = source
        self.order = order
        self.layer: Optional[QImage] = None
        self.pictures: Dict[int, QImage] = {}
        self.jobs: Dict[int, str] = {}
        self.view: Optional[JobView] = None
        """Of the one that forms."""
        self.is_waiting = False
        self.outcome: Optional[Refused] = None
        self.has_ended = False
        self._session = session
        self._changed = changed
        self._left: List[Tuple[Variation, Submit]] = []
        self._painting: Optional[Painting] = None
        self.variations = self._eight()
        self._reading = None if self.has_ended else WholeReading(source, order.regions, self._read)

    @property
    def number(self) -> int:
        """Which of the eight forms, counted from 1."""
        return len(self.jobs) + 1

    def chosen(self, place: int) -> Optional[Tuple[Order, str]]:
        """The order for that variation at full size, and the job to go on from; None while it is not painted."""
        variation = next((each for each in self.variations if each.place == place), None)
        if variation is None or place not in self.jobs:
            return None
        return replace(self.order, wishes=variation.wishes), self.jobs[place]

    def cancel(self) -> None:
        """Paint no more of them."""
        if self.has_ended:
            return
        if self._painting is not None:
            self._painting.cancel()
        self._end(None)

    def standing_changed(self) -> None:
        """The session lost or found a daemon."""
        if self._painting is not None and not self.has_ended:
            self._painting.standing_changed()

    def tick(self, now: float) -> None:
        """Every second."""
        if self.has_ended or self._painting is None:
            return
        if is_open(self.source.document):
            self._painting.tick(now)
        else:
            self.cancel()

    def happened(self, event: Any) -> None:
        """An event of any job."""
        if self._painting is not None and not self.has_ended:
            self._painting.happened(event)

    def progressed(self, view: JobView) -> None:
        """`Show`."""
        if self.has_ended:
            return
        self.view, self.is_waiting = view, False
        if view.preview is not None and self._left:
            self.pictures[self._left[0][0].place] = image_of(view.preview)
        self._changed()

    def waiting(self) -> None:
        """`Show`."""
        self.is_waiting = True
        self._changed()

    def painted(self, result: Result, _done: Done) -> None:
        """`Show`."""
        if self.has_ended:
            return
        place = self._left.pop(0)[0].place
        self.pictures[place] = seen(result.pixels, self.source.space)
        self.jobs[place] = result.job
        self._next()

    def failed(self, refused: Refused) -> None:
        """`Show`."""
        if not self.has_ended:
            self._end(refused)

    def cancelled(self) -> None:
        """`Show`: somebody else has cancelled it."""
        if not self.has_ended:
            self._end(None)

    def _eight(self) -> Tuple[Variation, ...]:
        preset = self._preset()
        if isinstance(preset, Refused):
            self._end(preset)
            return ()
        try:
            return variations(self.order.wishes, preset)
        except ValueError as error:
            hint = "Change that value of the recipe first."
            self._end(Refused("variations-none", f"There are no variations: {error}.", hint))
            return ()

    def _read(self, pixels: Union[Pixels, Refused]) -> None:
        if self.has_ended:
            return
        preset = self._preset()
        if isinstance(pixels, Refused) or isinstance(preset, Refused):
            self._end(pixels if isinstance(pixels, Refused) else preset if isinstance(preset, Refused) else None)
            return
        zoom = zoom_to(pixels.layer, SIDE)
        little = smaller(pixels, self.source.space, zoom)
        self.layer = seen(little.layer, self.source.space)
        if self.has_ended:  # cancelled while Krita scaled it
            return
        styles = self.order.masked(little.regions)
        for variation in self.variations:
            wishes = small(variation.wishes, preset, zoom)
            submit = submission(little.layer, styles, wishes, self._welcome, little.mask)
            watch = replace(submit.watch, preview_side=SIDE, ends_with_client=True)
            title = f"{self.order.title}: {variation.label}"
            self._left.append((variation, replace(submit, title=title, watch=watch)))
        self._next()

    def _next(self) -> None:
        """Begin the next one; an answer may come at once."""
        self.view = None
        if self._left:
            self._painting = Painting(self._session, self._left[0][1], self)
            self._changed()
        else:
            self._end(None)

    @property
    def _welcome(self) -> Welcome:
        welcome = self._session.welcome
        assert welcome is not None, "the studio paints when the session is ready"
        return welcome

    def _preset(self) -> Union[Dict[str, Any], Refused]:
        """The values of the recipe that is chosen."""
        welcome, name = self._welcome, self.order.wishes.preset
        known = welcome.presets.get(name or welcome.default_preset)
        if known is None:
            return Refused("recipe-unknown-preset", "The daemon has no such preset.", "Choose another.")
        recipe: Dict[str, Any] = known["recipe"]
        return recipe

    def _end(self, outcome: Optional[Refused]) -> None:
        self.has_ended, self.outcome, self._left = True, outcome, []
        self._changed()
