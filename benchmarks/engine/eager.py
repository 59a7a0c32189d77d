"""The baselines in plain PyTorch: the seed's recipe as written, and L-BFGS as neural-style-pt runs it.

Float32, contiguous tensors, the objective as in the papers, autograd, no optimisations; TF32 keeps PyTorch's default.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from gramarye.engine.vgg.layers import up_to

from .cases import BenchmarkCase

LossCallback = Callable[[Tensor, float], None]
"""Called with the pixels and the loss of every evaluation."""


class EagerObjective:
    """content_weight / 2 sum (F - P)^2 + style_weight / L sum_l sum (G_l - A_l)^2 / (4 M_l^2 C_l^2), raw sums."""

    def __init__(self, case: BenchmarkCase) -> None:
        self._recipe = case.recipe
        self._weights = {name: (own.weight.contiguous(), own.bias) for name, own in case.network.convolutions.items()}
        self._readouts = case.network.readouts
        content, style = case.network_inputs()
        with torch.no_grad():
            found = self._features(content)
            self._content = {tap: found[tap] for tap in self._recipe.content_layers}
            area = {tap: found[tap][0, 0].numel() for tap in self._recipe.style_layers}
            self._style = {tap: _gram(self._features(style)[tap]) for tap in area}
        self._areas = area

    def __call__(self, x: Tensor) -> Tensor:
        """The loss at centred pixels x (1, 3, H, W)."""
        found = self._features(x)
        content = sum(
            0.5 * self._recipe.content_weight * (found[tap] - target).square().sum()
            for tap, target in self._content.items()
        )
        style = torch.zeros((), device=x.device)
        for tap, target in self._style.items():
            channels, area = target.shape[0], self._areas[tap]
            share = self._recipe.style_weight / len(self._style) / (4.0 * area**2 * channels**2)
            style = style + share * (_gram(found[tap]) - target).square().sum()
        return content + style

    def _features(self, x: Tensor) -> dict[str, Tensor]:
        found = {}
        for layer in up_to(self._recipe.taps()):
            if layer.startswith("conv"):
                x = functional.conv2d(x, *self._weights[layer], padding=1)
            elif layer.startswith("relu"):
                x = functional.relu(x)
            else:
                x = functional.max_pool2d(x, 2, 2, ceil_mode=True)
            if layer in self._recipe.taps():
                readout = self._readouts.get(layer)
                found[layer] = x if readout is None else functional.conv2d(x, readout[:, :, None, None])
        return found


def seed(case: BenchmarkCase, iterations: int, callback: LossCallback) -> None:
    """Adam from noise with learning rate 10, as in TensorFlow 1; every iterate is evaluated."""
    objective, x = EagerObjective(case), _noise(case, 1.0).requires_grad_()
    optimiser = torch.optim.Adam([x], lr=case.recipe.learning_rate)
    for _ in range(iterations):
        optimiser.zero_grad()
        loss = objective(x)
        loss.backward()  # type: ignore[no-untyped-call]  # untyped in torch
        callback(x.detach(), float(loss.detach()))
        optimiser.step()


def lbfgs(case: BenchmarkCase, iterations: int, callback: LossCallback) -> None:
    """`torch.optim.LBFGS` with neural-style-pt's defaults: from noise of 0.001, history 100, no line search."""
    objective, x = EagerObjective(case), _noise(case, 0.001).requires_grad_()
    optimiser = torch.optim.LBFGS(
        [x], lr=1.0, max_iter=iterations, max_eval=iterations, tolerance_grad=-1, tolerance_change=-1, history_size=100
    )

    def closure() -> Tensor:
        optimiser.zero_grad()
        loss = objective(x)
        loss.backward()  # type: ignore[no-untyped-call]  # untyped in torch
        callback(x.detach(), float(loss.detach()))
        return loss

    optimiser.step(closure)  # type: ignore[no-untyped-call]  # untyped in torch


def _noise(case: BenchmarkCase, strength: float) -> Tensor:
    generator = torch.Generator("cpu").manual_seed(1)
    height, width = case.content.shape[:2]
    return (strength * torch.randn((1, 3, height, width), generator=generator)).to(case.device)


def _gram(features: Tensor) -> Tensor:
    rows = features.flatten(2)[0]
    return rows @ rows.T
