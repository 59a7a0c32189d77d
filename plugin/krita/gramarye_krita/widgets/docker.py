"""The docker: the daemon's status, the gallery, the settings, the buttons, and the painting's progress."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import Any, Callable, List, Tuple

from gramarye_plugin.labels import VARIATIONS, VARIATIONS_HELP
from gramarye_plugin.status_text import HelpAction, StatusMessage
from gramarye_protocol.messages import Refused
from krita import DockWidget, Krita

from ..document.history import HistoryEntry
from ..document.noted_spec import noted_spec_of
from ..document.paint_request import PaintSpec
from ..qt import QHBoxLayout, QLabel, QLineEdit, QProgressBar, QPushButton, QTimer, QVBoxLayout, QWidget
from ..refusals import NOTICES
from ..region_settings import Regions
from ..studio import Studio
from ..translations import tr
from .common.style_gallery import Gallery
from .earlier_settings import earlier_settings
from .help_buttons import HelpActions
from .history_strip import HistoryStrip
from .message_box import MessageBox
from .queue_list import QueueList
from .settings.settings_panel import SettingsPanel
from .status_line import painting_status
from .style_buttons import StyleButtons
from .variations_window import VariationsWindow

DOCKER = "gramarye_docker"
SHOWN_MS = 500
"""Milliseconds after which Krita has brought a document to the front, so that its undo action is this document's."""

PROGRESS_HEIGHT = 8
"""Pixels. All that is always shown must leave room for Krita's own dockers, or the window grows beyond the screen."""

MANY_STYLES = 12
"""Number of styles above which the gallery has a search field."""

SECOND_CLICK_SECONDS = 0.5
"""A click on Paint so soon after another is the second one of a double click, and not a wish for two paintings."""


