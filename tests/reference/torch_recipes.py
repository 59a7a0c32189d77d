"""The recipes of the seed, of Gatys' notebook and of neural-style, written again in plain PyTorch from their sources.

The only module of the reference that imports torch: at VGG19's full width the float64 loops would take minutes. It is
float32, contiguous, and differentiated by autograd. Pictures are (1, 3, H, W), RGB in 0..255 minus a centre; the
sources feed BGR to kernels for BGR, which is the same.

Sources: the seed document; leongatys/PytorchNeuralStyleTransfer, NeuralStyleTransfer.ipynb; jcjohnson/neural-style,
neural_style.lua; ProGamerGov/neural-style-pt, neural_style.py.
"""

from collections.abc import Callable, Iterable, Mapping

import torch
from torch import Tensor
from torch.nn import functional

from reference.vgg import LAYERS, deepest

STYLE_LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")

Objective = Callable[[Tensor], dict[str, Tensor]]
"""Pixels -> the weighted terms of the loss by name, each a scalar."""


class TorchVGG19:
    """VGG19 with max pooling, from arrays ``conv1_1.weight`` (out, in, 3, 3), ``conv1_1.bias`` (out,) and so on."""

    def __init__(self, arrays: Mapping[str, object]) -> None:
        self._weights = {key: torch.as_tensor(array).contiguous() for key, array in arrays.items()}

    def features(self, x: Tensor, layers: Iterable[str]) -> dict[str, Tensor]:
        """Return the features (1, C, H', W') at some layers. A last odd row or column has a pooling window of its own.

        That is the rule of the seed ("SAME") and of Caffe. Gatys' notebook and neural-style-pt drop that row or column.
        """
        wanted = set(layers)
        found = {}
        for layer in LAYERS[: LAYERS.index(deepest(wanted)) + 1]:
            if layer.startswith("conv"):
                x = functional.conv2d(x, self._weights[f"{layer}.weight"], self._weights[f"{layer}.bias"], padding=1)
            elif layer.startswith("relu"):
                x = functional.relu(x)
            else:
                x = functional.max_pool2d(x, 2, 2, ceil_mode=True)
            if layer in wanted:
                found[layer] = x
        return found


def total(objective: Objective, x: Tensor) -> Tensor:
    """The loss at x, a scalar."""
    return torch.stack(list(objective(x).values())).sum()


def raw_gram(features: Tensor) -> Tensor:
    """F F^T (C, C), summed over positions."""
    rows = features.flatten(2)[0]
    return rows @ rows.T


def seed_objective(network: TorchVGG19, content: Tensor, style: Tensor) -> Objective:
    """7 l2_loss(F - P) + 400 / 5 sum_l l2_loss(G - A) / (2 M^2 C^2), where l2_loss is half the sum of squares."""
    target = network.features(content, ["relu4_1"])["relu4_1"]
    grams = {layer: raw_gram(features) for layer, features in network.features(style, STYLE_LAYERS).items()}

    def objective(x: Tensor) -> dict[str, Tensor]:
        features = network.features(x, STYLE_LAYERS)
        content_loss = (features["relu4_1"] - target).square().sum() / 2
        style_loss = torch.zeros(())
        for layer, gram in grams.items():
            _, channels, height, width = features[layer].shape
            base = 2.0 * (height * width) ** 2 * channels**2
            style_loss = style_loss + (raw_gram(features[layer]) - gram).square().sum() / 2 / base
        return {"content": 7.0 * content_loss, "style": 400.0 * style_loss / len(grams)}

    return objective


def gatys_objective(network: TorchVGG19, content: Tensor, style: Tensor) -> Objective:
    """mse(F, P) at relu4_2 + sum_l 1e3 / C^2 mse(G / M, A / M_A)."""
    layers = (*STYLE_LAYERS, "relu4_2")
    target = network.features(content, ["relu4_2"])["relu4_2"]

    def mean_gram(features: Tensor) -> Tensor:
        return raw_gram(features) / features[0, 0].numel()

    grams = {layer: mean_gram(features) for layer, features in network.features(style, STYLE_LAYERS).items()}

    def objective(x: Tensor) -> dict[str, Tensor]:
        features = network.features(x, layers)
        style_loss = torch.zeros(())
        for layer, channels in zip(STYLE_LAYERS, (64, 128, 256, 512, 512), strict=True):
            style_loss = style_loss + 1e3 / channels**2 * functional.mse_loss(mean_gram(features[layer]), grams[layer])
        return {"content": functional.mse_loss(features["relu4_2"], target), "style": style_loss}

    return objective


def neural_style_objective(network: TorchVGG19, content: Tensor, style: Tensor) -> Objective:
    """5 mse(F, P) at relu4_2 + 100 sum_l mse(G / (C M), A / (C M_A)) + total variation.

    The Lua program has no value for its total variation, only the gradient 1e-3 (x_diff + y_diff), which leaves out
    the differences within the last row and the last column: half the sum of squares of all others. neural-style-pt has
    the sum of the absolute values of all.
    """
    layers = (*STYLE_LAYERS, "relu4_2")
    target = network.features(content, ["relu4_2"])["relu4_2"]

    def mean_gram(features: Tensor) -> Tensor:
        return raw_gram(features) / features.numel()

    grams = {layer: mean_gram(features) for layer, features in network.features(style, STYLE_LAYERS).items()}

    def objective(x: Tensor) -> dict[str, Tensor]:
        features = network.features(x, layers)
        style_loss = torch.zeros(())
        for layer, gram in grams.items():
            style_loss = style_loss + functional.mse_loss(mean_gram(features[layer]), gram)
        inner = x[..., :-1, :-1]
        squares = (inner - x[..., :-1, 1:]).square().sum() + (inner - x[..., 1:, :-1]).square().sum()
        return {
            "content": 5.0 * functional.mse_loss(features["relu4_2"], target),
            "style": 100.0 * style_loss,
            "tv": 1e-3 * squares / 2,
        }

    return objective


def run_adam(objective: Objective, start: Tensor, steps: int, learning_rate: float = 10.0) -> list[float]:
    """Return the loss after each step of `torch.optim.Adam`, as the seed reports it: not that of the start."""
    x = start.clone().requires_grad_()
    optimiser = torch.optim.Adam([x], lr=learning_rate)
    losses = []
    for _ in range(steps + 1):
        optimiser.zero_grad()
        loss = total(objective, x)
        losses.append(float(loss.detach()))
        loss.backward()  # type: ignore[no-untyped-call]  # untyped in torch
        optimiser.step()
    return losses[1:]


def run_lbfgs(objective: Objective, start: Tensor, steps: int) -> list[float]:
    """Return the loss after each step of `torch.optim.LBFGS` with its defaults: history 100, no line search.

    Gatys' notebook calls ``step`` with 20 iterations each, which carries the history on; neural-style-pt has all
    iterations in one call, and Torch's ``optim.lbfgs``, which the Lua program uses, is the same algorithm.
    """
    x = start.clone().requires_grad_()
    optimiser = torch.optim.LBFGS(
        [x], max_iter=steps + 1, max_eval=steps + 1, tolerance_grad=-1, tolerance_change=-1, history_size=100
    )
    losses: list[float] = []

    def closure() -> Tensor:
        optimiser.zero_grad()
        loss = total(objective, x)
        losses.append(float(loss.detach()))
        loss.backward()  # type: ignore[no-untyped-call]  # untyped in torch
        return loss

    optimiser.step(closure)  # type: ignore[no-untyped-call]  # untyped in torch
    return losses[1:]
