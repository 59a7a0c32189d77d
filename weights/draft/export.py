"""From the trained student to the shipped network: input scale folded in, every channel equally strong.

A positive factor passes through a ReLU: scaling a channel and dividing the next convolution's input by the same factor
changes no output. Equal strength keeps every value within float16's accurate range.
"""

from __future__ import annotations

import torch
from networks import Filters, Student, tap_of
from torch import Tensor

# Root mean square of each channel's activations.
TARGET_RMS = 16.0
# Least assumed strength of a channel, relative to its layer's: one that hardly fires is not amplified.
MIN_RELATIVE_RMS = 0.03


@torch.no_grad()
def normalise_filters(student: Student, crops: Tensor) -> tuple[Filters, list[str]]:
    """Filters that act on RGB 0..255 minus the mean, and the channels that never fire on `crops` (N, 3, H, W)."""
    answers = student(crops)
    incoming = torch.full((3,), 1.0 / student.INPUT_SCALE)
    normalised: Filters = {}
    dead: list[str] = []
    for name, (weight, bias) in student.filters().items():
        strength = answers[tap_of(name)].square().mean((0, 2, 3)).sqrt()
        dead += [f"{name}[{int(channel)}]" for channel in torch.nonzero(strength == 0).flatten()]
        factor = TARGET_RMS / strength.clamp_min(MIN_RELATIVE_RMS * float(strength.square().mean().sqrt()))
        normalised[name] = (weight * factor.view(-1, 1, 1, 1) * incoming.view(1, -1, 1, 1), bias * factor)
        incoming = 1.0 / factor
    return normalised, dead
