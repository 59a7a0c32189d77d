"""The features of a picture of any size, tile by tile, and back from them to a gradient.

Forwards, each segment's tiles are computed and let go; what stays is every segment's input. Backwards, each tile
is computed once more, and its gradient added where the tile lay. Every position's features come from exactly one
tile, so sums over positions, and gradients of functions of such sums, are those of the whole picture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import torch
from torch import Tensor

from .network import Network
from .segments import Region, Segment, Tile

Outputs = Mapping[tuple[str, str], Tensor]
"""What a tile's features give, by a name and a tap."""

Measure = Callable[[str, Tensor, Region], Outputs]
"""(tap, features of a region (1, C, h, w), the region among the tap's positions) -> outputs."""


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
                    for tap, features in compute(segment, tile, crop):
                        region = tile.placed(segment.step(tap))
                        if tap in self._taps:
                            yield tap, region, features
                        if self._passes_on(segment, tap):
                            following = self._room(segment, features) if following is None else following
                            following[(..., *region)] = features
                if following is not None:
                    self._inputs.append(following)

    def gradient(self, measure: Measure, slopes: Outputs) -> Tensor:
        """The gradient by the picture of sum slopes x outputs, after `features` has been run through."""
        upstream: Tensor | None = None
        for segment in reversed(self._segments):
            inputs = self._inputs.pop()
            gradient = torch.zeros_like(inputs)
            for tile in segment.tiles(*inputs.shape[2:]):
                crop, computed = self._again(segment, tile, inputs)
                outputs, directions = [], []
                for tap, features in computed:
                    region = tile.placed(segment.step(tap))
                    if tap in self._taps:
                        for key, output in measure(tap, features, region).items():
                            outputs.append(output)
                            directions.append(slopes[key].to(output))
                    if upstream is not None and self._passes_on(segment, tap):
                        outputs.append(features)
                        directions.append(upstream[(..., *region)])
                gradient[(..., *tile.crop)] += torch.autograd.grad(outputs, crop, directions)[0]
            upstream = gradient
        assert upstream is not None, "there is at least one segment"
        return upstream

    def _keep(self, segment: Segment, tile: Tile, crop: Tensor) -> Iterator[tuple[str, Tensor]]:
        """`_tile` of the last segment, kept for the way back."""
        with torch.enable_grad():
            crop = crop.detach().requires_grad_()
            self._kept = crop, list(self._tile(segment, tile, crop))
        return ((tap, features.detach()) for tap, features in self._kept[1])

    def _again(self, segment: Segment, tile: Tile, inputs: Tensor) -> tuple[Tensor, Iterable[tuple[str, Tensor]]]:
        """A tile's input and features on the way back."""
        if self._kept is not None:
            kept, self._kept = self._kept, None
            return kept
        crop = inputs[(..., *tile.crop)].detach().requires_grad_()
        return crop, self._tile(segment, tile, crop)

    def _tile(self, segment: Segment, tile: Tile, crop: Tensor) -> Iterator[tuple[str, Tensor]]:
        """A tile's own features at the taps of a segment and at its end."""
        wanted = self._taps | {segment.layers[-1]}
        for tap, features in self._network.through(crop, segment.layers, wanted):
            yield tap, features[(..., *tile.taken(segment.step(tap)))]

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
