"""Choose the style: one of the gallery, a picture file, or another layer."""

from __future__ import annotations

from typing import Any

from gi.repository import GdkPixbuf, Gimp, GimpUi, GLib, GObject, Gtk

from ..document.pixbufs import fit_pixbuf
from ..settings import StyleChoice
from ..translations import tr
from .style_gallery import Gallery

GALLERY, FILE, LAYER = "gallery", "file", "layer"
_SIDE = 260


class StyleChooser:
    """``widget`` has a page for each kind of style; the visible page is the chosen kind."""

    def __init__(self, choice: StyleChoice) -> None:
        self.gallery = Gallery(choice.name)
        self._file = Gtk.FileChooserButton(title=tr("A picture as style"), hexpand=True)
        self._file.connect("file-set", lambda *_: self._show_file())
        self._layer = GimpUi.LayerComboBox.new(None, None)
        GObject.Object.connect(self._layer, "changed", lambda *_: self._show_layer())  # LayerComboBox overrides connect
        self._file_picture, self._layer_picture = Gtk.Image(), Gtk.Image()
        self._stack = Gtk.Stack(hexpand=True, vexpand=True)
        self._stack.add_titled(self.gallery.widget, GALLERY, tr("Gallery"))
        self._stack.add_titled(_make_page(self._file, self._file_picture), FILE, tr("Picture file"))
        self._stack.add_titled(_make_page(self._layer, self._layer_picture), LAYER, tr("Layer"))
        switcher = Gtk.StackSwitcher(stack=self._stack, halign=Gtk.Align.CENTER)
        self.widget = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=8)
        self.widget.add(switcher)
        self.widget.add(self._stack)
        self.widget.show_all()  # a stack cannot switch to a hidden page
        self._select_initial(choice)

    @property
    def choice(self) -> StyleChoice:
        """The chosen style."""
        page = self._stack.get_visible_child_name()
        if page == FILE:
            return StyleChoice(None, self._file.get_file(), "")
        if page == LAYER:
            return StyleChoice(self._chosen_layer(), None, "")
        return StyleChoice(None, None, self.gallery.chosen)

    def _select_initial(self, choice: StyleChoice) -> None:
        if choice.layer is not None and choice.layer.is_valid():
            self._layer.set_active(choice.layer.get_id())
            self._stack.set_visible_child_name(LAYER)
        elif choice.file is not None and choice.file.query_exists(None):
            self._file.set_file(choice.file)
            self._stack.set_visible_child_name(FILE)
            _set_picture(self._file_picture, _load_thumbnail(choice.file))
        self._show_layer()

    def _chosen_layer(self) -> Any:
        is_one, number = self._layer.get_active()
        return Gimp.Layer.get_by_id(number) if is_one else None

    def _show_file(self) -> None:
        _set_picture(self._file_picture, _load_thumbnail(self._file.get_file()))

    def _show_layer(self) -> None:
        layer = self._chosen_layer()
        picture = layer.get_thumbnail(_SIDE, _SIDE, Gimp.PixbufTransparency.KEEP_ALPHA) if layer else None
        _set_picture(self._layer_picture, picture)


def _make_page(chooser: Any, picture: Any) -> Any:
    box = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=8, margin=8)
    box.add(chooser)
    picture.set_vexpand(True)
    box.add(picture)
    return box


def _load_thumbnail(file: Any) -> Any:
    """Return a thumbnail; None for formats that GdkPixbuf cannot read."""
    try:
        return GdkPixbuf.Pixbuf.new_from_file_at_size(file.get_path(), _SIDE, _SIDE)
    except (GLib.Error, TypeError):
        return None


def _set_picture(image: Any, pixbuf: Any) -> None:
    if pixbuf is None:
        image.set_from_icon_name("image-x-generic", Gtk.IconSize.DIALOG)
    else:
        image.set_from_pixbuf(fit_pixbuf(pixbuf, _SIDE))
