"""Convolution with ReLU, and with max pooling, in as few passes over the features as possible.

Next to bfloat16 matrix products a pass over the features takes a noticeable time. If the library allows it, the
convolution applies the ReLU while it writes its output. The gradient of a ReLU that only a pooling reads is computed on
the pooled features, a quarter of the size. GPU `kernels` do the pooling or the first convolution if available.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional

from ..cuda.kernels import kernels_for_first_conv, kernels_for_pooling
from ..numeric.precision import has_native_bfloat16

_FUSES = hasattr(torch.ops.mkldnn, "_convolution_pointwise")
"""Whether PyTorch has oneDNN's convolution with fused ReLU on the CPU, the operator that torch.compile uses."""


MIN_CHANNELS_FLIPPED = 256
"""Channels from which cuDNN's forward convolution is faster than its backward one.

By a fifth to a third in bfloat16 on an H200.
"""


@dataclass(frozen=True, eq=False)
class Convolution:
    """``weight`` (out, in, 3, 3) and ``bias`` (out,), which get no gradient."""

    weight: Tensor
    bias: Tensor

    @cached_property
    def flipped_weight(self) -> Tensor:
        """(in, out, 3, 3): the weight of the convolution that computes the gradient w.r.t. the input."""
        return self.weight.flip(2, 3).transpose(0, 1).contiguous(memory_format=torch.channels_last)


def conv_relu(x: Tensor, convolution: Convolution) -> Tensor:
    """Return the ReLU of the convolution of x (1, in, H, W), padding 1."""
    features: Tensor = _ConvReLU.apply(x, convolution)  # type: ignore[no-untyped-call]  # untyped in torch
    return features


def max_pool(x: Tensor) -> Tensor:
    """Return the 2x2 max pooling of x. Border windows are clipped: odd sizes round up (TensorFlow's "SAME")."""
    return functional.max_pool2d(x, kernel_size=2, stride=2, ceil_mode=True)


def conv_relu_max_pool(x: Tensor, convolution: Convolution) -> Tensor:
    """Return the `max_pool` of the ReLU of the convolution."""
    features: Tensor = _ConvReLUMaxPool.apply(x, convolution)  # type: ignore[no-untyped-call]  # untyped in torch
    return features


class _ConvReLU(Function):
    """y = max(0, W * x + b); dx = W^T * (dy where y > 0)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, convolution: Convolution) -> Tensor:
        features = _conv_relu_forward(x, convolution)
        ctx.save_for_backward(features)
        ctx.convolution = convolution
        return features

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor | None, ...]:
        (features,), weight = ctx.saved_tensors, ctx.convolution.weight
        gpu_kernels = kernels_for_first_conv(features, weight)
        if gpu_kernels is not None:
            return gpu_kernels.first_conv_backward(features, upstream[0], weight), None
        return _conv_backward(_relu_backward(upstream[0], features), ctx.convolution), None


class _ConvReLUMaxPool(Function):
    """The same with the maximum y of each window: if y = 0, the whole window is 0 and passes no gradient.

    Adding the bias and the ReLU commute with the maximum. If the convolution does not fuse them, they are applied to
    the maxima only.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, convolution: Convolution) -> Tensor:
        is_fused = _is_fused(x)
        features = (
            _conv_relu_forward(x, convolution) if is_fused else functional.conv2d(x, convolution.weight, padding=1)
        )
        gpu_kernels = kernels_for_pooling(features) if is_fused else None
        maxima: Tensor
        if gpu_kernels is not None:
            maxima, places = gpu_kernels.max_pool(features), features
        else:
            maxima, places = torch.ops.aten.max_pool2d_with_indices(features, [2, 2], [2, 2], [0, 0], [1, 1], True)
        if not is_fused:
            maxima = maxima.add_(convolution.bias[:, None, None]).relu_()
        ctx.save_for_backward(maxima, places)
        ctx.convolution = convolution
        ctx.like = features.shape, features.stride()
        return maxima

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor | None, ...]:
        maxima, places = ctx.saved_tensors
        gpu_kernels = kernels_for_pooling(places)  # indices of the maxima, or the features if kernels pooled them
        if gpu_kernels is not None:
            return _conv_backward(gpu_kernels.max_pool_backward(places, maxima, upstream[0]), ctx.convolution), None
        shape, stride = ctx.like
        like = maxima.new_empty_strided(shape, stride)  # only its shape and strides are used
        spread = torch.ops.aten.max_pool2d_with_indices_backward(
            _relu_backward(upstream[0], maxima), like, [2, 2], [2, 2], [0, 0], [1, 1], True, places
        )
        return _conv_backward(spread, ctx.convolution), None


def _is_fused(x: Tensor) -> bool:
    """Return whether bias and ReLU are fused into the convolution of x."""
    if x.device.type == "cpu":
        return _FUSES and x.dtype != torch.float64
    return x.device.type == "cuda" and x.dtype == torch.bfloat16 and _is_fused_on(x.device)


@cache
def _is_fused_on(gpu: torch.device) -> bool:
    """Return whether cuDNN fuses bias and ReLU in bfloat16 on a GPU."""
    return torch.version.cuda is not None and hasattr(torch, "cudnn_convolution_relu") and has_native_bfloat16(gpu)


def _conv_relu_forward(x: Tensor, convolution: Convolution) -> Tensor:
    features: Tensor
    weight, bias, ones = convolution.weight, convolution.bias, [1, 1]
    gpu_kernels = kernels_for_first_conv(x, weight)
    if gpu_kernels is not None:
        return gpu_kernels.first_conv(x, weight, bias)
    if not _is_fused(x):
        return functional.conv2d(x, weight, bias, padding=1).relu_()
    if x.device.type == "cpu":
        features = torch.ops.mkldnn._convolution_pointwise(x, weight, bias, ones, ones, ones, 1, "relu", [], "")
    else:
        features = torch.cudnn_convolution_relu(x, weight, bias, ones, ones, ones, 1)
    return features


def _relu_backward(upstream: Tensor, features: Tensor) -> Tensor:
    """Return dy where y > 0, else 0."""
    masked: Tensor = torch.ops.aten.threshold_backward(upstream, features, 0)
    return masked


def _conv_backward(upstream: Tensor, convolution: Convolution) -> Tensor:
    if upstream.device.type == "cuda" and _is_fused(upstream) and upstream.shape[1] >= MIN_CHANNELS_FLIPPED:
        return functional.conv2d(upstream, convolution.flipped_weight, padding=1)
    gradient: Tensor = functional.conv_transpose2d(upstream, convolution.weight, padding=1)
    return gradient
