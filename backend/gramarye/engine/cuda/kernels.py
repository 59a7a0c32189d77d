"""CUDA kernels for operations in which the libraries are slow: pooling, the first convolution, total variation.

These operations should be limited by memory bandwidth, but the libraries take several times as long. Times on an H200
for 64 channels of 512 x 512 positions, in microseconds:

                                      library    kernels
    2x2 max pooling (PyTorch)              49          8
    its backward pass                     108         24
    first convolution (cuDNN)              90         24
    its backward pass with ReLU            77         54

The source, kernels.cu, is compiled on first use. If that fails, the libraries are used.
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
"""Channels per thread of the pooling kernels."""

CHANNEL_STEP, MAX_CHANNELS = 16, 128
"""Channels that the first convolution processes at a time, and its maximum number of channels."""

INDEX_LIMIT = 2**31
"""Tensors must have fewer elements: the kernels use 32-bit indices."""

THREADS, PER_THREAD = 256, 4
"""Threads per block of every kernel, and pixel values per thread of the total variation."""

BLOCK_COLUMNS, BLOCK_ROWS = 32, 16
"""Positions per block of the first convolution, along a row and along a column."""


class Kernels:
    """The kernels on one GPU.

    Features are (1, C, H, W), bfloat16, in channels-last memory. Pictures are (1, 3, H, W), contiguous: bfloat16 for
    the first convolution, float32 otherwise.
    """

    def __init__(self, functions: CompiledModule) -> None:
        self._functions = functions

    def max_pool(self, features: Tensor) -> Tensor:
        """Return the 2x2 max pooling of ReLU outputs, (1, C, ceil(H/2), ceil(W/2)); border windows are clipped."""
        channels, rows, columns = features.shape[1:]
        maxima = _empty_features(features, channels, -(-rows // 2), -(-columns // 2))
        self._pool("maxima_of", maxima, features, maxima, rows, columns)
        return maxima

    def max_pool_backward(self, features: Tensor, maxima: Tensor, upstream: Tensor) -> Tensor:
        """Return the gradient w.r.t. the input of the ReLU, given its output ``features`` and their ``maxima``."""
        rows, columns = features.shape[2:]
        spread = torch.empty_like(features)
        self._pool("spread_over", maxima, features, maxima, _channels_last(upstream), spread, rows, columns)
        return spread

    def first_conv(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        """Return the ReLU of the convolution of a picture x with ``weight`` (C, 3, 3, 3) and ``bias`` (C,)."""
        features = _empty_features(x, weight.shape[0], *x.shape[2:])
        self._convolve("first_features", features, x.contiguous(), weight, bias, features)
        return features

    def first_conv_backward(self, features: Tensor, upstream: Tensor, weight: Tensor) -> Tensor:
        """Return the gradient w.r.t. the picture, given the output ``features`` of `first_conv`."""
        gradient = features.new_empty((1, 3, *features.shape[2:]))
        self._convolve("first_slopes", features, features, _channels_last(upstream), weight, gradient)
        return gradient

    def add_total_variation(self, x: Tensor, gradient: Tensor, factor: float) -> Tensor:
        """Add ``factor`` / 2 times the gradient of sum dx^2 + sum dy^2 at a picture x to ``gradient``.

        Return the partial sums of sum dx^2 + sum dy^2, (blocks,).
        """
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
    """Return the kernels if they can pool these features, else None."""
    fits = features.shape[1] % CHANNELS_PER_THREAD == 0 and features.numel() < INDEX_LIMIT
    is_ordered = features.is_contiguous(memory_format=torch.channels_last)
    return _kernels_on(features.device) if fits and is_ordered and features.dtype == torch.bfloat16 else None


def kernels_for_first_conv(x: Tensor, weight: Tensor) -> Kernels | None:
    """Return the kernels if they support the convolution with ``weight``, else None.

    ``x`` is the picture, or the features of its size.
    """
    channels, colours = weight.shape[:2]
    fits = colours == 3 and channels % CHANNEL_STEP == 0 and channels <= MAX_CHANNELS
    fits = fits and channels * x.shape[2] * x.shape[3] < INDEX_LIMIT
    is_ordered = weight.is_contiguous(memory_format=torch.channels_last)
    return _kernels_on(x.device) if fits and is_ordered and x.dtype == torch.bfloat16 else None


def kernels_for_pixels(x: Tensor, gradient: Tensor) -> Kernels | None:
    """Return the kernels if they support a picture x and its ``gradient``, else None."""
    fits = x.dtype == gradient.dtype == torch.float32 and x.numel() < INDEX_LIMIT
    return _kernels_on(x.device) if fits and x.is_contiguous() and gradient.is_contiguous() else None


@cache
def _kernels_on(device: torch.device) -> Kernels | None:
    """Return the kernels of a GPU; None for other devices, without bfloat16, or if they do not compile."""
    if device.type != "cuda" or torch.version.cuda is None or not has_native_bfloat16(device):
        return None
    try:
        return Kernels(compile_module(SOURCE, NAMES, device))
    except (ImportError, RuntimeError) as error:
        log.warning("some layers are slower on %s: their CUDA kernels do not compile (%s)", device, error)
        return None


def _empty_features(like: Tensor, channels: int, rows: int, columns: int) -> Tensor:
    return torch.empty(
        (1, channels, rows, columns), dtype=like.dtype, device=like.device, memory_format=torch.channels_last
    )


def _channels_last(upstream: Tensor) -> Tensor:
    return upstream.contiguous(memory_format=torch.channels_last)
