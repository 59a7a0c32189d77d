"""Fused convolution, ReLU and pooling: same value and gradient as the separate operations."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from gramarye.engine.numeric.precision import FLOAT32
from gramarye.engine.vgg.fused import MIN_CHANNELS_FLIPPED, Convolution, conv_relu, conv_relu_max_pool, max_pool
from support.cuda import DEVICES, requires_cuda

SIZES = [(16, 16), (17, 23), (2, 3), (1, 1), (64, 33)]
DTYPES = [(torch.float64, 1e-12), (torch.float32, 1e-5), (torch.bfloat16, 2e-2)]


def parts(size: tuple[int, int], dtype: torch.dtype, channels: int) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(sum(size))
    x = torch.randn((1, channels, *size), generator=generator, dtype=torch.float64)
    weight = torch.randn((12, channels, 3, 3), generator=generator, dtype=torch.float64) / channels
    bias = torch.randn(12, generator=generator, dtype=torch.float64)
    return x.to(dtype).to(torch.float64), weight.to(dtype).to(torch.float64), bias.to(dtype).to(torch.float64)


def upstream_for(y: Tensor) -> Tensor:
    return torch.linspace(-1.0, 2.0, y.numel(), dtype=torch.float64).reshape(y.shape)


def value_and_gradient(y: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
    (gradient,) = torch.autograd.grad(y, x, upstream_for(y).to(y))
    return y.detach().cpu().double(), gradient.cpu().double()


@pytest.mark.parametrize("is_pooled", [False, True])
@pytest.mark.parametrize("channels", [3, 16])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize(("dtype", "tolerance"), DTYPES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("device", DEVICES)
def test_fused_operations_equal_separate_ones(
    device: str,
    size: tuple[int, int],
    dtype: torch.dtype,
    tolerance: float,
    layout: torch.memory_format,
    channels: int,
    is_pooled: bool,
) -> None:
    x, weight, bias = parts(size, dtype, channels)
    exact = x.clone().requires_grad_()
    y = functional.relu(functional.conv2d(exact, weight, bias, padding=1))
    expected = value_and_gradient(max_pool(y) if is_pooled else y, exact)
    ours = x.to(device, dtype).contiguous(memory_format=layout).requires_grad_()
    moved = Convolution(weight.to(device, dtype, memory_format=torch.channels_last), bias.to(device, dtype))
    together = conv_relu_max_pool if is_pooled else conv_relu
    with FLOAT32.applied(torch.device(device)):
        found = value_and_gradient(together(ours, moved), ours)
    if dtype == torch.bfloat16 and is_pooled:  # rounding moves some maxima, and the gradient with them
        expected, found = (expected[0], expected[1].sum()), (found[0], found[1].sum())
    for actual, wanted in zip(found, expected, strict=True):
        scale = float(wanted.abs().max())
        torch.testing.assert_close(actual, wanted, rtol=0.0, atol=4.0 * tolerance * max(1.0, scale))


def test_a_window_of_zeros_passes_no_gradient() -> None:
    x = torch.ones((1, 1, 4, 4), requires_grad=True)
    negative = Convolution(torch.zeros((1, 1, 3, 3)), torch.full((1,), -1.0))
    (gradient,) = torch.autograd.grad(conv_relu_max_pool(x, negative).sum(), x)
    assert not gradient.any()


def test_a_noncontiguous_crop_gives_the_result_of_a_contiguous_copy() -> None:
    x, weight, bias = parts((40, 40), torch.float32, 16)
    whole = x.float().contiguous(memory_format=torch.channels_last)
    crop = whole[:, :, 3:20, 5:31]
    assert not crop.is_contiguous()
    convolution = Convolution(weight.float(), bias.float())
    torch.testing.assert_close(conv_relu(crop, convolution), conv_relu(crop.contiguous(), convolution))


def test_convolution_with_the_flipped_weight_is_the_transposed_convolution() -> None:
    upstream = torch.randn((1, 12, 9, 7), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    _, weight, bias = parts((9, 7), torch.float64, 5)
    forwards = functional.conv2d(upstream, Convolution(weight, bias).flipped_weight, padding=1)
    torch.testing.assert_close(forwards, functional.conv_transpose2d(upstream, weight, padding=1))


@requires_cuda
def test_wide_convolutions_on_a_gpu_use_the_flipped_weight_in_the_backward_pass() -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn((1, 32, 20, 13), generator=generator).to(torch.bfloat16)
    weight = (0.1 * torch.randn((MIN_CHANNELS_FLIPPED, 32, 3, 3), generator=generator)).to(torch.bfloat16)
    there = Convolution(
        weight.to("cuda", memory_format=torch.channels_last), torch.zeros(MIN_CHANNELS_FLIPPED).to(weight).cuda()
    )
    exact, given = x.double().requires_grad_(), x.cuda().contiguous(memory_format=torch.channels_last).requires_grad_()
    y = functional.relu(functional.conv2d(exact, weight.double(), padding=1))
    expected = value_and_gradient(y.sum(dim=1), exact)
    found = value_and_gradient(conv_relu(given, there).sum(dim=1), given)
    assert "flipped_weight" in vars(there)
    for actual, wanted in zip(found, expected, strict=True):
        torch.testing.assert_close(actual, wanted, rtol=0.0, atol=0.05 * float(wanted.abs().max()))
