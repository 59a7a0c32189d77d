"""The actions in the menu Filter > Artistic; each can have a shortcut."""

from __future__ import annotations

from typing import Any

from krita import Extension, Krita

from .document.saved_previews import remove_saved_previews
from .qt import QTimer
from .studio import Studio
from .translations import tr
from .widgets.docker import DOCKER

MENU = "filter/artistic_filters"


class GramaryeExtension(Extension):
    """Adds three actions to every window."""

    def __init__(self, parent: Any, studio: Studio) -> None:
        super().__init__(parent)
        self._studio = studio

    def setup(self) -> None:
        """Krita has started: learn of its end and of opened documents."""
        notifier = Krita.instance().notifier()
        notifier.setActive(True)
        notifier.applicationClosing.connect(self._studio.close)
        notifier.viewCreated.connect(lambda _view: QTimer.singleShot(0, self._opened))

    def _opened(self) -> None:
        """A document was opened: remove the preview that it has if it was saved while it was painted."""
        for document in Krita.instance().documents():
            if not self._studio.is_painting_in(document):
                remove_saved_previews(document)

    def createActions(self, window: Any) -> None:
        """Add the actions to a window's menus."""
        for name, text, triggered in (
            ("gramarye_open", tr("Gramarye: paint in a style..."), self._open),
            ("gramarye_repeat", tr("Gramarye: repeat last painting"), self._studio.repeat),
            ("gramarye_again", tr("Gramarye: paint again with this layer's settings"), self._studio.repaint_layer),
        ):
            action = window.createAction(name, text, MENU)
            action.triggered.connect(lambda _=False, triggered=triggered: triggered())

    def _open(self) -> None:
        """Show the docker and bring it to the front."""
        window = Krita.instance().activeWindow()
        for docker in window.dockers() if hasattr(window, "dockers") else Krita.instance().dockers():
            if docker.objectName() == DOCKER:
                docker.setVisible(True)
                docker.raise_()
                docker.widget().setFocus()
