"""The jobs of the crash tests: small ones of every kind, which use different parts of the daemon."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from gramarye_protocol.pixels import PixelBuffer

SIDE = 32

_RECIPES: tuple[dict[str, Any], ...] = (
    {"steps": 8, "scales": 1, "optimiser": "adam"},
    {"steps": 8, "scales": 1, "optimiser": "lbfgs"},
    {"steps": 10, "scales": 2, "optimiser": "lbfgs"},
    {"steps": 0},
)
KINDS = len(_RECIPES)


@dataclass(frozen=True)
class PlannedJob:
    """A job of a ``kind``, with a unique ``title``."""

    title: str
    kind: int
    is_cancelled: bool

    @property
    def recipe(self) -> dict[str, Any]:
        """The values of its recipe."""
        return {"sketch": 0, "seed": self.kind, **_RECIPES[self.kind]}


def plan_jobs(seed: int) -> list[PlannedJob]:
    """One job of every kind in random order, one in six of them to be cancelled at once."""
    rng = random.Random(seed)
    kinds = rng.sample(range(KINDS), KINDS)
    return [PlannedJob(f"errand {number}", kind, rng.random() < 1 / 6) for number, kind in enumerate(kinds)]


def layer(kind: int) -> PixelBuffer:
    """Noise that depends on the kind alone."""
    return PixelBuffer(2 * SIDE, 2 * SIDE, "RGB", "u8", random.Random(kind).randbytes(4 * SIDE * SIDE * 3))
