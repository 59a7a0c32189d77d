"""`TiledPass`: the features of a picture of any size tile by tile, and the backward pass from them to its gradient.

The network is divided into segments of layers, and the input of each segment into tiles (see `segments`). For tile t,
let c_t crop the tile with its halo, f be the segment's layers, and k_t (the core) drop the halo from the features.

Forward: compute k_t(f(c_t(x))) for each tile, pass it on and free it. Only the input of every segment is kept, which is
gradient checkpointing (Chen et al., arXiv:1604.06174). Backward, from the last segment to the first: recompute each
tile, back-propagate, and accumulate by the chain rule

    dL/dx = sum_t c_t' J_t' k_t' (dL/dF)_t,

where (dL/dF)_t is the gradient w.r.t. the core's features, J_t the Jacobian of f at the crop, and the transposes c_t'
and k_t' pad with zeros.

Invariants: the halo covers the receptive field of f, and tiles start on the grid of the segment's poolings, so the
core's features equal those of the whole picture. The wrong values that zero padding causes at a crop's border stay in
the halo, where the gradient is 0; at the picture's border, the crop ends as the picture does. The cores partition the
positions. Hence sums over positions, and the gradients of functions of such sums, are those of the whole picture, and
memory is that of one tile and the segments' inputs. The price is that halos are computed twice or more and every tile
twice; a last segment in one piece is kept and not recomputed.
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
"""(tap, features (1, C, h, w), region, upstream) -> gradient w.r.t. the features.

The region gives the features' place among the tap's positions. ``upstream`` is the gradient arriving from deeper
layers, which is added to in place, or None.
"""


class TiledPass:
    """One forward and backward pass of a picture x (1, 3, H, W) through a network divided into segments."""

    def __init__(self, network: Network, segments: Sequence[Segment], taps: Sequence[str], x: Tensor) -> None:
        self._network = network
        self._segments = segments
        self._taps = frozenset(taps)
        self._inputs = [x]
        """Input of each segment, (1, C, H', W')."""
        self._kept_graph: tuple[Tensor, list[tuple[str, Tensor]]] | None = None
        """Input and features of the last segment with their autograd graph, if kept for the backward pass."""

    def features(self, keep_for_backward: bool = False) -> Iterator[tuple[str, Region, Tensor]]:
        """Yield (tap, region, features) for every tap, a region at a time, in the network's order.

        With ``keep_for_backward``, the features of the last segment are kept for `gradient` if it is in one piece.
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
        """Return the gradient w.r.t. the picture, given that w.r.t. the features. `features` must be exhausted."""
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
        """Gradient w.r.t. a tile's crop of ``inputs``; ``upstream`` is that w.r.t. the segment's output."""
        crop, computed = self._input_and_features(segment, tile, inputs)
        ends = []
        for tap, features in computed:
            step = segment.step(tap)
            region, core = tile.destination(step), tile.core(step)
            if tap in self._taps:
                found = partial(feature_gradient, tap, features.detach()[(..., *core)], region)
                if tap == segment.layers[-1] or tap in self._network.readouts:
                    ends.append(_gradient_root(features, core, partial(found, None)))
                else:  # add the gradient to the one arriving from deeper layers, in place
                    features.register_hook(partial(_accumulate, found, core))  # type: ignore[no-untyped-call]  # torch leaves it untyped
            if upstream is not None and self._feeds_next_segment(segment, tap):
                ends.append(_gradient_root(features, core, partial(upstream.__getitem__, (..., *region))))
        (gradient,) = torch.autograd.grad(ends, crop)
        return gradient

    def _forward_kept(self, segment: Segment, crop: Tensor) -> Iterator[tuple[str, Tensor]]:
        """`_forward` of the last segment, keeping its graph for the backward pass."""
        with torch.enable_grad():
            crop = crop.detach().requires_grad_()
            self._kept_graph = crop, list(self._forward(segment, crop))
        return ((tap, features.detach()) for tap, features in self._kept_graph[1])

    def _input_and_features(
        self, segment: Segment, tile: Tile, inputs: Tensor
    ) -> tuple[Tensor, Iterable[tuple[str, Tensor]]]:
        """A tile's input and features with their graph, kept or recomputed."""
        if self._kept_graph is not None:
            kept, self._kept_graph = self._kept_graph, None
            return kept
        crop = inputs[(..., *tile.crop)].detach().requires_grad_()
        return crop, self._forward(segment, crop)

    def _forward(self, segment: Segment, crop: Tensor) -> Iterator[tuple[str, Tensor]]:
        """Yield a tile's features, with its halo, at the taps of a segment and at its last layer."""
        return self._network.forward(crop, segment.layers, self._taps | {segment.layers[-1]})

    def _is_last_piece(self, segment: Segment) -> bool:
        return segment is self._segments[-1] and not segment.side

    def _feeds_next_segment(self, segment: Segment, layer: str) -> bool:
        return layer == segment.layers[-1] and segment is not self._segments[-1]

    def _empty_output(self, segment: Segment, features: Tensor) -> Tensor:
        """An uninitialised tensor for a segment's whole output."""
        step = segment.step(segment.layers[-1])
        height, width = (-(-length // step) for length in self._inputs[-1].shape[2:])
        size = (1, features.shape[1], height, width)
        return torch.empty(size, dtype=features.dtype, device=features.device, memory_format=torch.channels_last)


def _accumulate(feature_gradient: Callable[[Tensor], Tensor], core: Region, upstream: Tensor) -> Tensor:
    """Add ``feature_gradient`` to the core of ``upstream``, in place.

    In place is safe: the tensor is fresh from the next layer's backward pass, and nothing else refers to it.
    """
    feature_gradient(upstream[(..., *core)])
    return upstream


def _gradient_root(features: Tensor, core: Region, feature_gradient: Callable[[], Tensor]) -> Tensor:
    """A scalar with gradient ``feature_gradient()`` w.r.t. the features' core; called in the backward pass."""
    end: Tensor = _GradientRoot.apply(features, core, feature_gradient)  # type: ignore[no-untyped-call]  # torch leaves it untyped
    return end


class _GradientRoot(Function):
    """Root of a backward pass. Its gradient has the memory layout of features, and is 0 in the halo."""

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
