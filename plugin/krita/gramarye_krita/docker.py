"""The docker: how the daemon is, the gallery, the sliders, Paint, and what is being painted."""

from __future__ import annotations

import os
from typing import Any, List

from gramarye_plugin.words import Help, Words, of_job, of_refusal
from gramarye_protocol.messages import Refused
from krita import DockWidget

from .adding import Adding
from .controls import Controls
from .gallery import Gallery
from .helping import Helper
from .qt import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget
from .settings import Settings
from .studio import Studio
from .texts import tr

DOCKER = "gramarye_docker"


class Docker(DockWidget):
    """A view of the studio; it holds nothing that the studio should know."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._shown: Any = None
        self._said_words = Words("")
        self._helper = Helper(studio, self)
        self.setWindowTitle("Gramarye")
        self._gallery = Gallery(self._add_files)
        self._adding = Adding(self._gallery, self._add_files, self._remove)
        self._controls = Controls(self._set)
        self._status, self._help = _label("gramarye_status"), _button("gramarye_help", self._helper.help)
        self._said = _label("gramarye_said")
        self._said_help = _button("gramarye_said_help", lambda: self._helper.help(self._said_words.help))
        self._progress = QProgressBar()
        self._progress.setObjectName("gramarye_progress")
        self._paint = _button("gramarye_paint", self._begin, tr("Paint"))
        self._keep = _button("gramarye_keep", lambda: studio.cancel(keep=True), tr("Keep this"))
        self._cancel = _button("gramarye_cancel", lambda: studio.cancel(), tr("Cancel"))
        self._lay_out()
        for path in studio.settings.files:
            self._gallery.add_file(path)
        self._gallery.choose(studio.settings.chosen)
        self._gallery.itemSelectionChanged.connect(self._chose)
        self._controls.show_settings(studio.settings)
        studio.listen(self._update)
        self.destroyed.connect(lambda: studio.forget(self._update))
        self._update()

    def canvasChanged(self, canvas: Any) -> None:
        """Krita demands it; the studio looks at the active document when it paints."""

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
        column.addWidget(self._controls)
        column.addLayout(_row((self._paint, 1), (self._keep, 1), (self._cancel, 1)))
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
            self._controls.offer(welcome)
            self._gallery.show_built_in(studio.styles)
            self._gallery.choose(studio.settings.chosen)
        self._show_painting()

    def _show_painting(self) -> None:
        commission, is_painting = self._studio.commission, self._studio.is_painting
        self._paint.setVisible(not is_painting)
        self._paint.setEnabled(self._studio.link.is_ready)
        for widget in (self._keep, self._cancel, self._progress):
            widget.setVisible(is_painting)
        view = commission.view if commission is not None and is_painting else None
        progress = view.progress if view is not None else None
        self._keep.setEnabled(progress is not None)
        self._progress.setRange(0, progress.total if progress else 0)
        self._progress.setValue(progress.step if progress else 0)
        self._progress.setTextVisible(False)
        self._said_words = self._sentence(is_painting)
        self._said.setText(self._said_words.sentence)
        self._said.setVisible(bool(self._said_words.sentence))
        self._offer_help(self._said_help, self._said_words.help)

    def _sentence(self, is_painting: bool) -> Words:
        commission, trouble = self._studio.commission, self._studio.trouble
        if is_painting and commission is not None:
            if commission.is_waiting:
                return Words(tr("The daemon is away; the painting goes on when it is back."))
            said = of_job(commission.view, tr) if commission.view else tr("Reading the layer.")
            if commission.source.is_converted:
                said += " " + tr("The layer's colours are converted for painting, and back.")
            return Words(said)
        if trouble is not None:
            return of_refusal(trouble)
        return Words("")

    def _offer_help(self, button: QPushButton, help: Help) -> None:
        button.setVisible(help is not Help.NOTHING)
        button.setText(tr(help.value))

    def _begin(self) -> None:
        styles = self._gallery.pictures()
        if isinstance(styles, Refused):
            self._studio.refuse(styles)
        else:
            self._studio.paint(styles)

    def _set(self, settings: Settings) -> None:
        self._studio.set(Settings(settings.wishes, self._studio.settings.chosen, self._studio.settings.files))

    def _chose(self) -> None:
        known = self._studio.settings
        self._studio.set(Settings(known.wishes, self._gallery.chosen(), known.files))

    def _add_files(self, paths: List[str]) -> None:
        unreadable = [path for path in paths if not self._gallery.add_file(path)]
        added = [path for path in paths if path not in unreadable]
        known = self._studio.settings
        files = tuple(dict.fromkeys((*known.files, *added)))
        self._studio.set(Settings(known.wishes, known.chosen, files))
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
        self._studio.set(Settings(known.wishes, known.chosen, tuple(path for path in known.files if path not in gone)))


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
