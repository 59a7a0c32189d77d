"""`Client`: layers in, paintings out."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from gramarye_protocol.messages import (
    Accepted,
    Acknowledged,
    Cancel,
    Cancelled,
    Done,
    Event,
    Failed,
    FetchResult,
    JobList,
    Message,
    Progress,
    Queued,
    Result,
    Shutdown,
    Started,
    Status,
    StyleInput,
    StyleList,
    Styles,
    Submit,
    Watch,
    Watching,
    Welcome,
)
from gramarye_protocol.pixels import PixelBuffer

from .. import __version__
from ..errors import DaemonError, JobError
from .connection import DaemonSilent, Link, Reply
from .daemon_file import named_file, read_address
from .launch import find_daemon, find_or_start_daemon
from .pixels import Pixels, as_array, as_buffer, as_mask

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from PIL.Image import Image

_FETCH_WITHIN = 300.0

_QUIET = 5.0
"""Seconds without an event of a job after which the client asks to watch it again."""

_MOST_LOSSES = 3
"""Daemons that may die one after the other before the next event of a job."""

_ANSWER_WITHIN = 10.0
_SILENCES = 3
"""How often the daemon may leave that unanswered: what is sent while a connection breaks gets lost."""


@dataclass(frozen=True)
class Style:
    """A style: a picture, or the name of one that the daemon knows (see `Client.styles`).

    ``weight`` is its share beside others, ``scale`` the size of its strokes (1: as large as the layer). ``mask``, a
    grey picture or the alpha of one, of the layer's proportions, says where it is painted: a style without is painted
    where no mask is, and what no style is for stays. ``part`` says in the same way which part of its picture counts.
    """

    picture: Pixels | None = None
    name: str = ""
    weight: float = 1.0
    scale: float = 1.0
    mask: Pixels | None = None
    part: Pixels | None = None


@dataclass(frozen=True)
class Painting:
    """A finished painting with the recipe and the network that made it."""

    job: str
    pixels: PixelBuffer
    network: str
    recipe: dict[str, Any]

    @property
    def array(self) -> npt.NDArray[np.generic]:
        """(H, W, channels), in the depth and layout of the layer."""
        return as_array(self.pixels)

    @property
    def image(self) -> Image:
        """As a Pillow image."""
        from ..image_files import to_image

        return to_image(self.pixels)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it as PNG, JPEG, TIFF or WebP. Errors: those of `images.write_picture`."""
        from ..image_files import write_picture

        write_picture(self.pixels, path)


class Job:
    """A submitted job: iterate over its events, then take its ``result()``.

    ``ending`` is `Done`, `Failed` or `Cancelled` once the job has ended. Of one `Client`, a running job has
    one `Job`, so that nobody takes another's events; ``watching`` is what the client has subscribed to.
    """

    def __init__(self, client: Client, job: str, watching: Watching) -> None:
        self._client = client
        self._told: dict[type[Event], Event] = {}
        self.id = job
        self.watching = watching
        self.ending: Event | None = None

    def __iter__(self) -> Iterator[Event]:
        """Events until the job has ended, the ending included. Errors: those of `Client.next_event`."""
        while self.ending is None:
            event = self._client.next_event(self.id)
            if isinstance(event, (Queued, Started, Progress)):
                if self._told.get(type(event)) == event:  # the present state, said again to a renewed subscription
                    continue
                self._told[type(event)] = event
            yield event

    def cancel(self, keep: bool = False) -> None:
        """Stop it after the present step; with ``keep`` it is done with the best iterate so far."""
        self._client.cancel(self.id, keep)

    def result(self) -> Painting:
        """Wait for the end and fetch the painting.

        Errors: `JobError` under the code of what failed; ``job-cancelled``; those of `Client.next_event`.
        """
        for _ in self:
            pass
        if isinstance(self.ending, Failed):
            raise JobError(self.ending.code, self.ending.message, self.ending.hint)
        if isinstance(self.ending, Cancelled):
            raise JobError("job-cancelled", "The job was cancelled.", "Paint again when you like.")
        return self._client.result(self.id)


