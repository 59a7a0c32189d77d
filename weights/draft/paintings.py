"""Paintings by the student itself, to train on.

An optimiser finds the pictures on which the student differs most from its teacher, and those are not among photographs
and paintings. So the student paints while it trains, and learns the teacher's answers to what it painted (after DAgger:
Ross, Gordon, Bagnell 2011, arXiv:1011.0686).
"""

from __future__ import annotations

import torch
from networks import TAPS, Maps, Student
from torch import Tensor

CONTENT_WEIGHT = 0.02
MOST_EVALUATIONS = 60
FEWEST_EVALUATIONS = 8


def paint_batch(student: Student, maps: Maps, contents: Tensor, styles: Tensor, evaluations: int) -> Tensor:
    """Paint `contents` in `styles` (both (N, 3, H, W; 0..255)) by so many evaluations of L-BFGS; return the pictures.

    Each starts from its content in the style's mean and contrast. Gram matrices are compared as the teacher's: through
    the linear part of the maps.
    """
    mixes = [maps.layer(tap).weight.detach()[:, :, 0, 0] for tap in TAPS]
    with torch.no_grad(), _bfloat16():
        targets = _grams(student(styles), mixes)
        content_target = student(contents)["relu4_1"].float()
    start = _recoloured(contents, styles).contiguous()
    unit = start.numel()  # L-BFGS' first step has an L1 norm of 1: one level for each value in these units
    variable = (start / unit).requires_grad_()
    optimiser = torch.optim.LBFGS(
        [variable], max_iter=evaluations, max_eval=evaluations, history_size=10, tolerance_grad=0, tolerance_change=0
    )

    def evaluate() -> float:
        optimiser.zero_grad()
        with _bfloat16():
            found = student(variable * unit)
            style = sum(
                ((ours - theirs).square().sum((1, 2)) / theirs.square().sum((1, 2))).sum()
                for ours, theirs in zip(_grams(found, mixes), targets, strict=True)
            )
            content = (found["relu4_1"].float() - content_target).square().sum() / content_target.square().sum()
            loss = 1e4 * (style + CONTENT_WEIGHT * len(contents) * content)
        (gradient,) = torch.autograd.grad(loss, [variable])
        variable.grad = gradient.contiguous()  # L-BFGS wants one view of it
        return float(loss.detach())

    optimiser.step(evaluate)  # type: ignore[no-untyped-call]
    return (variable.detach() * unit).clamp(0, 255)


def _bfloat16() -> torch.autocast:
    return torch.autocast("cpu", torch.bfloat16)


def _grams(taps: dict[str, Tensor], mixes: list[Tensor]) -> list[Tensor]:
    """Gram matrices (N, C, C) of the mapped features."""
    grams = []
    for tap, mix in zip(TAPS, mixes, strict=True):
        flat = taps[tap].flatten(2)
        with torch.autocast("cpu", enabled=False):
            x = flat.float()
            grams.append(mix @ (x @ x.transpose(1, 2) / x.shape[2]) @ mix.T)
    return grams


def _recoloured(contents: Tensor, styles: Tensor) -> Tensor:
    mean, deviation = contents.mean((2, 3), keepdim=True), contents.std((2, 3), keepdim=True)
    wanted_mean, wanted_deviation = styles.mean((2, 3), keepdim=True), styles.std((2, 3), keepdim=True)
    return ((contents - mean) / deviation.clamp_min(1.0) * wanted_deviation + wanted_mean).clamp(0, 255)
