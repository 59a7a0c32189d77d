"""Channels that fell silent behind their ReLU get no gradient and stay so: begin them anew."""

from __future__ import annotations

import torch
from networks import CONVOLUTIONS, TAPS, Maps, Student, mean_image, pool_before, tap_of
from torch import Tensor, nn
from torch.nn import functional

# Below this share of the layer's root mean square a channel counts as silent.
SILENT = 0.01


@torch.no_grad()
def revive(student: Student, maps: Maps, optimiser: torch.optim.Optimizer, crops: Tensor) -> int:
    """Give silent channels random filters, as strong as the others on `crops`, and a small say behind; how many."""
    woken = 0
    x = (crops - mean_image()) / student.INPUT_SCALE
    for index, name in enumerate(CONVOLUTIONS):
        layer = student.layer(name)
        x = pool_before(name, x)
        answer = functional.relu(layer(x))
        strength = answer.square().mean((0, 2, 3)).sqrt()
        usual = float(strength.square().mean().sqrt())
        silent = torch.nonzero(strength < SILENT * usual).flatten()
        if len(silent):
            _refill(layer, silent, x, usual)
            readers = [student.layer(CONVOLUTIONS[index + 1])] if index + 1 < len(CONVOLUTIONS) else []
            readers += [maps.layer(tap_of(name))] if tap_of(name) in TAPS else []
            for reader in readers:
                reader.weight[:, silent] = 0.1 * reader.weight.std() * torch.randn_like(reader.weight[:, silent])
                _forget(optimiser, reader.weight, (slice(None), silent))
            _forget(optimiser, layer.weight, (silent,))
            if layer.bias is not None:
                _forget(optimiser, layer.bias, (silent,))
            answer = functional.relu(layer(x))
            woken += len(silent)
        x = answer
    return woken


def _refill(layer: nn.Conv2d, silent: Tensor, x: Tensor, strength: float) -> None:
    fresh = torch.empty_like(layer.weight)
    nn.init.kaiming_normal_(fresh, nonlinearity="relu")
    answer = functional.conv2d(x, fresh[silent], padding=1)
    # Centred on what arrives, each new channel fires at about half of the positions.
    scale = strength / (0.7 * answer.std((0, 2, 3))).clamp_min(1e-6)
    layer.weight[silent] = fresh[silent] * scale.view(-1, 1, 1, 1)
    if layer.bias is not None:
        layer.bias[silent] = -answer.mean((0, 2, 3)) * scale


def _forget(optimiser: torch.optim.Optimizer, parameter: Tensor, where: tuple[slice | Tensor, ...]) -> None:
    """Take Adam's memory of what a channel was; its neighbours' mean square stays, or first steps would be leaps."""
    state = optimiser.state.get(parameter, {})
    if "exp_avg" in state:
        state["exp_avg"][where] = 0.0
        state["exp_avg_sq"][where] = state["exp_avg_sq"].mean()
