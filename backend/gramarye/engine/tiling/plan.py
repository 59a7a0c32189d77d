"""Planning of segments: the fastest that fit into memory, their bytes and their multiply-adds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..vgg.layers import convolution, stride, up_to
from ..vgg.network import Network
from .segments import Segment, Tile, cut_segments, uncut

FEATURES_BYTES = 5 * 2**29
"""Most bytes of features on any machine: above that, tiles save more than they cost."""

TILE_SIDE, MIN_TILE_SIDE = 1024, 64
"""Largest and smallest side of a tile, in pixels: in smaller ones, halos outweigh the tile."""

CUT_POOLINGS = ("pool1", "pool2", "pool3")
"""Poolings at which a segment may end: a deeper one keeps less memory, but more is computed twice."""

INDEX_BYTES = 8
"""Bytes per index of a maximum that a pooling keeps for the backward pass."""


def plan_segments(
    network: Network, taps: Sequence[str], height: int, width: int, itemsize: int, budget: int
) -> tuple[Segment, ...]:
    """Return the fastest segments for height x width pixels whose features fit into ``budget`` bytes.

    If none fit, return those that need least.
    """
    segments: tuple[Segment, ...] = ()
    for segments in _candidate_cuts(taps):
        if feature_bytes(network, segments, taps, height, width, itemsize) <= budget:
            break
    return segments


def feature_bytes(
    network: Network, segments: Sequence[Segment], taps: Sequence[str], height: int, width: int, itemsize: int
) -> int:
    """Return the peak bytes of features during an evaluation, forward or backward."""
    kept = sum(  # each segment's output, and the gradient w.r.t. it
        2 * _layer_bytes(network, segment.layers[-1], height, width, itemsize) for segment in segments[:-1]
    )
    working = [_working_bytes(network, segment, taps, height, width, itemsize) for segment in segments]
    return kept + max(working, default=0)


def planned_multiply_adds(network: Network, segments: Sequence[Segment], height: int, width: int) -> float:
    """Return the multiply-adds of an evaluation, including halos and recomputation in the backward pass."""
    multiply_adds = 0.0
    for segment in segments:
        rows, columns = -(-height // segment.stride), -(-width // segment.stride)
        surrounded = sum(_area(tile) for tile in segment.tiles(rows, columns))
        per_pixel = network.multiply_adds(segment.layers[-1:]) - network.multiply_adds(_layer_before(segment))
        is_kept = segment is segments[-1] and not segment.side
        multiply_adds += (2.0 if is_kept else 3.0) * per_pixel * height * width * surrounded / (rows * columns)
    return multiply_adds


def target_bytes(network: Network, taps: Sequence[str], height: int, width: int, itemsize: int) -> int:
    """Return the bytes of the features at some taps."""
    return sum(_layer_bytes(network, tap, height, width, itemsize) for tap in taps)


def _area(tile: Tile) -> int:
    rows, columns = tile.crop
    return int((rows.stop - rows.start) * (columns.stop - columns.start))


def _layer_before(segment: Segment) -> tuple[str, ...]:
    """The layer before a segment's first; empty for the first segment."""
    return up_to(segment.layers[:1])[:-1][-1:]


def _candidate_cuts(taps: Sequence[str]) -> Iterator[tuple[Segment, ...]]:
    """Yield the candidates, from the fastest to the one that needs least memory."""
    yield uncut(taps)
    layers = up_to(taps)
    for pooling in CUT_POOLINGS:
        if pooling in layers:
            yield cut_segments(taps, [pooling], TILE_SIDE, keeps_last=True)
            yield cut_segments(taps, [pooling], TILE_SIDE // 2, keeps_last=True)
    side = TILE_SIDE
    while side >= MIN_TILE_SIDE:
        yield cut_segments(taps, CUT_POOLINGS[-1:], side, keeps_last=False)
        side //= 2


def _working_bytes(
    network: Network, segment: Segment, taps: Sequence[str], height: int, width: int, itemsize: int
) -> int:
    """Peak bytes of a tile: what its forward pass keeps, and the tensors of its backward pass."""
    rows, columns = segment.max_tile_size(-(-height // segment.stride), -(-width // segment.stride))
    height, width = min(height, rows * segment.stride), min(width, columns * segment.stride)
    own = [tap for tap in taps if tap in segment.layers]
    kept = peak = 0
    for index, layer in enumerate(segment.layers):
        size = _layer_bytes(network, layer, height, width, itemsize)
        is_kept = layer.startswith("conv") and not _is_only_pooled(segment.layers[index : index + 3], own)
        if is_kept or (layer in own and layer in network.readouts):
            kept += size
        elif layer.startswith("pool"):
            kept += size + size // itemsize * INDEX_BYTES
        peak = max(peak, kept + 2 * size)
    return max(peak, kept + target_bytes(network, own, height, width, itemsize))


def _is_only_pooled(layers: Sequence[str], taps: Sequence[str]) -> bool:
    """Whether a convolution, its ReLU and pooling keep only the pooling's output for the backward pass."""
    return layers[-1].startswith("pool") and not {*layers[:-1]} & {*taps}


def _layer_bytes(network: Network, layer: str, height: int, width: int, itemsize: int) -> int:
    channels = network.convolutions[convolution(layer)].weight.shape[0]
    step = stride(layer)
    return channels * -(-height // step) * -(-width // step) * itemsize
