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

FeatureGradient = Callable[[str, Tensor, Region, Tensor | None], Tensor]
"""(tap, features of a region (1, C, h, w), the region among the tap's positions, the derivative by them that comes from
deeper layers, which is added to, or None) -> the derivative by the features."""


class TiledPass:
    """One way of a picture through a network cut into segments, there and back."""

    def __init__(self, network: Network, segments: Sequence[Segment], taps: Sequence[str], x: Tensor) -> None:
        self._network = network
        self._segments = segments
        self._taps = frozenset(taps)
        self._inputs = [x]
        """Of each segment: (1, C, H', W')."""
        self._kept_graph: tuple[Tensor, list[tuple[str, Tensor]]] | None = None
        """Input and features of the last segment, where they wait for the way back."""

    def features(self, keep_for_backward: bool = False) -> Iterator[tuple[str, Region, Tensor]]:
        """Every tap's features, a region at a time, in the network's order.

        Nothing of them is kept, but where one ``keep_for_backward`` for the gradient the last segment's, if that is in one
        piece: these are not computed again.
        """
        with torch.no_grad():
            for segment in self._segments:
                inputs = self._inputs[-1]
                following: Tensor | None = None
                for tile in segment.tiles(*inputs.shape[2:]):
                    crop = inputs[(..., *tile.crop)]
                    compute = (
                        self._forward_kept if keep_for_backward and self._is_last_piece(segment) else self._forward
                    )
                    for tap, features in compute(segment, crop):
                        step = segment.step(tap)
                        region, core_features = tile.destination(step), features[(..., *tile.core(step))]
                        if tap in self._taps:
                            yield tap, region, core_features
                        if self._feeds_next_segment(segment, tap):
                            following = self._empty_output(segment, core_features) if following is None else following
                            following[(..., *region)] = core_features
                if following is not None:
                    self._inputs.append(following)

    def gradient(self, feature_gradient: FeatureGradient) -> Tensor:
        """The gradient by the picture of what has that ``feature_gradient`` by its features, after `features` has been run
        through."""
        upstream: Tensor | None = None
        for segment in reversed(self._segments):
            inputs = self._inputs.pop()
            tiles = list(segment.tiles(*inputs.shape[2:]))
            if len(tiles) == 1:
                upstream = self._backward_tile(segment, tiles[0], inputs, feature_gradient, upstream)
            else:
                gradient = torch.zeros_like(inputs)
                for tile in tiles:
                    gradient[(..., *tile.crop)] += self._backward_tile(
                        segment, tile, inputs, feature_gradient, upstream
                    )
                upstream = gradient
        assert upstream is not None, "there is at least one segment"
        return upstream.contiguous()

    def _backward_tile(
        self, segment: Segment, tile: Tile, inputs: Tensor, feature_gradient: FeatureGradient, upstream: Tensor | None
    ) -> Tensor:
        """A tile's gradient by its crop of the segment's ``inputs``; ``upstream`` is that by the segment's output."""
        crop, computed = self._input_and_features(segment, tile, inputs)
        ends = []
        for tap, features in computed:
            step = segment.step(tap)
            region, core = tile.destination(step), tile.core(step)
            if tap in self._taps:
                found = partial(feature_gradient, tap, features.detach()[(..., *core)], region)
                if tap == segment.layers[-1] or tap in self._network.readouts:
                    ends.append(_gradient_root(features, core, partial(found, None)))
                else:  # deeper layers' derivative comes by: this one is added there and then
                    features.register_hook(partial(_accumulate, found, core))  # type: ignore[no-untyped-call]  # torch leaves it untyped
            if upstream is not None and self._feeds_next_segment(segment, tap):
                ends.append(_gradient_root(features, core, partial(upstream.__getitem__, (..., *region))))
        (gradient,) = torch.autograd.grad(ends, crop)
        return gradient

    def _forward_kept(self, segment: Segment, crop: Tensor) -> Iterator[tuple[str, Tensor]]:
        """`_forward` of the last segment, kept for the way back."""
        with torch.enable_grad():
            crop = crop.detach().requires_grad_()
            self._kept_graph = crop, list(self._forward(segment, crop))
        return ((tap, features.detach()) for tap, features in self._kept_graph[1])

    def _input_and_features(
        self, segment: Segment, tile: Tile, inputs: Tensor
    ) -> tuple[Tensor, Iterable[tuple[str, Tensor]]]:
        """A tile's input and features on the way back."""
        if self._kept_graph is not None:
            kept, self._kept_graph = self._kept_graph, None
            return kept
        crop = inputs[(..., *tile.crop)].detach().requires_grad_()
        return crop, self._forward(segment, crop)

    def _forward(self, segment: Segment, crop: Tensor) -> Iterator[tuple[str, Tensor]]:
        """A tile's features, its halo's among them, at the taps of a segment and at its end."""
        return self._network.forward(crop, segment.layers, self._taps | {segment.layers[-1]})

    def _is_last_piece(self, segment: Segment) -> bool:
        return segment is self._segments[-1] and not segment.side

    def _feeds_next_segment(self, segment: Segment, layer: str) -> bool:
        return layer == segment.layers[-1] and segment is not self._segments[-1]

    def _empty_output(self, segment: Segment, features: Tensor) -> Tensor:
        """For a segment's whole output."""
        step = segment.step(segment.layers[-1])
        height, width = (-(-length // step) for length in self._inputs[-1].shape[2:])
        size = (1, features.shape[1], height, width)
        return torch.empty(size, dtype=features.dtype, device=features.device, memory_format=torch.channels_last)


def _accumulate(feature_gradient: Callable[[Tensor], Tensor], core: Region, upstream: Tensor) -> Tensor:
    """What passes by features on the way back; the ``feature_gradient`` of what is ``core`` of them has been added to it.

    No one else has that tensor: it is what a convolution has just led back.
    """
    feature_gradient(upstream[(..., *core)])
    return upstream


def _gradient_root(features: Tensor, core: Region, feature_gradient: Callable[[], Tensor]) -> Tensor:
    """A scalar whose derivative by what is ``core`` of the features is ``feature_gradient``, found when it is asked for."""
    end: Tensor = _GradientRoot.apply(features, core, feature_gradient)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return end


class _GradientRoot(Function):
    """Where a way back begins. The derivative is as features lie in memory, 0 in the halo."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, core: Region, feature_gradient: Callable[[], Tensor]) -> Tensor:
        ctx.size, ctx.core, ctx.feature_gradient = features.shape, core, feature_gradient
        return features.new_empty(())

    @staticmethod
    def backward(ctx: Any, *_: Tensor) -> tuple[Tensor, None, None]:
        feature_gradient: Tensor = ctx.feature_gradient()
        if feature_gradient.shape == ctx.size:
            return feature_gradient, None, None
        whole = feature_gradient.new_empty(ctx.size).contiguous(memory_format=torch.channels_last).zero_()
        whole[(..., *ctx.core)] = feature_gradient
        return whole, None, None
