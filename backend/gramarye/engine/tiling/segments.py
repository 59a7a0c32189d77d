"""Segments of the network's layers, and the tiles of a segment's input.

A segment ends at a pooling, and only its output is kept for the whole picture (gradient checkpointing, Chen et al.,
arXiv:1604.06174); within a segment, the picture is processed tile by tile. A tile is computed with a halo, the
surrounding positions that its features depend on, so that its features are exact. Since a segment has few layers, its
halo is narrow: 8 pixels for the first two blocks, against 80 for all five.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ..vgg.layers import stride, up_to

FALLBACK_POOLINGS, FALLBACK_SIDE = ("pool3",), 512
"""Tiles used when a picture in one piece runs out of memory; the side in pixels."""

MIN_BAND_HALOS = 32
"""Least height of a band, in halos: at most a sixteenth of it may be halo."""

Region = tuple[slice, slice]
"""Rows and columns."""


class Span(NamedTuple):
    """A tile along one axis, in positions of its segment's input: ``start`` to ``stop``, or ``first`` to ``last`` with
    its halo."""

    start: int
    stop: int
    first: int
    last: int

    def core(self, step: int) -> slice:
        """The tile without its halo, as a slice of features computed on first..last, one per ``step`` positions."""
        return slice((self.start - self.first) // step, -(-(self.stop - self.first) // step))

    def destination(self, step: int) -> slice:
        """The tile without its halo, as a slice of the whole picture's features."""
        return slice(self.start // step, -(-self.stop // step))


@dataclass(frozen=True)
class Tile:
    """A rectangle of a segment's input."""

    rows: Span
    columns: Span

    @property
    def crop(self) -> Region:
        """The tile with its halo, as slices of the segment's input."""
        return slice(self.rows.first, self.rows.last), slice(self.columns.first, self.columns.last)

    def core(self, step: int) -> Region:
        """`Span.core` of both axes."""
        return self.rows.core(step), self.columns.core(step)

    def destination(self, step: int) -> Region:
        """`Span.destination` of both axes."""
        return self.rows.destination(step), self.columns.destination(step)


@dataclass(frozen=True)
class Segment:
    """Consecutive layers, and the tiles of their input: squares of ``side`` positions, or one piece if it is 0.

    If the halos allow it, tiles are instead bands as wide as the picture, with at most the same area: rows are
    contiguous in memory and need not be copied.
    """

    layers: tuple[str, ...]
    side: int = 0

    @property
    def stride(self) -> int:
        """Pixels per position of its input."""
        first = up_to([self.layers[0]])[:-1]
        return stride(first[-1]) if first else 1

    @property
    def factor(self) -> int:
        """Positions of its input per position of its coarsest features; tiles start at multiples of it."""
        return stride(self.layers[-1]) // self.stride

    @property
    def halo(self) -> int:
        """Positions of its input, on each side, that its features depend on, rounded up to a multiple of `factor`."""
        reach = 0
        for layer in reversed(self.layers):
            if layer.startswith("pool"):
                reach *= 2
            elif layer.startswith("conv"):
                reach += 1
        return -(-reach // self.factor) * self.factor

    def step(self, layer: str) -> int:
        """Positions of its input per position of one of its layers."""
        return stride(layer) // self.stride

    def tiles(self, height: int, width: int) -> Iterator[Tile]:
        """Return the tiles of an input of height x width positions, row by row."""
        rows, columns = self._sides(height, width)
        across = list(self._spans(width, columns))
        return (Tile(row, column) for row in self._spans(height, rows) for column in across)

    def max_tile_size(self, height: int, width: int) -> tuple[int, int]:
        """Return the most rows and columns of a tile of a height x width input, with its halo."""
        rows, columns = self._sides(height, width)
        return min(height, rows + 2 * self.halo), min(width, columns + 2 * self.halo)

    def _sides(self, height: int, width: int) -> tuple[int, int]:
        if not self.side:
            return height, width
        rows = self.side**2 // width // self.factor * self.factor
        is_band = width > self.side and rows >= max(self.factor, MIN_BAND_HALOS * self.halo)
        return (rows, width) if is_band else (self.side, self.side)

    def _spans(self, length: int, side: int) -> Iterator[Span]:
        for start in range(0, length, side):
            stop = min(start + side, length)
            yield Span(start, stop, max(0, start - self.halo), min(length, stop + self.halo))


def uncut(taps: Iterable[str]) -> tuple[Segment, ...]:
    """Return the layers up to ``taps`` as one segment in one piece; empty for no taps."""
    layers = up_to(taps)
    return (Segment(layers),) if layers else ()


def cut_segments(taps: Iterable[str], poolings: Iterable[str], side: int, keeps_last: bool) -> tuple[Segment, ...]:
    """Return the layers up to ``taps`` in segments that end at ``poolings``, in tiles of ``side`` pixels.

    ``side`` is a multiple of 16. With ``keeps_last``, the last segment is in one piece.
    """
    layers = up_to(taps)
    ends = [layers.index(pooling) + 1 for pooling in poolings if pooling in layers]
    parts = [layers[a:b] for a, b in zip([0, *ends], [*ends, len(layers)], strict=True) if a < b]
    tiled = [Segment(part, side // Segment(part).stride) for part in parts]
    return (*tiled[:-1], Segment(parts[-1])) if keeps_last else tuple(tiled)


def halve_tiles(segments: Sequence[Segment], least: int) -> tuple[Segment, ...] | None:
    """Return segments with tiles of half the side, to save memory; None if that is below ``least`` pixels."""
    sides = [segment.side * segment.stride for segment in segments]
    side = max(sides, default=0)
    if not segments:
        return None
    if not side:  # in one piece so far
        return cut_segments([segments[-1].layers[-1]], FALLBACK_POOLINGS, FALLBACK_SIDE, keeps_last=False)
    if not sides[-1]:
        return (*segments[:-1], Segment(segments[-1].layers, side // segments[-1].stride))
    if side // 2 < least:
        return None
    return tuple(Segment(segment.layers, side // 2 // segment.stride) for segment in segments)
