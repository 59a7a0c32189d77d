"""Which results go where jobs would hold more than they may: those that were fetched, oldest fetch first.

One that nobody has fetched goes only when it is old, and what waits or runs never does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

DAY = 86_400.0
"""Seconds."""


@dataclass(frozen=True)
class Held:
    """What one job holds: bytes, and when it ended and was last fetched, in seconds since the epoch, 0 for never."""

    job: str
    nbytes: int
    ended: float = 0.0
    fetched: float = 0.0


@dataclass(frozen=True)
class Limits:
    """``nbytes`` that all jobs may hold; ``age``: seconds after its end when a job that nobody fetched may go."""

    nbytes: int
    age: float = 30 * DAY


@dataclass(frozen=True)
class Plan:
    """The jobs to drop, in order, and whether what was wanted fits then."""

    drop: tuple[str, ...]
    fits: bool


def plan(held: Iterable[Held], wanted: int, limits: Limits, now: float) -> Plan:
    """Make room for ``wanted`` bytes more, dropping no job more than that takes."""
    held = list(held)
    room = limits.nbytes - sum(one.nbytes for one in held)
    drop = []
    for one in sorted((one for one in held if _may_go(one, limits, now)), key=_turn):
        if wanted <= room:
            break
        drop.append(one.job)
        room += one.nbytes
    return Plan(tuple(drop), wanted <= room)


def _may_go(one: Held, limits: Limits, now: float) -> bool:
    if not one.ended or not one.nbytes:  # what holds nothing frees nothing
        return False
    return one.fetched > 0 or now - one.ended > limits.age


def _turn(one: Held) -> tuple[bool, float]:
    """Fetched ones first, by their last fetch; then the others, by their end."""
    return (False, one.fetched) if one.fetched else (True, one.ended)
