"""The buttons below the gallery: add a picture file, a layer or a document as a style, and remove styles."""

from __future__ import annotations

from typing import Any, Callable, List

from krita import Krita

from ..document.nodes import node_id
from ..document.open_styles import document_style, document_title, layer_style
from ..qt import QFileDialog, QHBoxLayout, QMenu, QToolButton, QWidget
from ..translations import tr
from .common.menu_buttons import list_layers, menu_button
from .common.style_gallery import Gallery

PICTURE_FILTER = "(*.png *.jpg *.jpeg *.tif *.tiff *.webp)"


class StyleButtons(QWidget):
    """The buttons. ``add_files`` is called with the chosen paths, ``remove`` to remove the selected styles."""

    def __init__(self, gallery: Gallery, add_files: Callable[[List[str]], None], remove: Callable[[], None]) -> None:
        super().__init__()
        self._gallery = gallery
        self._add_files = add_files
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(_button("gramarye_add", tr("Add picture..."), self._choose_files))
        row.addWidget(menu_button("gramarye_layers", tr("Layer"), self._list_layers))
        row.addWidget(menu_button("gramarye_documents", tr("Document"), self._list_documents))
        row.addStretch()
        row.addWidget(_button("gramarye_remove", tr("Remove"), remove))

    def add_selected_layers(self) -> None:
        """Add the layers that are selected in Krita's list of layers."""
        document, window = Krita.instance().activeDocument(), Krita.instance().activeWindow()
        if document is not None and window is not None and window.activeView() is not None:
            for node in window.activeView().selectedNodes():
                self._add_layer(document, node)

    def _choose_files(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(
            self, tr("Choose style pictures"), "", tr("Pictures") + " " + PICTURE_FILTER
        )
        self._add_files(paths)

    def _list_layers(self, menu: QMenu) -> None:
        list_layers(menu, self._add_layer)

    def _add_layer(self, document: Any, node: Any) -> None:
        identity = node_id(node)
        key, title = f"layer {identity}", node.name()
        self._add(key, title, node.thumbnail(256, 256), lambda: layer_style(document, identity))

    def _list_documents(self, menu: QMenu) -> None:
        for document in Krita.instance().documents():
            if document != Krita.instance().activeDocument():
                title = document_title(document)
                menu.addAction(title).triggered.connect(
                    lambda _=False, document=document, title=title: self._add(
                        f"document {title}", title, document.thumbnail(256, 256), lambda: document_style(document)
                    )
                )

    def _add(self, key: str, title: str, image: Any, loader: Any) -> None:
        self._gallery.add(key, title, image, loader)
        self._gallery.choose([key])


def _button(name: str, text: str, clicked: Callable[[], None]) -> QToolButton:
    button = QToolButton()
    button.setObjectName(name)
    button.setText(text)
    button.clicked.connect(lambda: clicked())
    return button
