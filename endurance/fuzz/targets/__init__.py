"""One module per kind of input; `load` imports a module, and the code that it fuzzes, on demand."""

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
    """The target called ``name``."""
    target: Target = import_module(f"{__name__}.{name}").TARGET
    return target
