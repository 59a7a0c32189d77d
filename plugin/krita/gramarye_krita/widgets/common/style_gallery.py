"""The gallery: built-in styles, the user's own pictures, and pictures dropped onto it."""

from __future__ import annotations

from functools import partial
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple, Union

from gramarye_plugin.settings import ChosenStyle
from gramarye_protocol.messages import Refused, StyleEntry

from ...document.open_styles import STYLE_GONE
from ...document.style_pictures import FileStyle, image_from_buffer, read_style
from ...qt import (
    QAbstractItemView,
    QIcon,
    QImage,
    QImageReader,
    QListView,
    QListWidget,
    QListWidgetItem,
    QPixmap,
    QSize,
    Qt,
)
from ...translations import tr

THUMBNAIL = 64
NAME_HEIGHT = 26
"""Pixels below a thumbnail, for the name; the lowest docker shows one row with names."""

KEY_ROLE = Qt.ItemDataRole.UserRole
LOW_HEIGHT = 40
"""Least height in pixels where others need the room."""

LAYERS = "application/x-krita-node-internal-pointer"
"""The format of layers that are dragged from Krita's list of layers."""

Loader = Callable[[], Union[ChosenStyle, Refused]]
"""Loads a style when it is needed."""


class Gallery(QListWidget):
    """Thumbnails of styles; Ctrl-click selects several.

    ``files_dropped`` is called with the paths of dropped files, ``layers_dropped`` when layers are dropped that were
    dragged from Krita's list of layers; these are the selected ones.
    """

    def __init__(self, files_dropped: Callable[[List[str]], None], layers_dropped: Callable[[], None]) -> None:
        super().__init__()
        self.setObjectName("gramarye_gallery")
        self._files_dropped = files_dropped
        self._layers_dropped = layers_dropped
        self._loaders: Dict[str, Loader] = {}
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setIconSize(QSize(THUMBNAIL, THUMBNAIL))
        self.setGridSize(QSize(THUMBNAIL + 16, THUMBNAIL + NAME_HEIGHT))
        self.setUniformItemSizes(True)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.make_room(False)
        self.setAcceptDrops(True)
        self.viewport().setAcceptDrops(True)  # Qt gives a scroll area no drops, only its viewport
        self.setToolTip(tr("Choose a style; Ctrl-click blends several. Drop your own pictures here."))

    def make_room(self, is_needed: bool) -> None:
        """Leave room for others: be at least as high as a row with names, or less if they need it."""
        self.setMinimumHeight(LOW_HEIGHT if is_needed else THUMBNAIL + NAME_HEIGHT + 8)

    def show_built_in(self, styles: Iterable[StyleEntry]) -> None:
        """Add or update the daemon's styles; the selection is kept."""
        chosen = self.chosen()
        for style in styles:
            chosen_style = ChosenStyle(style.title, name=style.name)
            self.add(style.name, style.title, image_from_buffer(style.thumbnail), partial(_return_style, chosen_style))
        self.choose(chosen)

    def add_file(self, path: str) -> bool:
        """Add a picture file; return False if it cannot be read."""
        reader = QImageReader(path)
        reader.setAutoTransform(True)
        size = reader.size()
        if size.isValid():
            reader.setScaledSize(size.scaled(QSize(256, 256), Qt.AspectRatioMode.KeepAspectRatio))
        image = reader.read()
        if image.isNull():
            return False
        style = FileStyle(path)
        self.add(path, style.title, image, lambda: read_style(style))
        return True

    def add(self, key: str, title: str, image: QImage, loader: Loader) -> None:
        """Add a style under a unique key; a style with the same key is replaced."""
        self._loaders[key] = loader
        item = self._item(key)
        if item is None:
            item = QListWidgetItem(self)
            item.setData(KEY_ROLE, key)
        item.setText(title)
        item.setToolTip(title)
        item.setIcon(QIcon(_square(image)))

    def remove(self, key: str) -> None:
        """Remove a style."""
        item = self._item(key)
        if item is not None:
            self.takeItem(self.row(item))
            del self._loaders[key]

    def chosen(self) -> Tuple[str, ...]:
        """Return the keys of the selected styles."""
        return tuple(item.data(KEY_ROLE) for item in self.selectedItems())

    def choose(self, keys: Iterable[str]) -> None:
        """Select the styles with these keys, and no others, and scroll to the first; unknown keys are ignored."""
        wanted = set(keys)
        for row in range(self.count()):
            self.item(row).setSelected(self.item(row).data(KEY_ROLE) in wanted)
        if self.selectedItems():
            self.scrollToItem(self.selectedItems()[0])

    def show_first(self, keys: Iterable[str]) -> None:
        """Move the styles with these keys to the front, in this order; unknown keys are ignored."""
        chosen = self.chosen()
        self.blockSignals(True)
        for key in reversed(tuple(keys)):
            item = self._item(key)
            if item is not None:
                self.insertItem(0, self.takeItem(self.row(item)))
        self.choose(chosen)
        self.blockSignals(False)

    def search(self, text: str) -> None:
        """Show only the styles whose name contains ``text``, in any case, and the selected ones."""
        for row in range(self.count()):
            item = self.item(row)
            item.setHidden(text.lower() not in item.text().lower() and not item.isSelected())

    def parse_styles(self) -> Union[Tuple[ChosenStyle, ...], Refused]:
        """Load the selected styles; `Refused` if one cannot be loaded."""
        found = []
        for key in self.chosen():
            style = self.style_of(key)
            if isinstance(style, Refused):
                return style
            found.append(style)
        return tuple(found)

    def style_of(self, key: str) -> Union[ChosenStyle, Refused]:
        """Load the style with that key; `Refused` if it cannot be loaded."""
        loader = self._loaders.get(key)
        return STYLE_GONE if loader is None else loader()

    def entries(self) -> List[Tuple[str, str, QIcon]]:
        """Return key, title and icon of every style, in order."""
        items = [self.item(row) for row in range(self.count())]
        return [(item.data(KEY_ROLE), item.text(), item.icon()) for item in items]

    def dragEnterEvent(self, event: Any) -> None:
        """Accept files and layers."""
        if _is_accepted(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: Any) -> None:
        """Accept files and layers at any position."""
        if _is_accepted(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: Any) -> None:
        """Add the dropped files or layers."""
        if event.mimeData().hasFormat(LAYERS):
            self._layers_dropped()
        else:
            self._files_dropped([url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()])
        event.acceptProposedAction()

    def _item(self, key: str) -> Optional[QListWidgetItem]:
        return next((self.item(row) for row in range(self.count()) if self.item(row).data(KEY_ROLE) == key), None)


def _is_accepted(data: Any) -> bool:
    return bool(data.hasUrls() or data.hasFormat(LAYERS))


def _return_style(style: ChosenStyle) -> ChosenStyle:
    return style


def _square(image: QImage) -> QPixmap:
    """Return the centre square of a picture at twice the thumbnail size, for high-resolution screens."""
    side = min(image.width(), image.height())
    middle = image.copy((image.width() - side) // 2, (image.height() - side) // 2, side, side)
    size = QSize(2 * THUMBNAIL, 2 * THUMBNAIL)
    smooth = Qt.TransformationMode.SmoothTransformation
    return QPixmap.fromImage(middle.scaled(size, Qt.AspectRatioMode.KeepAspectRatio, smooth))