class Docker(DockWidget):
    """A view of the studio; the state is in the studio."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._shown: Any = None
        self._settings_shown: Any = None
        self._order_shown: Any = None
        self._used: Tuple[str, ...] = ()
        """The styles painted with that `Settings.recent` lacks."""
        self._painting_status = StatusMessage("")
        self._helper = HelpActions(studio, self)
        self.setWindowTitle("Gramarye")
        self._gallery = Gallery(self._add_files, lambda: self._style_buttons.add_selected_layers())
        self._search = QLineEdit()
        self._search.setObjectName("gramarye_search")
        self._search.setPlaceholderText(tr("Search styles"))
        self._search.setClearButtonEnabled(True)
        self._search.textChanged.connect(self._gallery.search)
        self._style_buttons = StyleButtons(self._gallery, self._add_files, self._remove)
        self._panel = SettingsPanel(self._gallery, studio.apply_settings, self._set_regions)
        self._status, self._help = _label("gramarye_status"), _button("gramarye_help", self._helper.help)
        self._message = MessageBox(lambda: self._helper.help(self._painting_status.help))
        self._progress = QProgressBar()
        self._progress.setObjectName("gramarye_progress")
        self._progress.setTextVisible(False)
        self._progress.setFixedHeight(PROGRESS_HEIGHT)
        self._history = HistoryStrip(studio.history, self._use_settings)
        self._history.opened = lambda: self._gallery.make_room(True)
        self._history.closed = lambda: self._gallery.make_room(False)
        self._queue = QueueList(studio)
        self._paint = _button("gramarye_paint", self._paint_clicked, tr("Paint"))
        self._paint_clicked_at = 0.0
        self._variations_button = _button(
            "gramarye_eight", lambda: self._run_with_spec(self._paint_variations), tr(VARIATIONS)
        )
        self._variations_button.setToolTip(tr(VARIATIONS_HELP))
        self._keep = _button("gramarye_keep", lambda: studio.cancel(keep=True), tr("Keep this"))
        self._cancel = _button("gramarye_cancel", lambda: studio.cancel(), tr("Cancel"))
        self._lay_out()
        for path in studio.settings.files:
            self._gallery.add_file(path)
        self._gallery.choose(studio.settings.chosen)
        self._gallery.itemSelectionChanged.connect(self._chose)
        studio.add_listener(self._update)
        self.destroyed.connect(lambda: studio.remove_listener(self._update))
        self._update()

    def canvasChanged(self, canvas: Any) -> None:
        """Krita calls this when the active document changes; show that document's regions."""
        self._show_settings()
        QTimer.singleShot(SHOWN_MS, self._document_shown)

    def _document_shown(self) -> None:
        """Krita has brought a document to the front, or closed the last one."""
        self._studio.document_shown()
        self._show_settings()
        self._history.update_entries()

    def showEvent(self, event: Any) -> None:
        """Connect to a daemon when the docker becomes visible."""
        super().showEvent(event)
        if not self._studio.link.is_ready:
            self._studio.link.ensure_connected()

    def enterEvent(self, event: Any) -> None:
        """The mouse comes to the docker: show the networks that there are now."""
        super().enterEvent(event)
        if self._studio.link.is_ready and not self._studio.is_painting:
            self._studio.link.refresh()

    def _lay_out(self) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        column.addLayout(_row((self._status, 1), (self._help, 0)))
        column.addWidget(self._search)
        column.addWidget(self._gallery, 1)
        column.addWidget(self._style_buttons)
        column.addWidget(self._panel)
        column.addWidget(self._history)
        # The buttons are always there and nothing below them changes its height, so that nothing comes to lie under the
        # mouse that was not there when the user aimed. The queue and a long message take their place from the gallery.
        column.addWidget(self._queue)
        column.addWidget(self._message)
        column.addWidget(self._progress)
        column.addLayout(_row((self._paint, 2), (self._variations_button, 1)))
        column.addLayout(_row((self._keep, 1), (self._cancel, 1)))
        self.setWidget(body)

    def _update(self) -> None:
        """Show the studio's state."""
        studio = self._studio
        status = studio.link.status
        self._status.setText(status.sentence)
        self._show_help(self._help, status.help)
        welcome = studio.link.session.welcome
        if welcome is not None and (welcome, studio.styles) != self._shown:
            self._shown = (welcome, studio.styles)
            self._panel.set_options(welcome)
            self._gallery.show_built_in(studio.styles)
            self._gallery.choose(studio.settings.chosen)
        self._show_settings()
        self._show_painting()

    def _show_settings(self) -> None:
        """Show the settings if they, the gallery or the active document's regions have changed."""
        studio, document = self._studio, Krita.instance().activeDocument()
        regions = studio.regions(document)
        if (studio.settings.recent, self._gallery.count()) != self._order_shown:
            self._order_shown = (studio.settings.recent, self._gallery.count())
            self._gallery.show_first(studio.settings.recent)
        state = (studio.settings, regions, [entry[:2] for entry in self._gallery.entries()])
        if state != self._settings_shown:
            self._settings_shown = state
            self._search.setVisible(self._gallery.count() > MANY_STYLES)
            self._panel.show_settings(studio.settings, document, regions)

    def _show_painting(self) -> None:
        paint_run, is_painting = self._studio.paint_run, self._studio.is_painting
        if self._used and not is_painting:
            used, self._used = self._used, ()
            self._studio.note_used(used)
        self._paint.setEnabled(self._studio.link.is_ready)
        self._variations_button.setEnabled(self._studio.link.is_ready)
        self._queue.update_rows()
        self._history.make_room(self._queue.is_shown)
        self._history.update_entries()
        self._cancel.setEnabled(is_painting)
        view = paint_run.view if paint_run is not None and is_painting else None
        progress = view.progress if view is not None else None
        self._keep.setEnabled(progress is not None)
        without_progress = 0 if is_painting else 1  # Qt animates a bar that ends at 0: the end is not known yet
        self._progress.setRange(0, progress.total if progress else without_progress)
        self._progress.setValue(progress.step if progress else 0)
        self._painting_status = painting_status(self._studio)
        refusal = self._studio.last_refusal
        self._message.show_message(self._painting_status, refusal is not None and refusal.code not in NOTICES)

    def _show_help(self, button: QPushButton, help: HelpAction) -> None:
        button.setVisible(help is not HelpAction.NOTHING)
        button.setText(tr(help.value))

    def _paint_clicked(self) -> None:
        before, self._paint_clicked_at = self._paint_clicked_at, time.monotonic()
        if self._paint_clicked_at - before > SECOND_CLICK_SECONDS:
            self._run_with_spec(self._start_painting)

    def _run_with_spec(self, action: Callable[[PaintSpec], None]) -> None:
        """Call ``action`` with the current settings as a `PaintSpec`, or show why there is none."""
        paint_spec = self._panel.paint_spec()
        if isinstance(paint_spec, Refused):
            self._studio.refuse(paint_spec)
        else:
            action(paint_spec)

    def _start_painting(self, paint_spec: PaintSpec) -> None:
        """Paint; the styles will be shown as those used last once that holds up no preview."""
        self._studio.paint(paint_spec)
        if self._studio.is_painting:
            self._used = self._gallery.chosen()

    def _paint_variations(self, paint_spec: PaintSpec) -> None:
        """Paint the eight variations and open their window."""
        before = self._studio.variation_run
        self._studio.paint_variations(paint_spec)
        if self._studio.variation_run not in (None, before):
            VariationsWindow(self._studio, self._studio.variation_run, self).show()

    def _set_regions(self, regions: Regions) -> None:
        self._studio.set_regions(Krita.instance().activeDocument(), regions)

    def _use_settings(self, document: Any, entry: HistoryEntry) -> None:
        """Show the styles, settings and regions of an earlier painting."""
        welcome, paint_spec = self._studio.link.session.welcome, noted_spec_of(document, entry.layer)
        if isinstance(paint_spec, Refused) or welcome is None:
            self._studio.refuse(paint_spec if isinstance(paint_spec, Refused) else None)
            return
        settings, regions = earlier_settings(paint_spec, self._gallery, self._studio.settings, welcome)
        self._gallery.choose(settings.chosen)
        self._studio.set_regions(document, regions)
        self._studio.apply_settings(settings)

    def _chose(self) -> None:
        self._studio.apply_settings(replace(self._studio.settings, chosen=self._gallery.chosen()))

    def _add_files(self, paths: List[str]) -> None:
        unreadable = [path for path in paths if not self._gallery.add_file(path)]
        added = [path for path in paths if path not in unreadable]
        known = self._studio.settings
        self._studio.apply_settings(replace(known, files=tuple(dict.fromkeys((*known.files, *added)))))
        if added:
            self._gallery.choose(added[-1:])
        self._studio.refuse(_no_picture(unreadable[0]) if unreadable else None)

    def _remove(self) -> None:
        """Remove the selected styles from the gallery, except the built-in ones."""
        known = self._studio.settings
        built_in = {style.name for style in self._studio.styles}
        gone = [key for key in self._gallery.chosen() if key not in built_in]
        for key in gone:
            self._gallery.remove(key)
        self._studio.apply_settings(replace(known, files=tuple(path for path in known.files if path not in gone)))


def _no_picture(path: str) -> Refused:
    message = f"{os.path.basename(path)} cannot be read as a picture."
    return Refused("picture-unreadable", message, "Choose a PNG, JPEG, TIFF or WebP file.")


def _label(name: str) -> QLabel:
    label = QLabel()
    label.setObjectName(name)
    label.setWordWrap(True)
    return label


def _button(name: str, clicked: Any, text: str = "") -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.clicked.connect(lambda: clicked())
    return button


def _row(*widgets: Any) -> QHBoxLayout:
    row = QHBoxLayout()
    for widget, stretch in widgets:
        row.addWidget(widget, stretch)
    return row
