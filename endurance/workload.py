"""The workload of a pool, drawn from a seed: jobs at random times, some of which are cancelled."""

from __future__ import annotations

import random
from dataclasses import dataclass

from gramarye_protocol.messages import StyleInput, Submit
from gramarye_protocol.pixels import PixelBuffer

SIDE = 32
"""Side of a layer in pixels."""

LAYERS = 8
"""Number of different painted layers; each one's expected painting is made once beforehand."""

UNTOUCHED, PAINTED, ENDLESS = "untouched", "painted", "endless"
"""Jobs of no steps, which return their layer; of one step; and of so many that only a cancel ends them."""

_SHARES = (0.5, 0.35, 0.15)
_CANCEL_SHARE = 0.15
"""Share of the finite jobs that are cancelled."""

_KEEP_SHARE = 0.2
"""Share of the cancels that keep the best iterate."""

_CANCEL_WITHIN = 0.5
"""Seconds within which an accepted job is cancelled: before, while or after it is painted."""


@dataclass(frozen=True)
class PlannedJob:
    """A job to submit ``at`` a time in seconds, and to cancel ``cancel_after`` seconds after its acceptance (None:
    never).
    """

    number: int
    at: float
    kind: str
    cancel_after: float | None
    keep: bool

    @property
    def layer(self) -> PixelBuffer:
        """The layer; unique, except for painted jobs."""
        return layer(self.number % LAYERS if self.kind == PAINTED else LAYERS + self.number)


def plan_jobs(jobs: int, seconds: float, seed: int) -> list[PlannedJob]:
    """``jobs`` jobs within ``seconds``, in order of time."""
    rng = random.Random(seed)
    return [
        _plan_job(number, at, rng) for number, at in enumerate(sorted(rng.uniform(0, seconds) for _ in range(jobs)))
    ]


def submit_message(kind: str, pixels: PixelBuffer) -> Submit:
    """The request for a job of a kind, on the small random network."""
    recipes: dict[str, dict[str, object]] = {
        UNTOUCHED: {"steps": 0, "init": "content"},
        PAINTED: {"steps": 1},
        ENDLESS: {"steps": 100_000, "optimiser": "adam"},
    }
    recipe = {"scales": 1, "sketch": 0, **recipes[kind]}
    return Submit(pixels, (StyleInput(layer(LAYERS)),), recipe=recipe, network="tiny", title=kind)


def layer(number: int) -> PixelBuffer:
    """Noise that depends on its number alone."""
    return PixelBuffer(SIDE, SIDE, "RGB", "u8", random.Random(number).randbytes(SIDE * SIDE * 3))


def _plan_job(number: int, at: float, rng: random.Random) -> PlannedJob:
    kind = rng.choices((UNTOUCHED, PAINTED, ENDLESS), _SHARES)[0]
    is_cancelled = kind == ENDLESS or rng.random() < _CANCEL_SHARE
    after = rng.uniform(0, _CANCEL_WITHIN) if is_cancelled else None
    return PlannedJob(number, at, kind, after, is_cancelled and rng.random() < _KEEP_SHARE)
