"""The CUDA kernels against the libraries, on a real GPU; when they are used; and the fallback without them."""

from __future__ import annotations

import logging

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from gramarye.engine.cuda import kernels
from gramarye.engine.cuda.kernels import kernels_for_first_conv, kernels_for_pixels, kernels_for_pooling
from gramarye.engine.vgg.fused import max_pool
from support.cuda import requires_cuda

SIZES = [(1, 1), (1, 7), (2, 3), (16, 16), (33, 65), (64, 31), (131, 257)]
GPU = torch.device("cuda")


def drawn(*size: int, seed: int = 0, scale: float = 1.0) -> Tensor:
    """Return random bfloat16 values in channels-last memory, many of them equal."""
    generator = torch.Generator().manual_seed(seed)
    values = (4.0 * torch.randn(size, generator=generator)).round() * 0.25 * scale
    return values.to(torch.bfloat16).contiguous(memory_format=torch.channels_last)


@requires_cuda
@pytest.mark.parametrize("channels", [8, 16, 64])
@pytest.mark.parametrize("size", SIZES)
def test_pooling_and_its_gradient_equal_pytorchs_bit_for_bit(size: tuple[int, int], channels: int) -> None:
    signed = drawn(1, channels, *size).to(GPU).requires_grad_()
    features = functional.relu(signed)
    expected = max_pool(features)
    upstream = drawn(*expected.shape, seed=1).to(GPU)
    (gradients,) = torch.autograd.grad(expected, signed, upstream)
    gpu_kernels = kernels_for_pooling(features)
    assert gpu_kernels is not None
    maxima = gpu_kernels.max_pool(features)
    assert maxima.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(maxima, expected)
    assert torch.equal(gpu_kernels.max_pool_backward(features, maxima, upstream), gradients)
    assert torch.equal(gpu_kernels.max_pool_backward(features, maxima, upstream.contiguous()), gradients)


@requires_cuda
@pytest.mark.parametrize("channels", [16, 64, 128])
@pytest.mark.parametrize("size", SIZES)
def test_the_first_convolution_and_its_gradient_equal_float64_rounded_once(
    size: tuple[int, int], channels: int
) -> None:
    x, weight, bias = drawn(1, 3, *size, scale=40.0), drawn(channels, 3, 3, 3, seed=1), drawn(channels, 1, 1, 1, seed=2)
    bias = bias.flatten()
    exact = x.double().requires_grad_()
    y = functional.relu(functional.conv2d(exact, weight.double(), bias.double(), padding=1))
    upstream = drawn(*y.shape, seed=3)
    given, weight = x.to(GPU), weight.to(GPU, memory_format=torch.channels_last)
    gpu_kernels = kernels_for_first_conv(given, weight)
    assert gpu_kernels is not None
    features = gpu_kernels.first_conv(given, weight, bias.to(GPU))
    assert features.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(
        features.cpu(), y.detach().to(torch.bfloat16)
    )  # exact: sums of these values need no rounding in float32
    (expected,) = torch.autograd.grad(y, exact, upstream.double())
    found = gpu_kernels.first_conv_backward(features, upstream.to(GPU), weight).cpu()
    assert found.shape == x.shape
    torch.testing.assert_close(found.double(), expected, rtol=2.0**-8, atol=2.0**-8 * float(expected.abs().max()))


@requires_cuda
@pytest.mark.parametrize("size", SIZES)
def test_total_variation_and_its_gradient_equal_float64(size: tuple[int, int]) -> None:
    x = drawn(1, 3, *size, scale=40.0).float().contiguous()
    initial = drawn(1, 3, *size, seed=1).float().contiguous()
    exact = x.double().requires_grad_()
    squares = torch.diff(exact, dim=2).square().sum() + torch.diff(exact, dim=3).square().sum()
    (gradients,) = torch.autograd.grad(squares, exact)
    there, gradient = x.to(GPU), initial.to(GPU)
    gpu_kernels = kernels_for_pixels(there, gradient)
    assert gpu_kernels is not None
    parts = gpu_kernels.add_total_variation(there, gradient, 0.75)
    assert float(parts.double().sum()) == pytest.approx(float(squares.detach()), rel=1e-6)
    torch.testing.assert_close(gradient.cpu().double(), initial.double() + 0.375 * gradients, rtol=1e-6, atol=1e-4)


@requires_cuda
def test_nan_stays_nan() -> None:
    features = functional.relu(drawn(1, 8, 6, 6).to(GPU))
    features[0, 3, 2, 5] = float("nan")
    gpu_kernels = kernels_for_pooling(features)
    assert gpu_kernels is not None
    assert torch.equal(gpu_kernels.max_pool(features).isnan(), max_pool(features).isnan())


@requires_cuda
def test_kernels_are_used_only_for_supported_dtypes_channels_and_layouts() -> None:
    fitting = drawn(1, 16, 8, 8).to(GPU)
    assert kernels_for_pooling(fitting) is not None
    assert kernels_for_pooling(fitting.float()) is None
    assert kernels_for_pooling(fitting.contiguous()) is None
    assert kernels_for_pooling(drawn(1, 12, 8, 8).to(GPU)) is None
    x, weight = drawn(1, 3, 8, 8).to(GPU), drawn(16, 3, 3, 3).to(GPU)
    assert kernels_for_first_conv(x, weight) is not None
    assert kernels_for_first_conv(x.float(), weight.float()) is None
    assert kernels_for_first_conv(x, drawn(24, 3, 3, 3).to(GPU)) is None
    assert kernels_for_first_conv(fitting, drawn(16, 16, 3, 3).to(GPU)) is None
    plain = x.float().contiguous()
    assert kernels_for_pixels(plain, plain) is not None
    assert kernels_for_pixels(plain.double(), plain.double()) is None
    assert kernels_for_pixels(plain, plain[:, :, ::2]) is None


def test_there_are_no_kernels_on_the_cpu() -> None:
    assert kernels_for_pooling(drawn(1, 16, 8, 8)) is None
    assert kernels_for_first_conv(drawn(1, 3, 8, 8), drawn(16, 3, 3, 3)) is None
    assert kernels_for_pixels(torch.zeros(1, 3, 8, 8), torch.zeros(1, 3, 8, 8)) is None


@pytest.mark.parametrize("error", [ImportError("no bindings"), RuntimeError("it does not compile")])
def test_a_failed_compilation_is_logged_and_the_libraries_are_used(
    error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(*_: object) -> None:
        raise error

    monkeypatch.setattr(kernels, "compile_module", failing)
    monkeypatch.setattr(kernels, "has_native_bfloat16", lambda _: True)
    monkeypatch.setattr(torch.version, "cuda", "13.0")
    with caplog.at_level(logging.WARNING):
        assert kernels._kernels_on.__wrapped__(GPU) is None
    assert str(error) in caplog.text
