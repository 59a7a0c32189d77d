"""From the trained student to the shipped network: input scale folded in, channels brought to VGG19's scale.

Painting compares Gram matrices of the network's own features, so a channel's scale is its vote. A positive
factor passes through a ReLU: what multiplies a channel divides the next convolution's input, and no answer
behind it changes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from networks import TAPS, Filters, Maps, Student, Teacher, activations, mean_image, tap_of
from torch import Tensor

# Share of a tap's loudest channel that any channel keeps at least: float16 must hold it.
QUIETEST = 0.03


@torch.no_grad()
def shipped_filters(
    student: Student, maps: Maps, teacher: Teacher, crops: Tensor, deep_grams: Mapping[str, float]
) -> tuple[Filters, list[str]]:
    """Filters that act on RGB 0..255 minus the mean, and the channels that never fire on `crops`.

    At a tap, channels stand to one another as their weight in the map to the teacher's features does (the
    norm of the map's column), so that distances of Gram matrices resemble the teacher's; and the root mean
    square of the Gram matrix's entries is VGG19's, so that recipes weigh the taps alike. Elsewhere all
    channels are equally strong, with the teacher's mean square. `crops` are (N, 3, H, W; 0..255);
    `deep_grams` is as draft.toml has it.
    """
    answers = student(crops)
    genuine = activations(teacher.genuine, crops - mean_image(), last="conv3_4")
    last_known = gram_level(genuine["relu3_1"])
    incoming = torch.full((3,), 1.0 / student.INPUT_SCALE)
    shipped: Filters = {}
    dead: list[str] = []
    for name, (weight, bias) in student.filters().items():
        tap = tap_of(name)
        strength = answers[tap].square().mean((0, 2, 3)).sqrt()
        dead += [f"{name}[{int(channel)}]" for channel in torch.nonzero(strength == 0).flatten()]
        # A channel that hardly ever fires is not blown up to the others' strength.
        strength = strength.clamp_min(QUIETEST * float(strength.square().mean().sqrt()))
        factor = 1.0 / strength
        if tap in TAPS:
            factor = factor * _votes(maps, tap, strength)
            wanted = gram_level(genuine[tap]) if tap in genuine else last_known * deep_grams[tap]
            factor = factor * math.sqrt(wanted / gram_level(answers[tap] * factor.view(-1, 1, 1)))
        else:
            # Between relu4_1 and relu5_1 nobody's mean square is known: relu5_1's is near enough, and small.
            known = tap in genuine
            level = float(genuine[tap].square().mean()) if known else last_known * deep_grams["relu5_1"]
            factor = factor * math.sqrt(level)
        shipped[name] = (weight * factor.view(-1, 1, 1, 1) * incoming.view(1, -1, 1, 1), bias * factor)
        incoming = 1.0 / factor
    return shipped, dead


def gram_level(features: Tensor) -> float:
    """Root mean square of the entries of the Gram matrix F F^T / M of (N, C, H, W), all pictures together."""
    flat = features.permute(0, 2, 3, 1).flatten(0, 2)
    return float((flat.T @ flat / len(flat)).square().mean().sqrt())


def _votes(maps: Maps, tap: str, strength: Tensor) -> Tensor:
    """How strong each channel should be, up to one factor for all."""
    importance: Tensor = maps.layer(tap).weight[:, :, 0, 0].norm(dim=0)
    votes = strength * importance
    return votes.clamp_min(float(votes.max()) * QUIETEST)
