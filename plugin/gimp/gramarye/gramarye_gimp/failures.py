"""Why there is no painting, as what ends a run."""

from __future__ import annotations

from gramarye_plugin.status_text import refusal_message
from gramarye_protocol.messages import Refused


class Trouble(Exception):
    """``str`` of it is for the user: what is wrong, and what to do."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refusal_message(refused).sentence)
        self.refused = refused


class Stopped(Exception):
    """The user wants no painting."""


def trouble(code: str, message: str, hint: str) -> Trouble:
    """What was found out on this side."""
    return Trouble(Refused(code, message, hint))
