"""Every message of the protocol as a frozen dataclass (SPEC, "Messages").

Requests go from client to daemon; each is answered by one reply that names it (``reply_to``).
Events go from daemon to the clients that watch a job.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Dict, Optional, Tuple, Type

from .pixels import PixelBuffer


@dataclass(frozen=True)
class Message:
    """Base of all messages; ``KIND`` is the name on the wire."""

    KIND: ClassVar[str] = ""


@dataclass(frozen=True)
class Unknown(Message):
    """A kind that this version does not know, from a newer peer: ignore it, or answer `Refused`."""

    kind: str
    body: Dict[str, Any]


# Values inside messages


@dataclass(frozen=True)
class WatchOptions:
    """What a client wants to hear of a job: seconds between progress and preview events.

    ``preview_side`` bounds a preview's longest side in pixels. ``preview_every`` 0 asks for none by time;
    ``preview_steps`` > 0 asks, instead, for one after every so many steps. ``ends_with_client`` cancels the
    job when this client's connection ends.
    """

    progress_every: float = 0.1
    preview_every: float = 0.0
    preview_side: int = 512
    preview_steps: int = 0
    ends_with_client: bool = False


@dataclass(frozen=True)
class StyleInput:
    """A style picture sent along, or the ``name`` of one that the daemon knows.

    ``weight`` is its share beside other styles, ``scale`` the size of its strokes (1: as large as the layer).
    ``mask``, GRAY u8 of the layer's size, is where it is painted: a style without is painted where no mask is, and
    what no style is for stays as it is. ``part``, GRAY u8, is which part of the style's picture counts.
    """

    picture: Optional[PixelBuffer] = None
    name: str = ""
    weight: float = 1.0
    scale: float = 1.0
    mask: Optional[PixelBuffer] = None
    part: Optional[PixelBuffer] = None


@dataclass(frozen=True)
class JobSummary:
    """A job as `JobList` tells it; times are seconds since the epoch, 0 where not reached."""

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


# Requests


@dataclass(frozen=True)
class Hello(Message):
    """First request: the major versions that the client speaks, and what it calls itself."""

    KIND: ClassVar[str] = "hello"
    versions: Tuple[int, ...]
    client: str = ""


@dataclass(frozen=True)
class Submit(Message):
    """Paint ``pixels`` in ``styles``. ``recipe`` overrides single values of ``preset``.

    ``network`` and ``preset`` empty leave the choice to the daemon. ``start`` is the picture to start
    from where the recipe says so; ``continues``, in its stead, the job whose painting is: it needs a quarter of
    the steps. ``mask``, GRAY u8 of the layer's size, is where to paint: the painting's
    alpha is the layer's times it. ``watch`` subscribes the sender to the job's events at once.
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
    """Stop a job; with ``keep`` it ends as done with the best iterate so far."""

    KIND: ClassVar[str] = "cancel"
    job: str
    keep: bool = False


@dataclass(frozen=True)
class Status(Message):
    """Ask for all jobs, or for one."""

    KIND: ClassVar[str] = "status"
    job: str = ""


@dataclass(frozen=True)
class FetchResult(Message):
    """Ask for the painting of a job that is done."""

    KIND: ClassVar[str] = "result"
    job: str


@dataclass(frozen=True)
class ListStyles(Message):
    """Ask for the styles that the daemon knows by name."""

    KIND: ClassVar[str] = "styles"


@dataclass(frozen=True)
class Watch(Message):
    """Subscribe to a job's events, or change the rate; the present state is sent at once."""

    KIND: ClassVar[str] = "watch"
    job: str
    watch: WatchOptions = WatchOptions()


@dataclass(frozen=True)
class Shutdown(Message):
    """Stop the daemon; the next one goes on with unfinished jobs."""

    KIND: ClassVar[str] = "shutdown"


# Replies


@dataclass(frozen=True)
class Welcome(Message):
    """Answer to `Hello`: the version to speak, who serves, the recipe schema and the bounds.

    ``options`` is the recipe schema (SPEC, "Recipe"), ``presets`` maps a name to its description and
    values, ``networks`` are the names of those installed, the best first, ``max_message`` bounds the
    bytes of one message.
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


@dataclass(frozen=True)
class Accepted(Message):
    """Answer to `Submit`: the job's name and its place in the queue (0: next)."""

    KIND: ClassVar[str] = "accepted"
    job: str
    position: int


@dataclass(frozen=True)
class JobList(Message):
    """Answer to `Status`."""

    KIND: ClassVar[str] = "jobs"
    jobs: Tuple[JobSummary, ...]
    daemon: str = ""
    pid: int = 0
    uptime: float = 0.0


@dataclass(frozen=True)
class Result(Message):
    """Answer to `FetchResult`: the painting, with the layer's layout, depth, alpha, offset, profile."""

    KIND: ClassVar[str] = "painting"
    job: str
    title: str
    pixels: PixelBuffer
    network: str
    recipe: Dict[str, Any]


@dataclass(frozen=True)
class StyleList(Message):
    """Answer to `ListStyles`."""

    KIND: ClassVar[str] = "style-list"
    styles: Tuple[StyleEntry, ...]


@dataclass(frozen=True)
class Acknowledged(Message):
    """Answer to `Cancel`, `Watch` and `Shutdown`: understood and under way."""

    KIND: ClassVar[str] = "ok"


@dataclass(frozen=True)
class Refused(Message):
    """Answer to a request that cannot be granted, or that could not be read at all."""

    KIND: ClassVar[str] = "refused"
    code: str
    message: str
    hint: str = ""


# Events


@dataclass(frozen=True)
class Event(Message):
    """Base of what a watched job tells."""

    job: str


@dataclass(frozen=True)
class Queued(Event):
    """The job waits; ``position`` 0 is next."""

    KIND: ClassVar[str] = "queued"
    position: int


@dataclass(frozen=True)
class Started(Event):
    """A worker has taken the job."""

    KIND: ClassVar[str] = "started"
    network: str
    device: str


@dataclass(frozen=True)
class Progress(Event):
    """After ``step`` of ``total`` evaluations, at size ``scale`` of ``scales`` (from 1).

    ``remaining`` is in seconds; -1 while unknown.
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
    """The iterate of ``step``, reduced to the side that the client asked for; sRGB, u8.

    RGB, or RGBA where the painting will have an alpha that is not full everywhere.
    """

    KIND: ClassVar[str] = "preview"
    step: int
    pixels: PixelBuffer


@dataclass(frozen=True)
class Done(Event):
    """The painting can be fetched. ``kept`` says that it was stopped early and the best kept."""

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


REQUESTS: Tuple[Type[Message], ...] = (Hello, Submit, Cancel, Status, FetchResult, ListStyles, Watch, Shutdown)
REPLIES: Tuple[Type[Message], ...] = (Welcome, Accepted, JobList, Result, StyleList, Acknowledged, Refused)
EVENTS: Tuple[Type[Message], ...] = (Queued, Started, Progress, Preview, Done, Failed, Cancelled)
BY_KIND: Dict[str, Type[Message]] = {kind.KIND: kind for kind in REQUESTS + REPLIES + EVENTS}
