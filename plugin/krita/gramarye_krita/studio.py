"""What all windows share: the link to the daemon, its styles, the artist's settings, and the painting under way."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional, Tuple, Union

from gramarye_protocol.messages import Event, ListStyles, Message, Refused, StyleEntry, StyleList
from krita import Krita

from . import stored_settings as stored
from .daemon.connection import Link
from .document.last_job import LastJobs
from .document.nodes import find_node, node_id
from .document.paint_history import read_noted_spec
from .document.region_settings import Regions
from .document.source import Source, select_source
from .paint_request import PaintSpec
from .paint_run import PaintRun
from .refusals import BUSY, INVALID_SETTING, LAYER_GONE, NOT_READY, NOTHING_OPEN, NOTHING_PAINTED, VARIATIONS_RUNNING
from .variations_run import VariationRun


class Studio:
    """Listeners are called after every change; they read what they need."""

    def __init__(self, folder: str) -> None:
        self.settings = stored.load()
        self.styles: Tuple[StyleEntry, ...] = ()
        self.last_refusal: Optional[Refused] = None
        """What the last thing that the artist asked for came to."""
        self.paint_run: Optional[PaintRun] = None
        self.variation_run: Optional[VariationRun] = None
        """The small paintings that are there to choose from, or form."""
        self._regions: Dict[str, Regions] = {}
        self._last_jobs = LastJobs()
        self._last_spec: Optional[PaintSpec] = None
        self._listeners: List[Callable[[], None]] = []
        self.link = Link(folder, self._connection_changed, self._on_event, self._tick)
        self._last_welcome: Any = None

    @property
    def is_painting(self) -> bool:
        """Whether a painting is under way."""
        return self.paint_run is not None and not self.paint_run.has_ended

    def add_listener(self, listener: Callable[[], None]) -> None:
        """Call it after every change."""
        self._listeners.append(listener)

    def remove_listener(self, listener: Callable[[], None]) -> None:
        """Its window is gone."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def apply_settings(self, settings: stored.Settings) -> None:
        """The artist changed something, or corrected what could not be read."""
        is_corrected = self.last_refusal is not None and self.last_refusal.code == INVALID_SETTING
        if is_corrected:
            self.last_refusal = None
        if settings != self.settings:
            self.settings = settings
            stored.store(settings)
        elif not is_corrected:
            return
        self._notify()

    def regions(self, document: Any) -> Regions:
        """A document's, in this session."""
        return self._regions.get(node_id(document.rootNode()), Regions()) if document else Regions()

    def set_regions(self, document: Any, regions: Regions) -> None:
        """The artist changed them."""
        if regions != self.regions(document):
            self._regions[node_id(document.rootNode())] = regions
            self._notify()

    def paint(self, paint_spec: PaintSpec) -> None:
        """Paint the active layer, on from its last painting where that is wished for."""
        source = self._source()
        if source is not None:
            self._start_paint_run(
                paint_spec, source, self._last_jobs.job(source) if self.settings.continues_last else ""
            )

    def paint_variations(self, paint_spec: PaintSpec) -> None:
        """Paint eight small variations of the active layer."""
        source = self._source()
        if source is not None:
            self.last_refusal = None
            self.variation_run = VariationRun(source, paint_spec, self.link.session, self._variations_changed)
            self._variations_changed()

    def paint_variation(self, place: int) -> None:
        """Paint one of them at full size, and go on with its settings."""
        variation_run = self.variation_run
        chosen = variation_run.chosen(place) if variation_run is not None else None
        if variation_run is None or chosen is None:
            return
        self.close_variations()
        paint_spec, job = chosen
        node = find_node(variation_run.source.document, variation_run.source.identity)
        if node is None:
            self.refuse(LAYER_GONE)
            return
        paint_settings = paint_spec.paint_settings
        self.apply_settings(
            self.settings.with_paint_settings(
                strength=paint_settings.strength, stroke=paint_settings.stroke, recipe=paint_settings.recipe
            )
        )
        source = self._source(variation_run.source.document, node)
        if source is not None:
            self._start_paint_run(paint_spec, source, job)

    def close_variations(self) -> None:
        """The small ones are no longer looked at."""
        variation_run, self.variation_run = self.variation_run, None
        if variation_run is not None:
            variation_run.cancel()

    def repeat(self) -> None:
        """Paint the active layer as the last one was."""
        if self._last_spec is None:
            self.refuse(NOTHING_PAINTED)
        else:
            source = self._source()
            if source is not None:
                self._start_paint_run(self._last_spec, source)

    def repaint_layer(self) -> None:
        """Paint with the settings that the active layer was painted with, what that was painted from."""
        document = Krita.instance().activeDocument()
        noted_spec = read_noted_spec(document, document.activeNode() if document else None)
        if isinstance(noted_spec, Refused):
            self.refuse(noted_spec)
            return
        paint_spec, node = noted_spec
        source = self._source(document, node)
        if source is not None:
            self._start_paint_run(paint_spec, source)

    def cancel(self, keep: bool = False) -> None:
        """Stop the painting under way."""
        if self.paint_run is not None and self.is_painting:
            self.paint_run.cancel(keep)
            self._notify()

    def close(self) -> None:
        """Krita ends: nobody is left to see the painting."""
        self.close_variations()
        self.cancel()

    def refuse(self, refused: Optional[Refused]) -> None:
        """Say why something was not done."""
        self.last_refusal = refused
        self._notify()

    def _start_paint_run(self, paint_spec: PaintSpec, source: Source, continues: str = "") -> None:
        self.last_refusal, self._last_spec = None, paint_spec
        self.paint_run = PaintRun(source, paint_spec, self.link.session, self._paint_run_changed, continues)
        self._notify()

    def _source(self, document: Any = None, node: Any = None) -> Optional[Source]:
        """What of the layer, or of the active one, is to be painted; None, and why, where nothing can be now."""
        document = document or Krita.instance().activeDocument()
        found = self._ready(document, node)
        source = found if isinstance(found, Refused) else select_source(document, found)
        if not isinstance(source, Refused):
            return source
        if source is NOT_READY:
            self.link.ensure_connected()
        self.refuse(source)
        return None

    def _ready(self, document: Any, node: Any) -> Union[Any, Refused]:
        """The layer to paint, if something can be painted now."""
        if self.is_painting:
            return BUSY
        if self.variation_run is not None and not self.variation_run.has_ended:
            return VARIATIONS_RUNNING
        if document is None or (node or document.activeNode()) is None:
            return NOTHING_OPEN
        return (node or document.activeNode()) if self.link.is_ready else NOT_READY

    def _paint_run_changed(self) -> None:
        paint_run = self.paint_run
        if paint_run is not None and paint_run.has_ended:
            if paint_run.job:
                self._last_jobs.remember(paint_run.source, paint_run.job)
            self.last_refusal = paint_run.outcome or self.last_refusal
        self._notify()

    def _variations_changed(self) -> None:
        variation_run = self.variation_run
        if variation_run is not None and variation_run.outcome is not None:
            self.last_refusal = variation_run.outcome
            if not variation_run.jobs:
                self.variation_run = None  # there is nothing to choose from
        self._notify()

    def _runs(self) -> Tuple[Union[PaintRun, VariationRun], ...]:
        """The last painting and the last small ones."""
        return tuple(run for run in (self.paint_run, self.variation_run) if run is not None)

    def _connection_changed(self) -> None:
        if self.link.is_ready and self._last_welcome is not self.link.session.welcome:
            self._last_welcome = self.link.session.welcome
            self.link.session.request(ListStyles(), self._styles_received)
        for run in self._runs():
            if not run.has_ended:
                run.connection_state_changed()
        self._notify()

    def _styles_received(self, answer: Message) -> None:
        if isinstance(answer, StyleList):
            self.styles = answer.styles
            self._notify()

    def _on_event(self, event: Event) -> None:
        for run in self._runs():
            run.handle_event(event)

    def _tick(self, now: float) -> None:
        for run in self._runs():
            run.tick(now)

    def _notify(self) -> None:
        for listener in list(self._listeners):
            listener()
        self.link.flush()
