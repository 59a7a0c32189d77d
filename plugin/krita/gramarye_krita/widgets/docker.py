"""The docker: how the daemon is, the gallery, the settings, Paint, and what is being painted."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any, Callable, List

from gramarye_plugin.labels import EIGHT, EIGHT_HELP, GO_ON, GO_ON_HELP
from gramarye_plugin.status_text import Help, Words
from gramarye_protocol.messages import Refused
from krita import DockWidget, Krita

from ..document.region_settings import Regions
from ..paint_request import Order
from ..qt import QCheckBox, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget
from ..studio import Studio
from ..translations import tr
from .help_buttons import Helper
from .settings_panel import Panel
from .status_line import words_of
from .style_buttons import Adding
from .style_gallery import Gallery
from .variations_window import SheetWindow

DOCKER = "gramarye_docker"


class Docker(DockWidget):
    """A view of the studio; it holds nothing that the studio should know."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._shown: Any = None
        self._settings_shown: Any = None
        self._said_words = Words("")
        self._helper = Helper(studio, self)
        self.setWindowTitle("Gramarye")
        self._gallery = Gallery(self._add_files)
        self._adding = Adding(self._gallery, self._add_files, self._remove)
        self._panel = Panel(self._gallery, studio.set, self._set_regions)
        self._status, self._help = _label("gramarye_status"), _button("gramarye_help", self._helper.help)
        self._said = _label("gramarye_said")
        self._said_help = _button("gramarye_said_help", lambda: self._helper.help(self._said_words.help))
        self._progress = QProgressBar()
        self._progress.setObjectName("gramarye_progress")
        self._go_on = QCheckBox(tr(GO_ON))
        self._go_on.setObjectName("gramarye_go_on")
        self._go_on.setToolTip(tr(GO_ON_HELP))
        self._go_on.clicked.connect(lambda on: studio.set(replace(studio.settings, goes_on=on)))
        self._paint = _button("gramarye_paint", lambda: self._ask(studio.paint), tr("Paint"))
        self._eight = _button("gramarye_eight", lambda: self._ask(self._vary), tr(EIGHT))
        self._eight.setToolTip(tr(EIGHT_HELP))
        self._keep = _button("gramarye_keep", lambda: studio.cancel(keep=True), tr("Keep this"))
        self._cancel = _button("gramarye_cancel", lambda: studio.cancel(), tr("Cancel"))
        self._lay_out()
        for path in studio.settings.files:
            self._gallery.add_file(path)
        self._gallery.choose(studio.settings.chosen)
        self._gallery.itemSelectionChanged.connect(self._chose)
        studio.listen(self._update)
        self.destroyed.connect(lambda: studio.forget(self._update))
        self._update()

    def canvasChanged(self, canvas: Any) -> None:
        """Another document may be in front, with regions of its own."""
        self._show_settings()

    def showEvent(self, event: Any) -> None:
        """The artist looks: there should be a daemon."""
        super().showEvent(event)
        if not self._studio.link.is_ready:
            self._studio.link.want()

    def _lay_out(self) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        column.addLayout(_row((self._status, 1), (self._help, 0)))
        column.addWidget(self._gallery, 1)
        column.addWidget(self._adding)
        column.addWidget(self._panel)
        column.addWidget(self._go_on)
        column.addLayout(_row((self._paint, 2), (self._eight, 1), (self._keep, 1), (self._cancel, 1)))
        column.addWidget(self._progress)
        column.addLayout(_row((self._said, 1), (self._said_help, 0)))
        self.setWidget(body)

    def _update(self) -> None:
        """Show what the studio knows."""
        studio = self._studio
        words = studio.link.words
        self._status.setText(tr(words.sentence))
        self._offer_help(self._help, words.help)
        welcome = studio.link.session.welcome
        if welcome is not None and (welcome, studio.styles) != self._shown:
            self._shown = (welcome, studio.styles)
            self._panel.offer(welcome)
            self._gallery.show_built_in(studio.styles)
            self._gallery.choose(studio.settings.chosen)
        self._show_settings()
        self._show_painting()

    def _show_settings(self) -> None:
        """Where they, or the gallery, or the document in front, have changed."""
        studio, document = self._studio, Krita.instance().activeDocument()
        regions = studio.regions(document)
        there = (studio.settings, regions, [entry[:2] for entry in self._gallery.entries()])
        if there != self._settings_shown:
            self._settings_shown = there
            self._go_on.setChecked(studio.settings.goes_on)
            self._panel.show_settings(studio.settings, document, regions)

    def _show_painting(self) -> None:
        commission, is_painting = self._studio.commission, self._studio.is_painting
        for widget in (self._paint, self._eight):
            widget.setVisible(not is_painting)
            widget.setEnabled(self._studio.link.is_ready)
        for widget in (self._keep, self._cancel, self._progress):
            widget.setVisible(is_painting)
        view = commission.view if commission is not None and is_painting else None
        progress = view.progress if view is not None else None
        self._keep.setEnabled(progress is not None)
        self._progress.setRange(0, progress.total if progress else 0)
        self._progress.setValue(progress.step if progress else 0)
        self._progress.setTextVisible(False)
        self._said_words = words_of(self._studio)
        self._said.setText(self._said_words.sentence)
        self._said.setVisible(bool(self._said_words.sentence))
        self._offer_help(self._said_help, self._said_words.help)

    def _offer_help(self, button: QPushButton, help: Help) -> None:
        button.setVisible(help is not Help.NOTHING)
        button.setText(tr(help.value))

    def _ask(self, studio_does: Callable[[Order], None]) -> None:
        """Have something done with what is set, or say why it cannot be."""
        order = self._panel.order()
        if isinstance(order, Refused):
            self._studio.refuse(order)
        else:
            studio_does(order)

    def _vary(self, order: Order) -> None:
        """Paint eight small variations, in a window of their own."""
        self._studio.vary(order)
        if self._studio.sheet is not None:
            SheetWindow(self._studio, self._studio.sheet, self).show()

    def _set_regions(self, regions: Regions) -> None:
        self._studio.set_regions(Krita.instance().activeDocument(), regions)

    def _chose(self) -> None:
        self._studio.set(replace(self._studio.settings, chosen=self._gallery.chosen()))

    def _add_files(self, paths: List[str]) -> None:
        unreadable = [path for path in paths if not self._gallery.add_file(path)]
        added = [path for path in paths if path not in unreadable]
        known = self._studio.settings
        self._studio.set(replace(known, files=tuple(dict.fromkeys((*known.files, *added)))))
        if added:
            self._gallery.choose(added[-1:])
        self._studio.refuse(_no_picture(unreadable[0]) if unreadable else None)

    def _remove(self) -> None:
        """Take the artist's own among the chosen out of the gallery."""
        known = self._studio.settings
        built_in = {style.name for style in self._studio.styles}
        gone = [key for key in self._gallery.chosen() if key not in built_in]
        for key in gone:
            self._gallery.remove(key)
        self._studio.set(replace(known, files=tuple(path for path in known.files if path not in gone)))


def _no_picture(path: str) -> Refused:
    said = f"{os.path.basename(path)} cannot be read as a picture."
    return Refused("picture-unreadable", said, "Choose a PNG, JPEG, TIFF or WebP file.")


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
