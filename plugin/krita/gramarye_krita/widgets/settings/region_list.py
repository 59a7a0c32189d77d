"""The section "Regions": layers whose opaque parts are painted in their own styles, one row each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, List, Tuple, Union

from gramarye_plugin.labels import ADD_REGION, KEEP_REST, KEEP_REST_HELP, REGIONS, REGIONS_HELP, REMOVE_REGION
from gramarye_protocol.messages import Refused

from ...document.nodes import find_node, node_id
from ...document.paint_request import RegionStyle
from ...qt import QCheckBox, QComboBox, QGridLayout, QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget
from ...region_settings import Region, Regions
from ...translations import tr
from ..common.collapsible_section import CollapsibleSection
from ..common.combos import fill_with_styles, narrow_combo
from ..common.menu_buttons import list_layers, menu_button
from ..common.style_gallery import Gallery


class RegionRows(CollapsibleSection):
    """The regions of a document. ``changed`` is called with the new regions after a change by the user."""

    def __init__(self, gallery: Gallery, changed: Callable[[Regions], None]) -> None:
        body = QWidget()
        self._gallery = gallery
        self._changed = changed
        self._regions = Regions()
        self._document: Any = None
        self._row_widgets: List[QWidget] = []
        self._grid = QGridLayout()
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)
        self._rest = QCheckBox(tr(KEEP_REST))
        self._rest.setObjectName("gramarye_keep_rest")
        self._rest.setToolTip(tr(KEEP_REST_HELP))
        self._rest.clicked.connect(lambda checked: self._changed(replace(self._regions, keeps_rest=checked)))
        help = QLabel(tr(REGIONS_HELP))
        help.setWordWrap(True)
        add = menu_button("gramarye_add_region", tr(ADD_REGION), lambda menu: self._list(menu))
        line = QHBoxLayout()
        line.addWidget(add)
        line.addWidget(self._rest)
        line.addStretch()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(help)
        column.addLayout(self._grid)
        column.addLayout(line)
        super().__init__("gramarye_regions", tr(REGIONS), body)

    def show_regions(self, document: Any, regions: Regions) -> None:
        """Show the regions of ``document`` (None if none is open), with the gallery's styles to choose from."""
        self._document, self._regions = document, regions
        for widget in self._row_widgets:
            self._grid.removeWidget(widget)
            widget.setParent(None)
            widget.deleteLater()
        self._row_widgets = []
        for place, row in enumerate(regions.rows):
            for column, widget in enumerate((self._name(row), self._style(row), self._remove(row))):
                self._grid.addWidget(widget, place, column)
                self._row_widgets.append(widget)
        self._rest.setChecked(regions.keeps_rest)
        self._rest.setEnabled(bool(regions.rows))
        self.set_count(len(regions.rows))

    @property
    def keeps_rest(self) -> bool:
        """Whether everything outside the regions stays unchanged."""
        return bool(self._regions.rows) and self._regions.keeps_rest

    def styles(self) -> Union[Tuple[RegionStyle, ...], Refused]:
        """Return each region with its style; `Refused` if a style cannot be loaded."""
        found = []
        for row in self._regions.rows:
            style = self._gallery.style_of(row.style)
            if isinstance(style, Refused):
                return style
            found.append(RegionStyle(row.layer, self._name_of(row), style))
        return tuple(found)

    def _list(self, menu: QMenu) -> None:
        list_layers(menu, self._add)

    def _add(self, _document: Any, node: Any) -> None:
        """Add a layer as a region, with a style that differs from the chosen ones and the other regions', if any."""
        used = {*self._gallery.chosen(), *(row.style for row in self._regions.rows)}
        known = [key for key, _, _ in self._gallery.entries()]
        keys = [*(key for key in known if key not in used), *known, ""]
        self._changed(self._regions.with_region(Region(node_id(node), node.name(), keys[0])))

    def _name_of(self, row: Region) -> str:
        node = find_node(self._document, row.layer) if self._document else None
        return row.name if node is None else str(node.name())

    def _name(self, row: Region) -> QLabel:
        label = QLabel(self._name_of(row))
        label.setMinimumWidth(40)
        label.setToolTip(label.text())
        return label

    def _style(self, row: Region) -> QComboBox:
        combo = narrow_combo("gramarye_region_style")
        fill_with_styles(combo, self._gallery, row.style)
        combo.activated.connect(lambda _: self._changed(self._regions.with_style(row.layer, combo.currentData())))
        return combo

    def _remove(self, row: Region) -> QToolButton:
        button = QToolButton()
        button.setObjectName("gramarye_remove_region")
        button.setText(tr(REMOVE_REGION))
        button.clicked.connect(lambda: self._changed(self._regions.without(row.layer)))
        return button
