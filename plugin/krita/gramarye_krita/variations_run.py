"""Paints the eight variations of the current settings, small and one after the other, for the user to choose from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Dict, List, Optional, Tuple, Union

from gramarye_plugin.paint_job import PaintJob, PaintJobListener
from gramarye_plugin.session import Session
from gramarye_plugin.settings import build_submit
from gramarye_plugin.variations import VARIATION_SIDE, Variation, downscaled_settings, variations
from gramarye_protocol.jobs import JobView
from gramarye_protocol.messages import Done, Refused, Result, Submit, Welcome

from .document.downscale import downscale, scale_to_fit, screen_image
from .document.nodes import is_open
from .document.paint_request import PaintSpec
from .document.reader import InputReader
from .document.source import PaintInput, Source
from .document.style_pictures import image_from_buffer
from .qt import QImage


class VariationRun(PaintJobListener):
    """The eight small paintings. ``changed`` is called after every change.

    `pictures` and `jobs` are keyed by the variations' places; `jobs` has only the finished ones.
    """

    def __init__(self, source: Source, paint_spec: PaintSpec, session: Session, changed: Callable[[], None]) -> None:
        self.source = source
        self.paint_spec = paint_spec
        self.layer: Optional[QImage] = None
        self.pictures: Dict[int, QImage] = {}
        self.jobs: Dict[int, str] = {}
        self.view: Optional[JobView] = None
        """State of the variation being painted."""
        self.is_waiting = False
        self.outcome: Optional[Refused] = None
        self.has_ended = False
        self._session = session
        self._changed = changed
        self._remaining: List[Tuple[Variation, Submit]] = []
        self._painting: Optional[PaintJob] = None
        self.variations = self._make_variations()
        self._reader = None if self.has_ended else InputReader(source, paint_spec.regions, self._read)

    @property
    def current_number(self) -> int:
        """Number of the variation being painted, counted from 1."""
        return len(self.jobs) + 1

    def chosen(self, place: int) -> Optional[Tuple[PaintSpec, str]]:
        """Return the full-size request for a variation and the job to continue; None if it is not painted yet."""
        variation = next((each for each in self.variations if each.place == place), None)
        if variation is None or place not in self.jobs:
            return None
        return replace(self.paint_spec, paint_settings=variation.paint_settings), self.jobs[place]

    def cancel(self) -> None:
        """Stop painting variations."""
        if self.has_ended:
            return
        if self._painting is not None:
            self._painting.cancel()
        self._end(None)

    def connection_state_changed(self) -> None:
        """React to a new state of the connection."""
        if self._painting is not None and not self.has_ended:
            self._painting.connection_state_changed()

    def tick(self, now: float) -> None:
        """Called every second; cancels the variations if the document was closed."""
        if self.has_ended or self._painting is None:
            return
        if is_open(self.source.document):
            self._painting.tick(now)
        else:
            self.cancel()

    def handle_event(self, event: Any) -> None:
        """Handle an event; those of other jobs are ignored."""
        if self._painting is not None and not self.has_ended:
            self._painting.handle_event(event)

    def on_progress(self, view: JobView) -> None:
        """`PaintJobListener`."""
        if self.has_ended:
            return
        self.view, self.is_waiting = view, False
        if view.preview is not None and self._remaining:
            self.pictures[self._remaining[0][0].place] = image_from_buffer(view.preview)
        self._changed()

    def on_waiting(self) -> None:
        """`PaintJobListener`."""
        self.is_waiting = True
        self._changed()

    def on_painted(self, result: Result, _done: Done) -> None:
        """`PaintJobListener`."""
        if self.has_ended:
            return
        place = self._remaining.pop(0)[0].place
        self.pictures[place] = screen_image(result.pixels, self.source.space)
        self.jobs[place] = result.job
        self._next()

    def on_failed(self, refused: Refused) -> None:
        """`PaintJobListener`."""
        if not self.has_ended:
            self._end(refused)

    def on_cancelled(self) -> None:
        """`PaintJobListener`; another client cancelled the job."""
        if not self.has_ended:
            self._end(None)

    def _make_variations(self) -> Tuple[Variation, ...]:
        preset = self._preset()
        if isinstance(preset, Refused):
            self._end(preset)
            return ()
        try:
            return variations(self.paint_spec.paint_settings, preset)
        except ValueError as error:
            hint = "Change that value of the recipe first."
            self._end(Refused("variations-none", f"There are no variations: {error}.", hint))
            return ()

    def _read(self, pixels: Union[PaintInput, Refused]) -> None:
        if self.has_ended:
            return
        preset = self._preset()
        if isinstance(pixels, Refused) or isinstance(preset, Refused):
            self._end(pixels if isinstance(pixels, Refused) else preset if isinstance(preset, Refused) else None)
            return
        zoom = scale_to_fit(pixels.layer, VARIATION_SIDE)
        small_input = downscale(pixels, self.source.space, zoom)
        self.layer = screen_image(small_input.layer, self.source.space)
        if self.has_ended:  # cancelled while Krita scaled the layer
            return
        styles = self.paint_spec.styles_with_masks(small_input.regions)
        for variation in self.variations:
            paint_settings = downscaled_settings(variation.paint_settings, preset, zoom)
            submit = build_submit(small_input.layer, styles, paint_settings, self._welcome, small_input.mask)
            watch = replace(submit.watch, preview_side=VARIATION_SIDE, ends_with_client=True)
            title = f"{self.paint_spec.title}: {variation.label}"
            self._remaining.append((variation, replace(submit, title=title, watch=watch)))
        self._next()

    def _next(self) -> None:
        """Start the next variation. `PaintJob` may answer before this returns."""
        self.view = None
        if self._remaining:
            self._painting = PaintJob(self._session, self._remaining[0][1], self)
            self._changed()
        else:
            self._end(None)

    @property
    def _welcome(self) -> Welcome:
        welcome = self._session.welcome
        assert welcome is not None, "the studio paints when the session is ready"
        return welcome

    def _preset(self) -> Union[Dict[str, Any], Refused]:
        """Return the values of the chosen recipe."""
        welcome, name = self._welcome, self.paint_spec.paint_settings.preset
        known = welcome.presets.get(name or welcome.default_preset)
        if known is None:
            return Refused("recipe-unknown-preset", "The daemon has no such preset.", "Choose another.")
        recipe: Dict[str, Any] = known["recipe"]
        return recipe

    def _end(self, outcome: Optional[Refused]) -> None:
        self.has_ended, self.outcome, self._remaining = True, outcome, []
        self._changed()
