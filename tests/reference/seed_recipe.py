"""The loop of the seed recipe: Adam from noise; the iterate of least loss is kept."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reference.arrays import Array, Network
from reference.objective import evaluate, problem
from reference.optimisers import adam_start, adam_step

CENTRE = 128.0


@dataclass(frozen=True)
class SeedRun:
    """The result of the loop. `best` and `last` are centred pixels (H, W, 3); `best_step` counts from 0."""

    losses: list[float]
    best: Array
    best_step: int
    last: Array


def run_seed(
    network: Network,
    content: Array,
    styles: Sequence[Array],
    initial: Array,
    steps: int,
    *,
    learning_rate: float = 10.0,
    content_weight: float = 7.0,
    style_weight: float = 400.0,
    centre: float | Array = CENTRE,
) -> SeedRun:
    """Run `steps` (1 or more) iterations of the seed on pictures in 0..255, from `initial` in centred units.

    Each iteration takes a training step, then evaluates the loss at the new picture: losses[i] belongs to the picture
    after i + 1 steps, and the loss of the initial picture is not reported. The best picture is replaced only by one
    with a strictly smaller loss.

    Raises ValueError if no iterate has a finite loss.
    """
    setup = problem(
        network,
        content - centre,
        [picture - centre for picture in styles],
        normalisation="sum",
        content_weight=content_weight,
        style_weight=style_weight,
    )
    x, state = np.asarray(initial, dtype=np.float64), adam_start(initial)
    gradient = evaluate(setup, x).gradient
    losses: list[float] = []
    best: tuple[float, int, Array] | None = None
    for step in range(steps):
        x, state = adam_step(x, gradient, state, learning_rate)
        evaluation = evaluate(setup, x)
        gradient = evaluation.gradient  # of the next training step, at the same picture
        losses.append(evaluation.total)
        if evaluation.total < (np.inf if best is None else best[0]):
            best = (evaluation.total, step, x)
    if best is None:
        raise ValueError("no iterate has a finite loss")
    return SeedRun(losses, best[2], best[1], x)


def seed_pixels(x: Array, centre: float | Array = CENTRE) -> NDArray[np.uint8]:
    """Return the picture as the seed writes it: centre added, clipped to 0..255, truncated to integers."""
    return np.clip(x + centre, 0.0, 255.0).astype(np.uint8)