class Client:
    """A connection to this user's daemon, started where none runs (unless ``start`` is False).

    ``with Client() as client: painting = client.paint("photo.jpg", ["starry_night.jpg"])``
    Where the daemon dies, jobs are not lost: another one is started, goes on with them, and is asked for them.
    ``daemon`` is a file that names another one, as `gramarye keys add` writes it, or the connection file of one whose
    port is forwarded here; without it, what GRAMARYE_DAEMON names, where that is set. Such a one is never started.
    Errors on entry: those of `launch.find_or_start_daemon`, `whereabouts.read_address` and `Link.greet`.
    """

    def __init__(
        self,
        start: bool = True,
        name: str = f"python {__version__}",
        daemon: str | os.PathLike[str] | None = None,
    ) -> None:
        named = named_file() if daemon is None else Path(daemon)
        self._start, self._name = start and named is None, name
        self._link, self.welcome = _greeted(start, name) if named is None else _greeted_at(named, name)
        self._jobs: dict[str, Job] = {}

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave; jobs go on, and their results can be fetched later by name."""
        self._link.close()

    def submit(
        self,
        pixels: Pixels,
        styles: Sequence[Style | Pixels],
        preset: str = "",
        *,
        network: str = "",
        start: Pixels | None = None,
        continues: Job | Painting | str = "",
        title: str = "",
        watch: Watching = Watching(),  # noqa: B008  # frozen
        **recipe: Any,
    ) -> Job:
        """Submit a layer; ``recipe`` overrides single values of the preset (`Client.welcome` lists them).

        ``start`` is the picture to start from where the recipe's init is "picture"; ``continues``, in its stead, a job
        that is done, or its name: its painting is the start, and a quarter of the steps will do.

        Errors: `RefusedError`, `WeightsError` or `DaemonError` under the code of what the daemon refused;
        those of reading pictures.
        """
        layer = as_buffer(pixels)
        message = Submit(
            pixels=layer,
            styles=tuple(_style_input(style, layer) for style in styles),
            preset=preset,
            recipe=recipe,
            network=network,
            start=None if start is None else as_buffer(start),
            continues=_job_name(continues),
            title=title,
            watch=watch,
        )
        return self._job(self._link.request(message, Accepted, timeout=120.0).job, watch)

    def paint(self, pixels: Pixels, styles: Sequence[Style | Pixels], preset: str = "", **options: Any) -> Painting:
        """Submit, wait, fetch: one call. Options and errors are those of `submit` and `Job.result`."""
        return self.submit(pixels, styles, preset, **options).result()

    def watch(self, job: str, watching: Watching = Watching()) -> Job:  # noqa: B008  # frozen
        """Take up a job that was submitted earlier, by anybody; the same `Job` where this client has it.

        Errors: ``job-unknown``.
        """
        self._asked(Watch(job, watching), Acknowledged)
        return self._job(job, watching)

    def result(self, job: str) -> Painting:
        """Fetch the painting of a job that is done. Errors: ``job-unknown``, ``job-not-done``."""
        result = self._asked(FetchResult(job), Result, _FETCH_WITHIN)
        return Painting(result.job, result.pixels, result.network, result.recipe)

    def cancel(self, job: str, keep: bool = False) -> None:
        """Stop a job. Errors: ``job-unknown``."""
        self._asked(Cancel(job, keep), Acknowledged)

    def status(self, job: str = "") -> JobList:
        """All jobs, or one. Errors: ``job-unknown``."""
        return self._asked(Status(job), JobList)

    def styles(self) -> StyleList:
        """The styles that the daemon knows by name."""
        return self._asked(Styles(), StyleList)

    def shutdown(self) -> None:
        """Stop the daemon."""
        self._link.request(Shutdown(), Acknowledged)

    def next_event(self, job: str) -> Event:
        """The next event of one job of `submit` or `watch`; others' are kept for them.

        Where none comes for a while the job is watched again: the daemon forgets a client whose connection
        broke, as that of a computer asleep does. A daemon that has died is followed by another, which goes on with the
        job. Errors: ``job-unknown``, ``daemon-lost``, ``daemon-silent``.
        """
        reader = self._jobs.get(job)
        if reader is None:
            raise JobError("job-unknown", f"This client does not watch a job {job!r}.", "Watch it first.")
        silences = losses = 0
        quiet_until = time.monotonic() + _QUIET
        while (event := self._link.mailboxes.take(job)) is None:
            if time.monotonic() >= quiet_until:
                silences = 0 if self._watch_again(reader) else silences + 1
                if silences >= _SILENCES:
                    raise DaemonSilent
                quiet_until = time.monotonic() + _QUIET
                continue
            try:
                self._link.listen(quiet_until)
            except DaemonError as error:
                losses += 1
                if losses > _MOST_LOSSES:
                    raise
                self._join_again(error)
        if isinstance(event, (Done, Failed, Cancelled)):
            reader.ending = event
            self._let_go(job)
        return event

    def _watch_again(self, reader: Job) -> bool:
        """Whether the daemon answered."""
        try:
            self._link.request(Watch(reader.id, reader.watching), Acknowledged, _ANSWER_WITHIN)
        except DaemonError as error:
            if error.code in ("daemon-silent", "message-stale"):  # stale: it lay in the socket while we slept
                return False
            raise
        return True

    def _asked(self, message: Message, expected: type[Reply], timeout: float = 30.0) -> Reply:
        """The reply to what may be asked twice: also of the daemon after the one that died meanwhile."""
        try:
            return self._link.request(message, expected, timeout)
        except DaemonError as error:
            self._join_again(error)
        return self._link.request(message, expected, timeout)

    def _join_again(self, error: DaemonError) -> None:
        """Go to the daemon after one that is lost, and watch there what was watched here. Errors: the one given."""
        if error.code != "daemon-lost" or not self._start:
            raise error
        before = self._link
        self._link, self.welcome = _greeted(self._start, self._name)
        self._link.mailboxes = before.mailboxes
        before.close()
        for reader in self._jobs.values():
            self._link.request(Watch(reader.id, reader.watching), Acknowledged)

    def _job(self, job: str, watching: Watching) -> Job:
        """This client's one `Job` of that name, which now watches so."""
        known = self._jobs.setdefault(job, Job(self, job, watching))
        known.watching = watching
        self._link.mailboxes.open(job)
        return known

    def _let_go(self, job: str) -> None:
        """A job whose events nobody reads any more."""
        self._jobs.pop(job, None)
        self._link.mailboxes.close(job)


