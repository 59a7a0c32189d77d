"""Settings saved under names of the user's choice: a list to choose from, and buttons to save and to remove."""

from __future__ import annotations

from typing import Any, Callable

from gi.repository import Gimp, Gtk

from ...noted_arguments import NamedArguments, arguments_to_json
from ...translations import tr
from ..combos import make_combo


class NamedSettings:
    """The row ``widget``; ``on_chosen`` gets the arguments of the chosen name, as JSON."""

    def __init__(self, config: Any, named: NamedArguments, on_chosen: Callable[[str], None]) -> None:
        self._config = config
        self._named = named
        self._on_chosen = on_chosen
        self._is_filling = False
        self._combo = make_combo()
        self._combo.connect("changed", lambda *_: self._chosen())
        self._name = Gtk.Entry(width_chars=18, activates_default=False, placeholder_text=tr("Name"))
        self._name.connect("activate", lambda *_: self._save())
        save = Gtk.Button(label=tr("Save under this name"))
        save.connect("clicked", lambda *_: self._save())
        box = Gtk.Box(spacing=6, border_width=8)
        box.add(self._name)
        box.add(save)
        box.show_all()
        self._save_button = Gtk.MenuButton(label=tr("Save as..."))
        self._popover = Gtk.Popover(relative_to=self._save_button)
        self._popover.add(box)
        self._save_button.set_popover(self._popover)
        self._remove_button = Gtk.Button.new_from_icon_name("list-remove-symbolic", Gtk.IconSize.BUTTON)
        self._remove_button.set_tooltip_text(tr("Remove the chosen settings from the list"))
        self._remove_button.connect("clicked", lambda *_: self._remove())
        self.widget = Gtk.Box(spacing=6)
        self.widget.add(Gtk.Label(label=tr("My settings")))
        for part in (self._combo, self._save_button, self._remove_button):
            self.widget.add(part)
        self._fill("")

    def _fill(self, chosen: str) -> None:
        self._is_filling = True
        self._combo.remove_all()
        for name in self._named.names:
            self._combo.append(name, name)
        self._combo.set_active_id(chosen)
        self._is_filling = False
        self._remove_button.set_sensitive(bool(chosen))

    def _chosen(self) -> None:
        name = self._combo.get_active_id()
        if self._is_filling or name is None:
            return
        self._remove_button.set_sensitive(True)
        self._on_chosen(self._named.arguments(name))

    def _save(self) -> None:
        name = self._name.get_text().strip()
        if name and self._attempt(lambda: self._named.save(name, arguments_to_json(self._config))):
            self._popover.popdown()
            self._fill(name)

    def _remove(self) -> None:
        name = self._combo.get_active_id()
        if name is not None and self._attempt(lambda: self._named.remove(name)):
            self._fill("")

    def _attempt(self, action: Callable[[], None]) -> bool:
        """Change the file of the settings; show a message and return False if that fails."""
        try:
            action()
        except OSError as error:
            Gimp.message(tr("The settings cannot be saved: {reason}.").format(reason=error.strerror))
            return False
        return True
