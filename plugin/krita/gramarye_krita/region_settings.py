"""The regions that the user has set for a document: layers, each with a style."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Tuple


@dataclass(frozen=True)
class Region:
    """A region: the layer's id, the layer's name when it was added, and the gallery key of its style."""

    layer: str
    name: str
    style: str


@dataclass(frozen=True)
class Regions:
    """The regions of a document. ``keeps_rest``: everything outside them stays unchanged."""

    rows: Tuple[Region, ...] = ()
    keeps_rest: bool = False

    def with_region(self, region: Region) -> Regions:
        """Return a copy with ``region`` added; it replaces one of the same layer."""
        others = tuple(row for row in self.rows if row.layer != region.layer)
        return replace(self, rows=(*others, region))

    def with_style(self, layer: str, style: str) -> Regions:
        """Return a copy with another style for the region of ``layer``."""
        return replace(self, rows=tuple(replace(row, style=style) if row.layer == layer else row for row in self.rows))

    def without(self, layer: str) -> Regions:
        """Return a copy without the region of ``layer``."""
        return replace(self, rows=tuple(row for row in self.rows if row.layer != layer))
