"""State shared by all windows: the daemon and its styles, the user's settings, and the paintings."""

from __future__ import annotations

import time
from typing import Any, Callable, Dict, List, Optional, Tuple, Union

from gramarye_protocol.messages import Event, ListStyles, Message, Refused, StyleEntry, StyleList
from krita import Krita

from . import stored_settings as stored
from .daemon.connection import Link
from .document.nodes import find_node, node_id
from .document.noted_spec import read_noted_spec
from .document.paint_request import PaintSpec
from .document.source import Source, select_source
from .history_actions import HistoryActions
from .last_jobs import LastJobs
from .paint_queue import PaintQueue
from .paint_run import PaintRun
from .refusals import INVALID_SETTING, LAYER_GONE, NOT_READY, NOTHING_OPEN, NOTHING_PAINTED, VARIATIONS_RUNNING
from .region_settings import Regions
from .variations_run import VariationRun

REFUSAL_SECONDS, FAILURE_SECONDS = 5.0, 30.0
"""Seconds for which a refusal, and why a painting has failed, are shown in place of another painting's progress."""


class Studio:
    """The plugin's model. Listeners are called after every change and read what they need."""

    def __init__(self, folder: str) -> None:
        self.settings = stored.load()
        self.styles: Tuple[StyleEntry, ...] = ()
        self._refused_until = 0.0
        self.last_refusal: Optional[Refused] = None
        """Why the user's last request failed; None if it did not."""
        self.queue = PaintQueue()
        self.variation_run: Optional[VariationRun] = None
        """The variations being painted or shown."""
        self._regions: Dict[str, Regions] = {}
        self._last_jobs = LastJobs()
        self._last_spec: Optional[PaintSpec] = None
        self._listeners: List[Callable[[], None]] = []
        self.link = Link(folder, self._connection_changed, self._on_event, self._tick, self._all_sent)
        self.history = HistoryActions(self.link.session, self.refuse)
        self._last_welcome: Any = None

    @property
    def paint_run(self) -> Optional[PaintRun]:
        """The painting to show: the running one, else the last one; None if there was none."""
        return self.queue.current

    @property
    def is_painting(self) -> bool:
        """Whether a painting waits or runs."""
        return bool(self.queue.unfinished)

    def is_painting_in(self, document: Any) -> bool:
        """Return whether a painting that waits or runs is one of ``document``."""
        return any(run.source.document == document for run in self.queue.unfinished)

    def add_listener(self, listener: Callable[[], None]) -> None:
        """Have ``listener`` called after every change."""
        self._listeners.append(listener)

    def remove_listener(self, listener: Callable[[], None]) -> None:
        """Stop calling ``listener``."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def apply_settings(self, settings: stored.Settings) -> None:
        """Store changed settings; this also clears the message about a field that could not be parsed."""
        is_corrected = self.last_refusal is not None and self.last_refusal.code == INVALID_SETTING
        if is_corrected:
            self.last_refusal = None
        if settings != self.settings:
            self.settings = settings
            stored.store(settings)
        elif not is_corrected:
            return
        self._notify()

    def note_used(self, styles: Tuple[str, ...]) -> None:
        """Remember, by their gallery keys, the styles that were painted with last."""
        self.settings = self.settings.with_recent(styles)
        stored.store(self.settings)
        self._notify()

    def regions(self, document: Any) -> Regions:
        """Return the regions set for a document in this session."""
        return self._regions.get(node_id(document.rootNode()), Regions()) if document else Regions()

    def set_regions(self, document: Any, regions: Regions) -> None:
        """Set the regions of a document."""
        if regions != self.regions(document):
            self._regions[node_id(document.rootNode())] = regions
            self._notify()

    def paint(self, paint_spec: PaintSpec) -> None:
        """Paint the active layer; continue from its last painting if the settings say so."""
        source = self._source()
        if source is not None:
            self._start_paint_run(
                paint_spec, source, self._last_jobs.job(source) if self.settings.continues_last else ""
            )

    def paint_variations(self, paint_spec: PaintSpec) -> None:
        """Paint eight small variations of the active layer; they wait for the paintings in the queue."""
        if self.variation_run is not None and not self.variation_run.has_ended:
            self.refuse(VARIATIONS_RUNNING)
            return
        source = self._source()
        if source is not None:
            self.last_refusal = None
            self.variation_run = VariationRun(source, paint_spec, self.link.session, self._variations_changed)
            self._variations_changed()

    def paint_variation(self, place: int) -> None:
        """Paint the variation at ``place`` at full size and adopt its settings."""
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
        """Cancel and forget the variations."""
        variation_run, self.variation_run = self.variation_run, None
        if variation_run is not None:
            variation_run.cancel()

    def repeat(self) -> None:
        """Paint the active layer with the settings of the last painting."""
        if self._last_spec is None:
            self.refuse(NOTHING_PAINTED)
        else:
            source = self._source()
            if source is not None:
                self._start_paint_run(self._last_spec, source)

    def repaint_layer(self) -> None:
        """Repaint the layer that the active layer was painted from, with the settings saved with the active layer."""
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
        """Stop the running painting; with ``keep``, keep the best picture so far."""
        for run in self.queue.unfinished[:1]:
            run.cancel(keep)
            self._notify()

    def cancel_run(self, run: PaintRun) -> None:
        """Cancel a painting, which may wait."""
        run.cancel()
        self._notify()

    def prioritise(self, run: PaintRun) -> None:
        """Have a waiting painting painted next."""
        run.prioritise()
        self._notify()

    def cancel_all(self) -> None:
        """Cancel all paintings; the waiting ones first, so that none of them begins."""
        for run in reversed(self.queue.unfinished):
            run.cancel()
        self._notify()

    def close(self) -> None:
        """Krita exits: cancel everything."""
        self.close_variations()
        self.cancel_all()
        self.link.finish()

    def document_shown(self) -> None:
        """Another document was brought to the front."""
        for run in self.queue:
            run.document_shown()

    def refuse(self, refused: Optional[Refused]) -> None:
        """Show why a request was not carried out; None clears the message."""
        self.last_refusal, self._refused_until = refused, time.monotonic() + REFUSAL_SECONDS
        self._notify()

    def _start_paint_run(self, paint_spec: PaintSpec, source: Source, continues: str = "") -> None:
        self.last_refusal, self._last_spec = None, paint_spec
        placement = self.settings.placement
        self.queue.add(PaintRun(source, paint_spec, self.link.session, self._paint_run_changed, continues, placement))
        self._notify()

    def _source(self, document: Any = None, node: Any = None) -> Optional[Source]:
        """Return what to paint of ``node`` (default: the active layer); None, after showing why, if nothing can be."""
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
        """Return the layer to paint, or why nothing can be painted now."""
        if document is None or (node or document.activeNode()) is None:
            return NOTHING_OPEN
        return (node or document.activeNode()) if self.link.is_ready else NOT_READY

    def _paint_run_changed(self, run: PaintRun) -> None:
        if run.has_ended and self.queue.take_ended(run):
            if run.job:
                self._last_jobs.remember(run.source, run.job)
                self.history.revision += 1
            if run.outcome is not None:
                self.last_refusal, self._refused_until = run.outcome, time.monotonic() + FAILURE_SECONDS
        self._notify()

    def _variations_changed(self) -> None:
        variation_run = self.variation_run
        if variation_run is not None and variation_run.outcome is not None:
            self.last_refusal = variation_run.outcome
            if not variation_run.jobs:
                self.variation_run = None  # nothing to choose from
        self._notify()

    def _runs(self) -> Tuple[Union[PaintRun, VariationRun], ...]:
        """Return the paintings and the last variations."""
        return (*self.queue, *(run for run in (self.variation_run,) if run is not None))

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

    def _all_sent(self) -> None:
        if len(self.queue.unfinished) == 1:  # any other waits for the first one
            self.queue.unfinished[0].all_sent()

    def _tick(self, now: float) -> None:
        for run in self._runs():
            run.tick(now)
        if self.last_refusal is not None and self.is_painting and now > self._refused_until:
            self.refuse(None)  # show the progress again

    def _notify(self) -> None:
        for listener in list(self._listeners):
            listener()
        self.link.flush()
