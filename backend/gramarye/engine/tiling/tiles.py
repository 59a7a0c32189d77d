"""The features of a picture of any size, tile by tile, and back from them to a gradient.

Forwards, each segment's tiles are computed and let go; what stays is every segment's input. Backwards, each tile
is computed once more, and its gradient added where the tile lay. Every position's features come from exactly one
tile, so sums over positions, and gradients of functions of such sums, are those of the whole picture. A picture in
one piece is a tile like any other, and is not computed again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from ..vgg.network import Network
from .segments import Region, Segment, Tile

Slope = Callable[[str, Tensor, Region, Tensor | None], Tensor]
"""(tap, features of a region (1, C, h, w), the region among the tap's positions, the derivative by them that comes from
deeper layers, which is added to, or None) -> the derivative by the features."""


class Passage:
    """One way of a picture through a network cut into segments, there and back."""

    def __init__(self, network: Network, segments: Sequence[Segment], taps: Sequence[str], x: Tensor) -> None:
        self._network = network
        self._segments = segments
        self._taps = frozenset(taps)
        self._inputs = [x]
        """Of each segment: (1, C, H', W')."""
        self._kept: tuple[Tensor, list[tuple[str, Tensor]]] | None = None
        """Input and features of the last segment, where they wait for the way back."""

    def features(self, returns: bool = False) -> Iterator[tuple[str, Region, Tensor]]:
        """Every tap's features, a region at a time, in the network's order.

        Nothing of them is kept, but where one ``returns`` for the gradient the last segment's, if that is in one
        piece: these are not computed again.
        """
        with torch.no_grad():
            for segment in self._segments:
                inputs = self._inputs[-1]
                following: Tensor | None = None
                for tile in segment.tiles(*inputs.shape[2:]):
                    crop = inputs[(..., *tile.crop)]
                    compute = self._keep if returns and self._is_last_piece(segment) else self._tile
                    for tap, features in compute(segment, crop):
                        step = segment.step(tap)
                        region, own = tile.placed(step), features[(..., *tile.taken(step))]
                        if tap in self._taps:
                            yield tap, region, own
                        if self._passes_on(segment, tap):
                            following = self._room(segment, own) if following is None else following
                            following[(..., *region)] = own
                if following is not None:
                    self._inputs.append(following)

    def gradient(self, slope: Slope) -> Tensor:
        """The gradient by the picture of what has that ``slope`` by its features, after `features` has been run
        through."""
        upstream: Tensor | None = None
        for segment in reversed(self._segments):
            inputs = self._inputs.pop()
            tiles = list(segment.tiles(*inputs.shape[2:]))
            if len(tiles) == 1:
                upstream = self._back(segment, tiles[0], inputs, slope, upstream)
            else:
                gradient = torch.zeros_like(inputs)
                for tile in tiles:
                    gradient[(..., *tile.crop)] += self._back(segment, tile, inputs, slope, upstream)
                upstream = gradient
        assert upstream is not None, "there is at least one segment"
        return upstream.contiguous()

    def _back(self, segment: Segment, tile: Tile, inputs: Tensor, slope: Slope, upstream: Tensor | None) -> Tensor:
        """A tile's gradient by its crop of the segment's ``inputs``; ``upstream`` is that by the segment's output."""
        crop, computed = self._again(segment, tile, inputs)
        ends = []
        for tap, features in computed:
            step = segment.step(tap)
            region, taken = tile.placed(step), tile.taken(step)
            if tap in self._taps:
                found = partial(slope, tap, features.detach()[(..., *taken)], region)
                if tap == segment.layers[-1] or tap in self._network.readouts:
                    ends.append(_end(features, taken, partial(found, None)))
                else:  # deeper layers' derivative comes by: this one is added there and then
                    features.register_hook(partial(_joined, found, taken))  # type: ignore[no-untyped-call]  # torch leaves it untyped
            if upstream is not None and self._passes_on(segment, tap):
                ends.append(_end(features, taken, partial(upstream.__getitem__, (..., *region))))
        (gradient,) = torch.autograd.grad(ends, crop)
        return gradient

    def _keep(self, segment: Segment, crop: Tensor) -> Iterator[tuple[str, Tensor]]:
        """`_tile` of the last segment, kept for the way back."""
        with torch.enable_grad():
            crop = crop.detach().requires_grad_()
            self._kept = crop, list(self._tile(segment, crop))
        return ((tap, features.detach()) for tap, features in self._kept[1])

    def _again(self, segment: Segment, tile: Tile, inputs: Tensor) -> tuple[Tensor, Iterable[tuple[str, Tensor]]]:
        """A tile's input and features on the way back."""
        if self._kept is not None:
            kept, self._kept = self._kept, None
            return kept
        crop = inputs[(..., *tile.crop)].detach().requires_grad_()
        return crop, self._tile(segment, crop)

    def _tile(self, segment: Segment, crop: Tensor) -> Iterator[tuple[str, Tensor]]:
        """A tile's features, its halo's among them, at the taps of a segment and at its end."""
        return self._network.through(crop, segment.layers, self._taps | {segment.layers[-1]})

    def _is_last_piece(self, segment: Segment) -> bool:
        return segment is self._segments[-1] and not segment.side

    def _passes_on(self, segment: Segment, layer: str) -> bool:
        return layer == segment.layers[-1] and segment is not self._segments[-1]

    def _room(self, segment: Segment, features: Tensor) -> Tensor:
        """For a segment's whole output."""
        step = segment.step(segment.layers[-1])
        height, width = (-(-length // step) for length in self._inputs[-1].shape[2:])
        size = (1, features.shape[1], height, width)
        return torch.empty(size, dtype=features.dtype, device=features.device, memory_format=torch.channels_last)


def _joined(slope: Callable[[Tensor], Tensor], taken: Region, passing: Tensor) -> Tensor:
    """What passes by features on the way back; the ``slope`` of what is ``taken`` of them has been added to it.

    No one else has that tensor: it is what a convolution has just led back.
    """
    slope(passing[(..., *taken)])
    return passing


def _end(features: Tensor, taken: Region, slope: Callable[[], Tensor]) -> Tensor:
    """A scalar whose derivative by what is ``taken`` of the features is ``slope``, found when it is asked for."""
    end: Tensor = _End.apply(features, taken, slope)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return end


class _End(Function):
    """Where a way back begins. The derivative is as features lie in memory, 0 in the halo."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, taken: Region, slope: Callable[[], Tensor]) -> Tensor:
        ctx.size, ctx.taken, ctx.slope = features.shape, taken, slope
        return features.new_empty(())

    @staticmethod
    def backward(ctx: Any, *_: Tensor) -> tuple[Tensor, None, None]:
        slope: Tensor = ctx.slope()
        if slope.shape == ctx.size:
            return slope, None, None
        whole = slope.new_empty(ctx.size).contiguous(memory_format=torch.channels_last).zero_()
        whole[(..., *ctx.taken)] = slope
        return whole, None, None
