"""One painting in a document: reads the layer, shows previews, inserts the result as a new layer."""

from __future__ import annotations

import math
from typing import Any, Callable, Dict, Optional, Union

from gramarye_plugin.paint_job import PaintJob, PaintJobListener
from gramarye_plugin.session import Session
from gramarye_plugin.settings import build_submit
from gramarye_protocol.jobs import QUEUED, RUNNING, JobView
from gramarye_protocol.messages import Done, Refused, Result

from .document.annotations import write_note
from .document.history import add_entry, change_entry, entry_of
from .document.nodes import find_node, is_open
from .document.paint_request import PaintSpec, note_from_spec
from .document.placement.insertion import ABOVE_SOURCE, MASKED, REPLACE
from .document.placement.masked_layer import Uncut
from .document.preview_layer import Preview
from .document.reader import InputReader
from .document.source import PaintInput, Source
from .refusals import NOT_MASKED, NOT_REPLACED


class PaintRun(PaintJobListener):
    """A running or finished painting. ``changed`` is called with it after every change.

    ``continues`` is the job whose painting is continued. If the daemon cannot continue it, the painting starts over.
    ``placement`` says where the painting goes (`document.placement`). `outcome` is None while it runs and after success
    or a cancel, otherwise the refusal, or why the painting is not where it should be.
    """

    def __init__(
        self,
        source: Source,
        paint_spec: PaintSpec,
        session: Session,
        changed: Callable[[PaintRun], None],
        continues: str = "",
        placement: str = ABOVE_SOURCE,
    ) -> None:
        self.source = source
        self._placement = placement
        self.paint_spec = paint_spec
        self.continues = continues
        self.began_afresh = False
        """Whether the job given as ``continues`` could not be continued."""
        self.job = ""
        """Name of the job; empty until it has finished."""
        self.view: Optional[JobView] = None
        self.is_waiting = False
        self.outcome: Optional[Refused] = None
        self.has_ended = False
        self._session = session
        self._changed = changed
        self._painting: Optional[PaintJob] = None
        self._pending_cancel: Optional[bool] = None
        self._note: Dict[str, Any] = {}
        self._pixels: Optional[PaintInput] = None
        """Kept as long as the daemon may refuse to continue the earlier job."""
        self._uncut: Optional[Uncut] = None
        """What a layer with a mask needs besides the result."""
        self._preview = Preview(source, placement)
        self._reader = InputReader(source, paint_spec.regions, self._read)

    @property
    def waits_for_document(self) -> bool:
        """Whether `document_shown` has something to do once the painting's document is in front."""
        return self._preview.waits_for_document and is_open(self.source.document)

    def cancel(self, keep: bool = False) -> None:
        """Stop the painting; with ``keep``, the best picture so far becomes the layer."""
        self._pending_cancel = keep
        if self._painting is not None:
            self._painting.cancel(keep)

    @property
    def place(self) -> float:
        """The place in the daemon's queue, 0 for the next; below 0 if it runs, infinite if it is not there yet."""
        if self.view is None:
            return math.inf
        return self.view.position if self.view.state == QUEUED else -1

    def prioritise(self) -> None:
        """Have it painted next, if it waits."""
        if self._painting is not None:
            self._painting.prioritise()

    def all_sent(self) -> None:
        """All requests have been sent: prepare the preview while the daemon reads the layer, to save time."""
        if self._painting is not None and self.view is None and not self.has_ended:
            self._preview.begin()

    def connection_state_changed(self) -> None:
        """React to a new state of the connection."""
        if self._painting is not None:
            self.is_waiting = False
            self._painting.connection_state_changed()

    def tick(self, now: float) -> None:
        """Called every second; cancels the painting if its document was closed."""
        if self._painting is None or self.has_ended:
            return
        if not is_open(self.source.document):
            self._painting.cancel()
            message = f"The document with {self.source.name} was closed, so the painting was cancelled."
            self._end(Refused("document-closed", message))
            return
        self._painting.tick(now)

    def document_shown(self) -> None:
        """Another document was brought to the front: tidy up if it is this painting's, which ended behind another."""
        identity = self._preview.finish_in_shown_document() if is_open(self.source.document) else ""
        if identity:
            write_note(self.source.document, identity, self._note)
            change_entry(self.source.document, self.job, layer=identity)

    def handle_event(self, event: Any) -> None:
        """Handle an event; those of other jobs are ignored."""
        if self._painting is not None:
            self._painting.handle_event(event)

    def on_progress(self, view: JobView) -> None:
        """`PaintJobListener`."""
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
        self._changed(self)

    def on_waiting(self) -> None:
        """`PaintJobListener`."""
        self.is_waiting = True
        self._changed(self)

    def on_painted(self, result: Result, _done: Done) -> None:
        """`PaintJobListener`."""
        self._preview.end(lambda: self._finish(result))

    def on_failed(self, refused: Refused) -> None:
        """`PaintJobListener`."""
        if refused.code == "continues-unfit" and self.continues and self._pixels is not None and not self.has_ended:
            self.continues, self.began_afresh = "", True
            self._submit(self._pixels)
        else:
            self._preview.end(lambda: self._remove(refused))

    def on_cancelled(self) -> None:
        """`PaintJobListener`."""
        self._preview.end(lambda: self._remove(None))

    def _finish(self, result: Result) -> None:
        if self.has_ended:
            return
        if not is_open(self.source.document):
            self.tick(0.0)
            return
        if self._uncut is None:
            identity = self._preview.finish(self.paint_spec.title, result.pixels)
        else:
            painting = self._uncut.painting(result.pixels)
            identity = self._preview.finish(self.paint_spec.title, painting, self._uncut.mask)
        welcome = self._session.welcome
        self._note = note_from_spec(self.paint_spec, self.source.identity, result, welcome.daemon if welcome else "")
        write_note(self.source.document, identity, self._note)
        layer = find_node(self.source.document, identity)
        if layer is not None:
            add_entry(self.source.document, entry_of(self.source, result.job, self.paint_spec.title, layer))
        self.job = result.job
        is_elsewhere = self._placement == REPLACE and find_node(self.source.document, self.source.identity) is not None
        is_unmasked = self._placement == MASKED and self.source.is_selected and self._uncut is None
        self._end(NOT_REPLACED if is_elsewhere else NOT_MASKED if is_unmasked else None)

    def _remove(self, outcome: Optional[Refused]) -> None:
        if not self.has_ended:
            self._preview.remove()
            self._end(outcome)

    def _read(self, pixels: Union[PaintInput, Refused]) -> None:
        if isinstance(pixels, Refused):
            self._end(pixels)
            return
        self._pixels = pixels if self.continues else None
        self._uncut = Uncut.of(pixels) if self._placement == MASKED else None
        self._submit(pixels)

    def _submit(self, pixels: PaintInput) -> None:
        welcome, paint_spec = self._session.welcome, self.paint_spec
        assert welcome is not None, "the studio paints when the session is ready"
        styles = paint_spec.styles_with_masks(pixels.regions)
        try:
            submit = build_submit(pixels.layer, styles, paint_spec.paint_settings, welcome, pixels.mask, self.continues)
        except KeyError:
            self._end(Refused("recipe-unknown-preset", "The daemon has no such preset.", "Choose another."))
            return
        self._painting = PaintJob(self._session, submit, self)
        if self._pending_cancel is not None:
            self._painting.cancel(self._pending_cancel)
        self._changed(self)

    def _end(self, outcome: Optional[Refused]) -> None:
        self.has_ended, self.outcome, self._pixels = True, outcome, None
        self._changed(self)
