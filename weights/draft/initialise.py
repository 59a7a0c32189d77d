"""The initial student: a subset of VGG19's filters that represents all of them, refitted to the remaining inputs.

After ThiNet (Luo, Wu, Lin 2017, arXiv:1707.06342): channels are chosen greedily so that a linear map of
them explains the layer; the next convolution is then fitted by least squares to the student's own previous layer.
"""

from __future__ import annotations

import torch
from networks import (
    CONVOLUTIONS,
    TAPS,
    Filters,
    Maps,
    Student,
    Teacher,
    mean_image,
    pool_before,
    tap_of,
)
from torch import Tensor, nn
from torch.nn import functional


def choose_channels(features: Tensor, count: int) -> Tensor:
    """Indices of `count` columns of `features` (positions, channels) that best explain all of them, greedily.

    Each round takes the column whose direction removes most of the remaining variance of every channel.
    """
    centred = features.double() - features.double().mean(0)
    left = centred.T @ centred / len(centred)
    chosen: list[int] = []
    for _ in range(count):
        variance = left.diagonal().clamp_min(0)
        usable = variance > 1e-6 * variance.max()
        gain = torch.where(usable, left.square().sum(0) / variance.clamp_min(1e-30), torch.zeros_like(variance))
        gain[chosen] = -1.0
        best = int(gain.argmax())
        chosen.append(best)
        if variance[best] > 0:
            left = left - torch.outer(left[:, best], left[:, best]) / variance[best]
    return torch.tensor(chosen)


def fit_rectified(inputs: Tensor, targets: Tensor, rounds: int = 12, ridge: float = 1e-4) -> tuple[Tensor, Tensor]:
    """Weights (outputs, inputs) and bias: relu(inputs @ W.T + b) near `targets` (positions, outputs; >= 0).

    Squared error behind a ReLU, made convex: where the target is zero any negative value is right.
    Majorised by plain least squares whose targets there are the last round's own negative values, so one
    factorisation serves all rounds.
    """
    mean = inputs.double().mean(0)
    x = inputs.double() - mean
    normal = x.T @ x
    normal += torch.eye(len(normal), dtype=torch.float64) * (ridge * normal.diagonal().mean() + 1e-12)
    factor = torch.linalg.cholesky(normal)
    wanted = targets.double()
    goal = wanted
    for _ in range(rounds):
        offset = goal.mean(0)
        weight = torch.cholesky_solve(x.T @ (goal - offset), factor)
        predicted = x @ weight + offset
        goal = torch.where(wanted > 0, wanted, predicted.clamp_max(0))
    bias = offset - mean @ weight
    return weight.T.float(), bias.float()


def positions_of(x: Tensor, picks: Tensor) -> Tensor:
    """Rows `picks` of (N, C, H, W) seen as (N*H*W, C)."""
    return x.permute(0, 2, 3, 1).reshape(-1, x.shape[1])[picks]


def _patches(x: Tensor, picks: Tensor) -> Tensor:
    """3x3 patches of (N, C, H, W), zero padded, at `picks`: (positions, C*9)."""
    height, width = x.shape[2:]
    padded = functional.pad(x, (1, 1, 1, 1))
    image, rest = picks // (height * width), picks % (height * width)
    row, column = rest // width, rest % width
    parts = [padded[image, :, row + dy, column + dx] for dy in range(3) for dx in range(3)]
    return torch.stack(parts, dim=2).flatten(1)


def _set_parameters(layer: nn.Conv2d, weight: Tensor, bias: Tensor) -> None:
    layer.weight.copy_(weight.view_as(layer.weight))
    assert layer.bias is not None
    layer.bias.copy_(bias)


@torch.no_grad()
def initialise(student: Student, maps: Maps, teacher: Teacher, crops: Tensor, positions: int) -> dict[str, float]:
    """Fill `student` and `maps` from the teacher's answers to `crops` (N, 3, H, W; 0..255).

    Returns the teacher's standard deviation at each tap: the unit of the maps' outputs.
    """
    wanted = teacher.activations(crops)
    deviations = {tap: float(wanted[tap].std()) for tap in TAPS}
    x = (crops - mean_image()) / student.INPUT_SCALE
    for name in CONVOLUTIONS:
        tap = tap_of(name)
        x = pool_before(name, x)
        weight, bias = student.filters()[name]
        picks = torch.randint(x.shape[0] * x.shape[2] * x.shape[3], (positions,))
        goal = positions_of(wanted[tap], picks)
        chosen = choose_channels(goal, weight.shape[0])
        found, offset = fit_rectified(_patches(x, picks), goal[:, chosen])
        _set_parameters(student.layer(name), found, offset)
        scale_channels(student.filters(), name, x)
        weight, bias = student.filters()[name]
        x = functional.relu(functional.conv2d(x, weight, bias, padding=1))
        if tap in TAPS:
            picks = torch.randint(x.shape[0] * x.shape[2] * x.shape[3], (positions,))
            found, offset = fit_rectified(positions_of(x, picks), positions_of(wanted[tap], picks) / deviations[tap])
            _set_parameters(maps.layer(tap), found, offset)
    return deviations


def scale_channels(filters: Filters, name: str, x: Tensor) -> None:
    """Bring every channel of one convolution to unit mean square after its ReLU, on inputs `x`; in place.

    Channels that never fire get a small positive bias, so that training can revive them.
    """
    weight, bias = filters[name]
    answer = functional.relu(functional.conv2d(x, weight, bias, padding=1))
    energy = answer.square().mean((0, 2, 3)).sqrt()
    factor = torch.where(energy > 1e-6, 1.0 / energy.clamp_min(1e-6), torch.ones_like(energy))
    weight.data.mul_(factor.view(-1, 1, 1, 1))
    bias.data.mul_(factor)
    bias.data[energy <= 1e-6] = 0.1
