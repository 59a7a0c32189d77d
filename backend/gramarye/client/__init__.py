"""The Python client: paints through the daemon of this user, which runs in another process."""

from __future__ import annotations

from .client import Client, Job, Painting, Style, paint

__all__ = ["Client", "Job", "Painting", "Style", "paint"]
