"""Gramarye: paints a layer in the style of another picture, by VGG19 Gram-loss optimisation in a local daemon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .client import Client, Painting, Style, paint

__version__ = "0.1.0"
__all__ = ["Client", "Painting", "Style", "__version__", "paint"]


def __getattr__(name: str) -> Any:
    """Import the client on first use: the daemon's front process must start without numpy."""
    if name in __all__:
        from . import client

        return getattr(client, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
