"""What a crowd is to do, drawn from a seed: jobs at random times, and which of them are cancelled when."""

from __future__ import annotations

import random
from dataclasses import dataclass

from gramarye_protocol.messages import StyleInput, Submit
from gramarye_protocol.pixels import PixelBuffer

SIDE = 32
"""Pixels of a layer's sides."""

LAYERS = 8
"""Different layers that are really painted: each one's painting is made once before the crowd comes."""

UNTOUCHED, PAINTED, ENDLESS = "untouched", "painted", "endless"
"""A job of no steps, which gives its own layer back; of one step; and of so many that only a cancel ends it."""

_SHARES = (0.5, 0.35, 0.15)
_CANCEL_SHARE = 0.15
"""Share of the jobs that would end by themselves, of those to be cancelled all the same."""

_KEEP_SHARE = 0.2
"""Share of the cancels that keep what there is."""

_CANCEL_WITHIN = 0.5
"""Seconds after its acceptance within which a job is cancelled: before, during or after it is painted."""


@dataclass(frozen=True)
class PlannedJob:
    """A job to be submitted ``at`` so many seconds; ``cancel_after`` its acceptance, unless that is None."""

    number: int
    at: float
    kind: str
    cancel_after: float | None
    keep: bool

    @property
    def layer(self) -> PixelBuffer:
        """No two alike, but for those that are really painted."""
        return layer(self.number % LAYERS if self.kind == PAINTED else LAYERS + self.number)


def plan_jobs(jobs: int, seconds: float, seed: int) -> list[PlannedJob]:
    """So many jobs within that time, in order of time."""
    rng = random.Random(seed)
    return [
        _plan_job(number, at, rng) for number, at in enumerate(sorted(rng.uniform(0, seconds) for _ in range(jobs)))
    ]


def submit_message(kind: str, pixels: PixelBuffer) -> Submit:
    """The request for a job of that kind on the small random network."""
    recipes: dict[str, dict[str, object]] = {
        UNTOUCHED: {"steps": 0, "init": "content"},
        PAINTED: {"steps": 1},
        ENDLESS: {"steps": 100_000, "optimiser": "adam"},
    }
    recipe = {"scales": 1, "sketch": 0, **recipes[kind]}
    return Submit(pixels, (StyleInput(layer(LAYERS)),), recipe=recipe, network="tiny", title=kind)


def layer(number: int) -> PixelBuffer:
    """Noise that its number alone decides."""
    return PixelBuffer(SIDE, SIDE, "RGB", "u8", random.Random(number).randbytes(SIDE * SIDE * 3))


def _plan_job(number: int, at: float, rng: random.Random) -> PlannedJob:
    kind = rng.choices((UNTOUCHED, PAINTED, ENDLESS), _SHARES)[0]
    is_cancelled = kind == ENDLESS or rng.random() < _CANCEL_SHARE
    after = rng.uniform(0, _CANCEL_WITHIN) if is_cancelled else None
    return PlannedJob(number, at, kind, after, is_cancelled and rng.random() < _KEEP_SHARE)
