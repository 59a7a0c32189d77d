"""What NVIDIA cards do faster by kernels of our own than by the libraries'.

Those are passes that should take what memory allows, and take several times that. On an H200, for 64 channels of 512
x 512 positions, the 2x2 pooling of PyTorch takes 49 us, and back 108, these 8 and 24; the first convolution of cuDNN
takes 90, and back 77 with its ReLU, these 24 and 54. The source, kernels.cu, is compiled when it is first wanted. Where
that cannot be done, the libraries do the same work.
"""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from ..numeric.precision import multiplies_bfloat16
from .compiled import Compiled, Size, compiled

log = logging.getLogger(__name__)

SOURCE = Path(__file__).with_name("kernels.cu")
NAMES = ("maxima_of", "spread_over", "first_features", "first_slopes", "variation_of")

TOGETHER = 8
"""Channels that a thread pools at a time."""

STEP, MOST_CHANNELS = 16, 128
"""Channels that the first convolution takes at a time, and how many there may be."""

INDEXED = 2**31
"""As many numbers as there are, a kernel cannot tell apart."""

THREADS, EACH = 256, 4
"""Of a block of any kernel, and numbers of a picture that each of them takes."""

ACROSS, DOWN = 32, 16
"""Positions of a block of the first convolution, along a row and along a column."""


class Kernels:
    """The kernels of one card.

    Features are (1, C, H, W) of bfloat16 in channels-last memory, pictures (1, 3, H, W): bfloat16 before the first
    convolution, float32 otherwise.
    """

    def __init__(self, functions: Compiled) -> None:
        self._functions = functions

    def maxima(self, features: Tensor) -> Tensor:
        """2x2 max pooling of rectified features whose border windows are clipped: (1, C, H / 2, W / 2), rounded up."""
        channels, rows, columns = features.shape[1:]
        maxima = _room(features, channels, -(-rows // 2), -(-columns // 2))
        self._pool("maxima_of", maxima, features, maxima, rows, columns)
        return maxima

    def spread(self, features: Tensor, maxima: Tensor, upstream: Tensor) -> Tensor:
        """The derivative by what, rectified, was ``features``, and then pooled to ``maxima``."""
        rows, columns = features.shape[2:]
        spread = torch.empty_like(features)
        self._pool("spread_over", maxima, features, maxima, _aligned(upstream), spread, rows, columns)
        return spread

    def first_features(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """ReLU of the convolution of a picture x (1, 3, H, W) with ``weight`` (C, 3, 3, 3) and ``bias`` (C,)."""
        features = _room(x, weight.shape[0], *x.shape[2:])
        self._convolve("first_features", features, x.contiguous(), weight, bias, features)
        return features

    def first_slopes(self, features: Tensor, upstream: Tensor, weight: Tensor) -> Tensor:
        """The derivative by the picture that these were the features of."""
        gradient = features.new_empty((1, 3, *features.shape[2:]))
        self._convolve("first_slopes", features, features, _aligned(upstream), weight, gradient)
        return gradient

    def variation(self, x: Tensor, gradient: Tensor, factor: float) -> Tensor:
        """Add ``factor`` times half the derivative of sum dx^2 + sum dy^2 at a picture x to ``gradient``; that sum in
        parts, (blocks,)."""
        blocks = -(-x.numel() // (THREADS * EACH))
        parts = x.new_empty(blocks)
        given = (x, gradient, parts, x.numel(), x.shape[2], x.shape[3], factor)
        self._functions.launch("variation_of", (blocks, 1, 1), (THREADS, 1, 1), *given)
        return parts

    def _pool(self, name: str, maxima: Tensor, *arguments: Tensor | int) -> None:
        blocks = -(-maxima.numel() // TOGETHER // THREADS)
        self._functions.launch(name, (blocks, 1, 1), (THREADS, 1, 1), *arguments, maxima.shape[1] // TOGETHER)

    def _convolve(self, name: str, features: Tensor, *arguments: Tensor) -> None:
        channels, rows, columns = features.shape[1:]
        grid: Size = (-(-columns // ACROSS), -(-rows // DOWN), 1)
        self._functions.launch(name, grid, (THREADS, 1, 1), *arguments, rows, columns, channels)


def for_pooling(features: Tensor) -> Kernels | None:
    """The kernels, if they pool these features."""
    fits = features.shape[1] % TOGETHER == 0 and features.numel() < INDEXED
    is_ordered = features.is_contiguous(memory_format=torch.channels_last)
    return _of(features.device) if fits and is_ordered and features.dtype == torch.bfloat16 else None


def for_first(x: Tensor, weight: Tensor) -> Kernels | None:
    """The kernels, if they do the convolution with ``weight`` of a picture, which x is or is for."""
    channels, colours = weight.shape[:2]
    fits = colours == 3 and channels % STEP == 0 and channels <= MOST_CHANNELS
    fits = fits and channels * x.shape[2] * x.shape[3] < INDEXED
    is_ordered = weight.is_contiguous(memory_format=torch.channels_last)
    return _of(x.device) if fits and is_ordered and x.dtype == torch.bfloat16 else None


def for_pixels(x: Tensor, gradient: Tensor) -> Kernels | None:
    """The kernels, if they work on a picture x with a ``gradient`` by it."""
    fits = x.dtype == gradient.dtype == torch.float32 and x.numel() < INDEXED
    return _of(x.device) if fits and x.is_contiguous() and gradient.is_contiguous() else None


@cache
def _of(device: torch.device) -> Kernels | None:
    """A card's; None where they do not compile, and anywhere else."""
    if device.type != "cuda" or torch.version.cuda is None or not multiplies_bfloat16(device):
        return None
    try:
        return Kernels(compiled(SOURCE, NAMES, device))
    except (ImportError, RuntimeError) as error:
        log.warning("Some layers take longer on %s: kernels for them do not compile (%s)", device, error)
        return None


def _room(like: Tensor, channels: int, rows: int, columns: int) -> Tensor:
    return torch.empty(
        (1, channels, rows, columns), dtype=like.dtype, device=like.device, memory_format=torch.channels_last
    )


def _aligned(upstream: Tensor) -> Tensor:
    return upstream.contiguous(memory_format=torch.channels_last)
