"""Choose the style: one of the gallery, a picture file, or another layer."""

from __future__ import annotations

from typing import Any

from gi.repository import GdkPixbuf, Gimp, GimpUi, GLib, GObject, Gtk

from ..document.pixbufs import fit_pixbuf
from ..settings import STYLE_ARGUMENTS, StyleChoice, set_style, style_from_config
from ..translations import tr
from .style_gallery import Gallery

GALLERY, FILE, LAYER = "gallery", "file", "layer"
_SIDE = 260


class StyleChooser:
    """``widget`` has a page for each kind of style; the visible page is the chosen kind.

    Every choice of the user is stored in the style's arguments at once, and changes of these are shown.
    """

    def __init__(self, config: Any, source_layer: Any) -> None:
        """``source_layer`` is the layer to paint; it is not offered as a style."""
        self._config = config
        self._is_showing = False
        self.gallery = Gallery(self._changed)
        self._file = Gtk.FileChooserButton(title=tr("A picture as style"), hexpand=True)
        self._file.connect("file-set", lambda *_: self._changed())
        self._layer = GimpUi.LayerComboBox.new(lambda _image, layer, *_: layer.get_id() != source_layer.get_id(), None)
        GObject.Object.connect(self._layer, "changed", lambda *_: self._changed())  # LayerComboBox overrides connect
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
        for name in STYLE_ARGUMENTS:
            config.connect(f"notify::{name}", lambda *_: self._sync_from_config())  # Reset and Load saved settings
        self._sync_from_config()
        self._stack.connect("notify::visible-child", lambda *_: self._changed())

    @property
    def choice(self) -> StyleChoice:
        """The chosen style."""
        page = self._stack.get_visible_child_name()
        if page == FILE:
            return StyleChoice(None, self._file.get_file(), "")
        if page == LAYER:
            return StyleChoice(self._chosen_layer(), None, "")
        return StyleChoice(None, None, self.gallery.chosen)

    @property
    def error(self) -> str:
        """What is missing, as a sentence; empty if a style is chosen or the gallery is shown."""
        page = self._stack.get_visible_child_name()
        if any(self.choice) or page == GALLERY:
            return ""
        if page == FILE:
            return tr("Choose a picture file as the style.")
        return tr("There is no other layer whose style could be taken.")

    def save(self) -> None:
        """Store the choice in the arguments."""
        self._is_showing = True
        set_style(self._config, self.choice)
        self._is_showing = False

    def _changed(self) -> None:
        if not self._is_showing:
            self.save()
            self._show_pictures()

    def _sync_from_config(self) -> None:
        """Show the style in the arguments; sets none of them."""
        if self._is_showing:
            return
        choice, page = style_from_config(self._config), GALLERY
        self._is_showing = True
        if choice.layer is not None and choice.layer.is_valid():
            self._layer.set_active(choice.layer.get_id())
            page = LAYER
        elif choice.file is not None and choice.file.query_exists(None):
            self._file.set_file(choice.file)
            page = FILE
        else:
            self.gallery.choose(choice.name)
        self._stack.set_visible_child_name(page)
        self._is_showing = False
        self._show_pictures()

    def _chosen_layer(self) -> Any:
        is_one, number = self._layer.get_active()
        return Gimp.Layer.get_by_id(number) if is_one else None

    def _show_pictures(self) -> None:
        """Show the chosen picture file and the chosen layer."""
        file, layer = self._file.get_file(), self._chosen_layer()
        _set_picture(self._file_picture, _load_thumbnail(file) if file is not None else None)
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
