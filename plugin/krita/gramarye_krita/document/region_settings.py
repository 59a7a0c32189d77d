"""What the artist has set for a document: which layers are regions, and the style of each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Tuple


@dataclass(frozen=True)
class Region:
    """A layer by its id, what it was called when it was added, and a style by its key in the gallery."""

    layer: str
    name: str
    style: str


@dataclass(frozen=True)
class Regions:
    """``keeps_rest``: what is no region's stays as it is."""

    rows: Tuple[Region, ...] = ()
    keeps_rest: bool = False

    def with_region(self, region: Region) -> Regions:
        """With one more; a layer is one region."""
        others = tuple(row for row in self.rows if row.layer != region.layer)
        return replace(self, rows=(*others, region))

    def with_style(self, layer: str, style: str) -> Regions:
        """With another style for one."""
        return replace(self, rows=tuple(replace(row, style=style) if row.layer == layer else row for row in self.rows))

    def without(self, layer: str) -> Regions:
        """With one less."""
        return replace(self, rows=tuple(row for row in self.rows if row.layer != layer))
