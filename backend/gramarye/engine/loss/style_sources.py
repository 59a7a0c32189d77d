"""Style pictures to be measured: their pixels, coverage, rotation and layers."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

import torch
from torch import Tensor

from ..tiling.segments import Segment
from ..tiling.tiles import TiledPass
from ..vgg.layers import stride
from ..vgg.network import Network
from .guides import Guides, guide_sum, propagate_guides

QUARTER_TURNS = 4
"""Rotations by 90 degrees over which a style is averaged if strokes may run in any direction."""

Segmenter = Callable[[int, int, Sequence[str]], Sequence[Segment]]
"""(height, width, taps) -> the segments and tiles in which a picture of that size is passed to the taps."""

Measure = Callable[[str, Tensor, Tensor | None], Tensor]
"""(tap, features (1, C, h, w), weights (1, 1, h, w) of the positions or None) -> sums over positions."""


@dataclass(frozen=True, eq=False)
class StyleSource:
    """Centred pixels (1, 3, H, W) to measure at some taps.

    ``cover`` (1, 1, H, W), 0..1, weights the pixels; None for equal weights. ``share`` is the weight of this source
    among all sources of its region.
    """

    x: Tensor
    cover: Tensor | None
    taps: tuple[str, ...]
    segments: tuple[Segment, ...]
    share: float

    @classmethod
    def rotations(
        cls,
        x: Tensor,
        cover: Tensor | None,
        taps: tuple[str, ...],
        segmenter: Segmenter,
        share: float,
        in_all_directions: bool,
    ) -> list[StyleSource]:
        """Return one source or, if ``in_all_directions``, one for each rotation by 90 degrees, with equal shares."""
        turns = range(QUARTER_TURNS if in_all_directions else 1)
        found = []
        for quarters in turns:
            rotated = _rotate(x, quarters)
            segments = tuple(segmenter(rotated.shape[2], rotated.shape[3], taps))
            found.append(
                cls(rotated, None if cover is None else _rotate(cover, quarters), taps, segments, share / len(turns))
            )
        return found

    @cached_property
    def guides(self) -> Guides:
        """The cover propagated to each tap; empty without a cover."""
        return {} if self.cover is None else propagate_guides(self.cover, self.taps)

    @cached_property
    def position_counts(self) -> Mapping[str, float]:
        """The number of positions at each tap, or the sum of their weights."""
        guides, (height, width) = self.guides, self.x.shape[2:]
        return {tap: guide_sum(guides[tap]) if tap in guides else positions(height, width, tap) for tap in self.taps}

    def sums(self, network: Network, request_key: Hashable, measure: Measure) -> Mapping[str, Tensor]:
        """Return ``measure`` summed over all positions at each tap, in float64 on the CPU.

        The result is cached by ``request_key``, which identifies ``measure``, and everything else it depends on.
        """
        pixels = self.x if self.cover is None else torch.cat([self.x, self.cover], dim=1)
        key = (request_key, self.taps, self.segments, network.dtype)
        return network.feature_cache.get_or_measure(key, pixels, partial(self._measure, network, measure))

    def _measure(self, network: Network, measure: Measure) -> dict[str, Tensor]:
        guides = self.guides
        sums: dict[str, Tensor] = {}
        for tap, region, features in TiledPass(network, self.segments, self.taps, self.x).features():
            added = measure(tap, features, guides[tap][(..., *region)] if tap in guides else None).to(
                "cpu", torch.float64
            )
            sums[tap] = sums[tap] + added if tap in sums else added
        return sums


def positions(height: int, width: int, tap: str) -> int:
    """Return the number of positions M = H' W' of a picture's features at a tap; odd sizes round up."""
    return -(-height // stride(tap)) * -(-width // stride(tap))


def _rotate(x: Tensor, quarters: int) -> Tensor:
    return torch.rot90(x, quarters, (2, 3)).contiguous() if quarters else x
