"""Events, which the daemon sends to the clients that watch a job (SPEC, "Events")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..pixels import PixelBuffer
from .base import Message


@dataclass(frozen=True)
class Event(Message):
    """Base of all events."""

    job: str


@dataclass(frozen=True)
class Queued(Event):
    """The job waits; ``position`` 0 is next."""

    KIND: ClassVar[str] = "queued"
    position: int


@dataclass(frozen=True)
class Started(Event):
    """A worker has started the job."""

    KIND: ClassVar[str] = "started"
    network: str
    device: str


@dataclass(frozen=True)
class Progress(Event):
    """``step`` of ``total`` evaluations are done, at size ``scale`` of ``scales`` (from 1).

    ``remaining`` is in seconds; -1 if unknown.
    """

    KIND: ClassVar[str] = "progress"
    step: int
    total: int
    scale: int
    scales: int
    loss: float
    best_loss: float
    remaining: float


@dataclass(frozen=True)
class Preview(Event):
    """The iterate after ``step``, reduced to the client's ``preview_side``; sRGB u8.

    The layout is RGB, or RGBA if the painting will have transparent pixels.
    """

    KIND: ClassVar[str] = "preview"
    step: int
    pixels: PixelBuffer


@dataclass(frozen=True)
class Done(Event):
    """The painting can be fetched. With ``kept`` the job was stopped early and its best iterate kept."""

    KIND: ClassVar[str] = "done"
    network: str
    device: str
    steps: int
    loss: float
    seconds: float
    kept: bool = False


@dataclass(frozen=True)
class Failed(Event):
    """The job ended without a painting."""

    KIND: ClassVar[str] = "failed"
    code: str
    message: str
    hint: str = ""


@dataclass(frozen=True)
class Cancelled(Event):
    """The job was stopped on request."""

    KIND: ClassVar[str] = "cancelled"
