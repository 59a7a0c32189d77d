"""Replies, one to each request, and the values inside them (SPEC, "Replies")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Dict, Tuple

from ..pixels import PixelBuffer
from .base import Message


@dataclass(frozen=True)
class JobSummary:
    """A job in a `JobList`. Times are seconds since the epoch, 0 if not reached yet."""

    job: str
    title: str
    state: str
    position: int = 0
    step: int = 0
    total: int = 0
    created: float = 0.0
    ended: float = 0.0
    network: str = ""
    device: str = ""
    code: str = ""
    message: str = ""


@dataclass(frozen=True)
class StyleEntry:
    """A style that the daemon knows by name, with a thumbnail."""

    name: str
    title: str
    thumbnail: PixelBuffer


@dataclass(frozen=True)
class Welcome(Message):
    """Reply to `Hello`: the version to speak, the daemon's name and process, the recipe schema and the limits.

    ``options`` is the recipe schema (SPEC, "Recipe"). ``presets`` maps a name to its description and values.
    ``networks`` lists the installed networks, the best first; ``notice`` says why the best is not VGG19, if it is not.
    ``max_message`` is the largest message, in bytes.
    """

    KIND: ClassVar[str] = "welcome"
    version: int
    daemon: str
    pid: int
    max_message: int
    default_preset: str
    presets: Dict[str, Any]
    options: Tuple[Any, ...]
    networks: Tuple[str, ...] = ()
    notice: str = ""


@dataclass(frozen=True)
class Accepted(Message):
    """Reply to `Submit`: the job's name and its position in the queue (0: next)."""

    KIND: ClassVar[str] = "accepted"
    job: str
    position: int


@dataclass(frozen=True)
class JobList(Message):
    """Reply to `Status`; ``uptime`` is in seconds."""

    KIND: ClassVar[str] = "jobs"
    jobs: Tuple[JobSummary, ...]
    daemon: str = ""
    pid: int = 0
    uptime: float = 0.0


@dataclass(frozen=True)
class Result(Message):
    """Reply to `FetchResult`: the painting, with the layer's layout, depth, alpha, offset and profile."""

    KIND: ClassVar[str] = "painting"
    job: str
    title: str
    pixels: PixelBuffer
    network: str
    recipe: Dict[str, Any]


@dataclass(frozen=True)
class StyleList(Message):
    """Reply to `ListStyles`."""

    KIND: ClassVar[str] = "style-list"
    styles: Tuple[StyleEntry, ...]


@dataclass(frozen=True)
class Acknowledged(Message):
    """Reply to `Cancel`, `Prioritise`, `Watch` and `Shutdown`: the request is valid and in progress."""

    KIND: ClassVar[str] = "ok"


@dataclass(frozen=True)
class Refused(Message):
    """Reply to a request that is refused or cannot be read: an error code, a sentence and a hint."""

    KIND: ClassVar[str] = "refused"
    code: str
    message: str
    hint: str = ""
