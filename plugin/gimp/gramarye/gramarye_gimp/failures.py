"""Exceptions that end a call of the filter without a painting."""

from __future__ import annotations

from typing import Callable

from gramarye_plugin.status_text import refusal_message
from gramarye_protocol.messages import Refused


class PaintError(Exception):
    """The painting failed. ``str()`` is a sentence for the user: the fault and what to do."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refusal_message(refused).sentence)
        self.refused = refused

    def translated(self, tr: Callable[[str], str]) -> str:
        """Return the sentence for the user, translated by ``tr``."""
        return refusal_message(self.refused, tr).sentence


class PaintCancelled(Exception):
    """The user cancelled the painting."""


def paint_error(code: str, message: str, hint: str) -> PaintError:
    """Return a `PaintError` for a fault found by the plugin."""
    return PaintError(Refused(code, message, hint))
