"""Reinitialise dead channels: after a ReLU, a channel that never fires gets no gradient and would stay dead."""

from __future__ import annotations

import torch
from networks import CONVOLUTIONS, TAPS, Maps, Student, mean_image, pool_before, tap_of
from torch import Tensor, nn
from torch.nn import functional

# A channel below this share of the layer's root mean square counts as dead.
DEAD_BELOW = 0.01


@torch.no_grad()
def reinitialise_dead_channels(student: Student, maps: Maps, optimiser: torch.optim.Optimizer, crops: Tensor) -> int:
    """Give dead channels random filters of the others' strength on `crops`, and small weights in the next layer; return
    how many.
    """
    revived = 0
    x = (crops - mean_image()) / student.INPUT_SCALE
    for index, name in enumerate(CONVOLUTIONS):
        layer = student.layer(name)
        x = pool_before(name, x)
        answer = functional.relu(layer(x))
        strength = answer.square().mean((0, 2, 3)).sqrt()
        layer_rms = float(strength.square().mean().sqrt())
        dead = torch.nonzero(strength < DEAD_BELOW * layer_rms).flatten()
        if len(dead):
            _reinitialise_filters(layer, dead, x, layer_rms)
            next_layers = [student.layer(CONVOLUTIONS[index + 1])] if index + 1 < len(CONVOLUTIONS) else []
            next_layers += [maps.layer(tap_of(name))] if tap_of(name) in TAPS else []
            for next_layer in next_layers:
                next_layer.weight[:, dead] = (
                    0.1 * next_layer.weight.std() * torch.randn_like(next_layer.weight[:, dead])
                )
                _reset_adam_state(optimiser, next_layer.weight, (slice(None), dead))
            _reset_adam_state(optimiser, layer.weight, (dead,))
            if layer.bias is not None:
                _reset_adam_state(optimiser, layer.bias, (dead,))
            answer = functional.relu(layer(x))
            revived += len(dead)
        x = answer
    return revived


def _reinitialise_filters(layer: nn.Conv2d, dead: Tensor, x: Tensor, strength: float) -> None:
    fresh = torch.empty_like(layer.weight)
    nn.init.kaiming_normal_(fresh, nonlinearity="relu")
    answer = functional.conv2d(x, fresh[dead], padding=1)
    # Centred on its input, each new channel fires at about half of the positions.
    scale = strength / (0.7 * answer.std((0, 2, 3))).clamp_min(1e-6)
    layer.weight[dead] = fresh[dead] * scale.view(-1, 1, 1, 1)
    if layer.bias is not None:
        layer.bias[dead] = -answer.mean((0, 2, 3)) * scale


def _reset_adam_state(optimiser: torch.optim.Optimizer, parameter: Tensor, where: tuple[slice | Tensor, ...]) -> None:
    """Reset Adam's first moment of a channel and keep its neighbours' mean square, so that the first steps are not too
    large.
    """
    state = optimiser.state.get(parameter, {})
    if "exp_avg" in state:
        state["exp_avg"][where] = 0.0
        state["exp_avg_sq"][where] = state["exp_avg_sq"].mean()
