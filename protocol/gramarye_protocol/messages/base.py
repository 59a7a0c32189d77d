"""`Message`, the base of all messages, and `Unknown`, for the kinds of newer versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Dict


@dataclass(frozen=True)
class Message:
    """Base of all messages; ``KIND`` is the name on the wire."""

    KIND: ClassVar[str] = ""


@dataclass(frozen=True)
class Unknown(Message):
    """A message of a kind that this version does not know, from a newer peer: ignore it, or answer `Refused`."""

    kind: str
    body: Dict[str, Any]
