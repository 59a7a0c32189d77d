"""Why there is no painting, as what ends a run."""

from __future__ import annotations

from gramarye_plugin.status_text import refusal_message
from gramarye_protocol.messages import Refused


class PaintError(Exception):
    """``str`` of it is for the user: what is wrong, and what to do."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refusal_message(refused).sentence)
        self.refused = refused


class PaintCancelled(Exception):
    """The user wants no painting."""


def paint_error(code: str, message: str, hint: str) -> PaintError:
    """What was found out on this side."""
    return PaintError(Refused(code, message, hint))