def paint(pixels: Pixels, styles: Sequence[Style | Pixels], preset: str = "", **options: Any) -> Painting:
    """Paint one layer through a connection of its own: see `Client.paint`."""
    with Client() as client:
        return client.paint(pixels, styles, preset, **options)


def _greeted(start: bool, name: str) -> tuple[Link, Welcome]:
    """A connection to a daemon that knows of us; where the first was about to end, to the next one, if there is."""
    for is_last in (False, True):
        link = Link(find_or_start_daemon() if start else find_daemon())
        try:
            return link, link.greet(name, timeout=10.0)
        except BaseException as error:
            link.close()
            if is_last or not isinstance(error, DaemonError) or error.code not in ("daemon-lost", "daemon-stopped"):
                raise
    raise AssertionError("the last try returns or raises")


def _greeted_at(file: Path, name: str) -> tuple[Link, Welcome]:
    """A connection to the daemon that ``file`` names."""
    link = Link(read_address(file))
    try:
        return link, link.greet(name, timeout=10.0)
    except BaseException:
        link.close()
        raise


def _job_name(job: Job | Painting | str) -> str:
    if isinstance(job, Job):
        return job.id
    return job.job if isinstance(job, Painting) else job


def _style_input(style: Style | Pixels, layer: PixelBuffer) -> StyleInput:
    plain = style if isinstance(style, Style) else Style(style)
    picture = None if plain.picture is None else as_buffer(plain.picture)
    mask = None if plain.mask is None else as_mask(plain.mask, layer.width, layer.height)
    part = None if plain.part is None else as_mask(plain.part)
    return StyleInput(picture, plain.name, plain.weight, plain.scale, mask, part)
