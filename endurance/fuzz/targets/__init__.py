"""One file for each way in; `load` imports one of them, and what it tries, no sooner than it is asked for."""

from __future__ import annotations

from importlib import import_module

from ..target import Target

NAMES = (
    "frames",
    "messages",
    "recipes",
    "zmtp",
    "connection",
    "pipe",
    "pixels",
    "stored",
    "pictures",
    "weights",
)


def load(name: str) -> Target:
    """The target of that name."""
    target: Target = import_module(f"{__name__}.{name}").TARGET
    return target
