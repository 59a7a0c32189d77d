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

from ..numeric.precision import has_native_bfloat16
from .compiled import CompiledModule, Dim3, compile_module

log = logging.getLogger(__name__)

SOURCE = Path(__file__).with_name("kernels.cu")
NAMES = ("maxima_of", "spread_over", "first_features", "first_slopes", "variation_of")

CHANNELS_PER_THREAD = 8
"""Channels that a thread pools at a time."""

CHANNEL_STEP, MAX_CHANNELS = 16, 128
"""Channels that the first convolution takes at a time, and how many there may be."""

INDEX_LIMIT = 2**31
"""As many numbers as there are, a kernel cannot tell apart."""

THREADS, PER_THREAD = 256, 4
"""Of a block of any kernel, and numbers of a picture that each of them takes."""

BLOCK_COLUMNS, BLOCK_ROWS = 32, 16
"""Positions of a block of the first convolution, along a row and along a column."""


class Kernels:
    """The kernels of one card.

    Features are (1, C, H, W) of bfloat16 in channels-last memory, pictures (1, 3, H, W): bfloat16 before the first
    convolution, float32 otherwise.
    """

    def __init__(self, functions: CompiledModule) -> None:
        self._functions = functions

    def max_pool(self, features: Tensor) -> Tensor:
        """2x2 max pooling of rectified features whose border windows are clipped: (1, C, H / 2, W / 2), rounded up."""
        channels, rows, columns = features.shape[1:]
        maxima = _empty_features(features, channels, -(-rows // 2), -(-columns // 2))
        self._pool("maxima_of", maxima, features, maxima, rows, columns)
        return maxima

    def max_pool_backward(self, features: Tensor, maxima: Tensor, upstream: Tensor) -> Tensor:
        """The derivative by what, rectified, was ``features``, and then pooled to ``max_pool``."""
        rows, columns = features.shape[2:]
        spread = torch.empty_like(features)
        self._pool("spread_over", maxima, features, maxima, _channels_last(upstream), spread, rows, columns)
        return spread

    def first_conv(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """ReLU of the convolution of a picture x (1, 3, H, W) with ``weight`` (C, 3, 3, 3) and ``bias`` (C,)."""
        features = _empty_features(x, weight.shape[0], *x.shape[2:])
        self._convolve("first_features", features, x.contiguous(), weight, bias, features)
        return features

    def first_conv_backward(self, features: Tensor, upstream: Tensor, weight: Tensor) -> Tensor:
        """The derivative by the picture that these were the features of."""
        gradient = features.new_empty((1, 3, *features.shape[2:]))
        self._convolve("first_slopes", features, features, _channels_last(upstream), weight, gradient)
        return gradient

    def add_total_variation(self, x: Tensor, gradient: Tensor, factor: float) -> Tensor:
        """Add ``factor`` times half the derivative of sum dx^2 + sum dy^2 at a picture x to ``gradient``; that sum in
        parts, (blocks,)."""
        blocks = -(-x.numel() // (THREADS * PER_THREAD))
        parts = x.new_empty(blocks)
        given = (x, gradient, parts, x.numel(), x.shape[2], x.shape[3], factor)
        self._functions.launch("variation_of", (blocks, 1, 1), (THREADS, 1, 1), *given)
        return parts

    def _pool(self, name: str, maxima: Tensor, *arguments: Tensor | int) -> None:
        blocks = -(-maxima.numel() // CHANNELS_PER_THREAD // THREADS)
        self._functions.launch(
            name, (blocks, 1, 1), (THREADS, 1, 1), *arguments, maxima.shape[1] // CHANNELS_PER_THREAD
        )

    def _convolve(self, name: str, features: Tensor, *arguments: Tensor) -> None:
        channels, rows, columns = features.shape[1:]
        grid: Dim3 = (-(-columns // BLOCK_COLUMNS), -(-rows // BLOCK_ROWS), 1)
        self._functions.launch(name, grid, (THREADS, 1, 1), *arguments, rows, columns, channels)


def kernels_for_pooling(features: Tensor) -> Kernels | None:
    """The kernels, if they pool these features."""
    fits = features.shape[1] % CHANNELS_PER_THREAD == 0 and features.numel() < INDEX_LIMIT
    is_ordered = features.is_contiguous(memory_format=torch.channels_last)
    return _kernels_on(features.device) if fits and is_ordered and features.dtype == torch.bfloat16 else None


def kernels_for_first_conv(x: Tensor, weight: Tensor) -> Kernels | None:
    """The kernels, if they do the convolution with ``weight`` of a picture, which x is or is for."""
    channels, colours = weight.shape[:2]
    fits = colours == 3 and channels % CHANNEL_STEP == 0 and channels <= MAX_CHANNELS
    fits = fits and channels * x.shape[2] * x.shape[3] < INDEX_LIMIT
    is_ordered = weight.is_contiguous(memory_format=torch.channels_last)
    return _kernels_on(x.device) if fits and is_ordered and x.dtype == torch.bfloat16 else None


def kernels_for_pixels(x: Tensor, gradient: Tensor) -> Kernels | None:
    """The kernels, if they work on a picture x with a ``gradient`` by it."""
    fits = x.dtype == gradient.dtype == torch.float32 and x.numel() < INDEX_LIMIT
    return _kernels_on(x.device) if fits and x.is_contiguous() and gradient.is_contiguous() else None


@cache
def _kernels_on(device: torch.device) -> Kernels | None:
    """A card's; None where they do not compile, and anywhere else."""
    if device.type != "cuda" or torch.version.cuda is None or not has_native_bfloat16(device):
        return None
    try:
        return Kernels(compile_module(SOURCE, NAMES, device))
    except (ImportError, RuntimeError) as error:
        log.warning("Some layers take longer on %s: kernels for them do not compile (%s)", device, error)
        return None


def _empty_features(like: Tensor, channels: int, rows: int, columns: int) -> Tensor:
    return torch.empty(
        (1, channels, rows, columns), dtype=like.dtype, device=like.device, memory_format=torch.channels_last
    )


def _channels_last(upstream: Tensor) -> Tensor:
    return upstream.contiguous(memory_format=torch.channels_last)
