"""Requests, which a client sends to the daemon, and the values inside them (SPEC, "Requests")."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Dict, Optional, Tuple

from ..pixels import PixelBuffer
from .base import Message


@dataclass(frozen=True)
class WatchOptions:
    """Which events of a job a client receives, and how often.

    ``progress_every`` and ``preview_every`` are seconds between two events; ``preview_every=0`` turns timed
    previews off. If ``preview_steps`` is above 0, a preview comes after every ``preview_steps`` steps instead.
    ``preview_side`` is the longest side of a preview in pixels. With ``ends_with_client`` the job is cancelled
    when the client's connection ends.
    """

    progress_every: float = 0.1
    preview_every: float = 0.0
    preview_side: int = 512
    preview_steps: int = 0
    ends_with_client: bool = False


@dataclass(frozen=True)
class StyleInput:
    """A style of a job: a picture, or the ``name`` of a style that the daemon knows.

    ``weight`` is relative to the other styles' weights. ``scale`` is the size of the strokes (1: the style
    picture is as large as the layer). ``mask`` (GRAY u8, the layer's size) selects where the style is painted.
    A style without a mask is painted where no other style's mask is; pixels without any style stay unchanged.
    ``part`` (GRAY u8, the proportions of the style's picture) selects the part of that picture to use.
    """

    picture: Optional[PixelBuffer] = None
    name: str = ""
    weight: float = 1.0
    scale: float = 1.0
    mask: Optional[PixelBuffer] = None
    part: Optional[PixelBuffer] = None


@dataclass(frozen=True)
class Hello(Message):
    """First request: the major versions that the client speaks, and the client's name for the log."""

    KIND: ClassVar[str] = "hello"
    versions: Tuple[int, ...]
    client: str = ""


@dataclass(frozen=True)
class Submit(Message):
    """Paint ``pixels`` in ``styles``.

    ``recipe`` overrides single values of ``preset``. If ``preset`` or ``network`` is empty, the daemon chooses
    one. ``start`` is the initial picture for recipes that start from a picture. ``continues`` names a finished
    job to start from instead, which needs at most a quarter of the steps. ``mask`` (GRAY u8, the layer's size) selects
    where to paint: the result's alpha is the layer's alpha times the mask. ``watch`` subscribes the sender to
    the job's events.
    """

    KIND: ClassVar[str] = "submit"
    pixels: PixelBuffer
    styles: Tuple[StyleInput, ...]
    preset: str = ""
    recipe: Dict[str, Any] = field(default_factory=dict)
    network: str = ""
    start: Optional[PixelBuffer] = None
    continues: str = ""
    mask: Optional[PixelBuffer] = None
    title: str = ""
    watch: WatchOptions = WatchOptions()


@dataclass(frozen=True)
class Cancel(Message):
    """Stop a job. With ``keep`` it ends as done, and its result is the best iterate so far."""

    KIND: ClassVar[str] = "cancel"
    job: str
    keep: bool = False


@dataclass(frozen=True)
class Prioritise(Message):
    """Move a waiting job to the head of the queue, so that it is painted next."""

    KIND: ClassVar[str] = "prioritise"
    job: str


@dataclass(frozen=True)
class Status(Message):
    """Request the summary of one job, or of all jobs if ``job`` is empty."""

    KIND: ClassVar[str] = "status"
    job: str = ""


@dataclass(frozen=True)
class FetchResult(Message):
    """Request the painting of a job that is done."""

    KIND: ClassVar[str] = "result"
    job: str


@dataclass(frozen=True)
class ListStyles(Message):
    """Request the styles that the daemon knows by name."""

    KIND: ClassVar[str] = "styles"


@dataclass(frozen=True)
class Watch(Message):
    """Subscribe to a job's events, or change the options; the current state is sent at once."""

    KIND: ClassVar[str] = "watch"
    job: str
    watch: WatchOptions = WatchOptions()


@dataclass(frozen=True)
class Shutdown(Message):
    """Stop the daemon. The next daemon continues the unfinished jobs."""

    KIND: ClassVar[str] = "shutdown"
