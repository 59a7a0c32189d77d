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
    ListStyles,
    Message,
    Progress,
    Queued,
    Result,
    Shutdown,
    Started,
    Status,
    StyleInput,
    StyleList,
    Submit,
    Watch,
    WatchOptions,
    Welcome,
)
from gramarye_protocol.pixels import PixelBuffer

from .. import __version__
from ..errors import DaemonError, JobError
from .connection import Connection, DaemonTimeoutError, Reply
from .daemon_file import daemon_file_from_env, read_address
from .launch import find_daemon, find_or_start_daemon
from .pixels import Pixels, buffer_to_array, to_mask_buffer, to_pixel_buffer

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from PIL.Image import Image

_FETCH_TIMEOUT = 300.0

_RESUBSCRIBE_AFTER = 5.0
"""Seconds without an event of a job after which the client asks to watch it again."""

_MAX_RECONNECTS = 3
"""Daemons that may die one after the other before the next event of a job."""

_REPLY_TIMEOUT = 10.0
_MAX_TIMEOUTS = 3
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
        return buffer_to_array(self.pixels)

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

    def __init__(self, client: Client, job: str, watching: WatchOptions) -> None:
        self._client = client
        self._last_by_type: dict[type[Event], Event] = {}
        self.id = job
        self.watching = watching
        self.ending: Event | None = None

    def __iter__(self) -> Iterator[Event]:
        """Events until the job has ended, the ending included. Errors: those of `Client.next_event`."""
        while self.ending is None:
            event = self._client.next_event(self.id)
            if isinstance(event, (Queued, Started, Progress)):
                if (
                    self._last_by_type.get(type(event)) == event
                ):  # the present state, said again to a renewed subscription
                    continue
                self._last_by_type[type(event)] = event
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
    Errors on entry: those of `launch.find_or_start_daemon`, `whereabouts.read_address` and `Connection.send_hello`.
    """

    def __init__(
        self,
        start: bool = True,
        name: str = f"python {__version__}",
        daemon: str | os.PathLike[str] | None = None,
    ) -> None:
        named = daemon_file_from_env() if daemon is None else Path(daemon)
        self._start, self._name = start and named is None, name
        self._connection, self.welcome = _connect(start, name) if named is None else _connect_to(named, name)
        self._jobs: dict[str, Job] = {}

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Leave; jobs go on, and their results can be fetched later by name."""
        self._connection.close()

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
        watch: WatchOptions = WatchOptions(),  # noqa: B008  # frozen
        **recipe: Any,
    ) -> Job:
        """Submit a layer; ``recipe`` overrides single values of the preset (`Client.welcome` lists them).

        ``start`` is the picture to start from where the recipe's init is "picture"; ``continues``, in its stead, a job
        that is done, or its name: its painting is the start, and a quarter of the steps will do.

        Errors: `RefusedError`, `WeightsError` or `DaemonError` under the code of what the daemon refused;
        those of reading pictures.
        """
        layer = to_pixel_buffer(pixels)
        message = Submit(
            pixels=layer,
            styles=tuple(_style_input(style, layer) for style in styles),
            preset=preset,
            recipe=recipe,
            network=network,
            start=None if start is None else to_pixel_buffer(start),
            continues=_job_id(continues),
            title=title,
            watch=watch,
        )
        return self._register_job(self._connection.request(message, Accepted, timeout=120.0).job, watch)

    def paint(self, pixels: Pixels, styles: Sequence[Style | Pixels], preset: str = "", **options: Any) -> Painting:
        """Submit, wait, fetch: one call. Options and errors are those of `submit` and `Job.result`."""
        return self.submit(pixels, styles, preset, **options).result()

    def watch(self, job: str, watching: WatchOptions = WatchOptions()) -> Job:  # noqa: B008  # frozen
        """Take up a job that was submitted earlier, by anybody; the same `Job` where this client has it.

        Errors: ``job-unknown``.
        """
        self._request_with_retry(Watch(job, watching), Acknowledged)
        return self._register_job(job, watching)

    def result(self, job: str) -> Painting:
        """Fetch the painting of a job that is done. Errors: ``job-unknown``, ``job-not-done``."""
        result = self._request_with_retry(FetchResult(job), Result, _FETCH_TIMEOUT)
        return Painting(result.job, result.pixels, result.network, result.recipe)

    def cancel(self, job: str, keep: bool = False) -> None:
        """Stop a job. Errors: ``job-unknown``."""
        self._request_with_retry(Cancel(job, keep), Acknowledged)

    def status(self, job: str = "") -> JobList:
        """All jobs, or one. Errors: ``job-unknown``."""
        return self._request_with_retry(Status(job), JobList)

    def styles(self) -> StyleList:
        """The styles that the daemon knows by name."""
        return self._request_with_retry(ListStyles(), StyleList)

    def shutdown(self) -> None:
        """Stop the daemon."""
        self._connection.request(Shutdown(), Acknowledged)

    def next_event(self, job: str) -> Event:
        """The next event of one job of `submit` or `watch`; others' are kept for them.

        Where none comes for a while the job is watched again: the daemon forgets a client whose connection
        broke, as that of a computer asleep does. A daemon that has died is followed by another, which goes on with the
        job. Errors: ``job-unknown``, ``daemon-lost``, ``daemon-silent``.
        """
        watched = self._jobs.get(job)
        if watched is None:
            raise JobError("job-unknown", f"This client does not watch a job {job!r}.", "Watch it first.")
        timeouts = reconnects = 0
        resubscribe_at = time.monotonic() + _RESUBSCRIBE_AFTER
        while (event := self._connection.event_queues.take(job)) is None:
            if time.monotonic() >= resubscribe_at:
                timeouts = 0 if self._resubscribe(watched) else timeouts + 1
                if timeouts >= _MAX_TIMEOUTS:
                    raise DaemonTimeoutError
                resubscribe_at = time.monotonic() + _RESUBSCRIBE_AFTER
                continue
            try:
                self._connection.listen(resubscribe_at)
            except DaemonError as error:
                reconnects += 1
                if reconnects > _MAX_RECONNECTS:
                    raise
                self._reconnect(error)
        if isinstance(event, (Done, Failed, Cancelled)):
            watched.ending = event
            self._forget_job(job)
        return event

    def _resubscribe(self, watched: Job) -> bool:
        """Whether the daemon answered."""
        try:
            self._connection.request(Watch(watched.id, watched.watching), Acknowledged, _REPLY_TIMEOUT)
        except DaemonError as error:
            if error.code in ("daemon-silent", "message-stale"):  # stale: it lay in the socket while we slept
                return False
            raise
        return True

    def _request_with_retry(self, message: Message, expected: type[Reply], timeout: float = 30.0) -> Reply:
        """The reply to what may be asked twice: also of the daemon after the one that died meanwhile."""
        try:
            return self._connection.request(message, expected, timeout)
        except DaemonError as error:
            self._reconnect(error)
        return self._connection.request(message, expected, timeout)

    def _reconnect(self, error: DaemonError) -> None:
        """Go to the daemon after one that is lost, and watch there what was watched here. Errors: the one given."""
        if error.code != "daemon-lost" or not self._start:
            raise error
        before = self._connection
        self._connection, self.welcome = _connect(self._start, self._name)
        self._connection.event_queues = before.event_queues
        before.close()
        for watched in self._jobs.values():
            self._connection.request(Watch(watched.id, watched.watching), Acknowledged)

    def _register_job(self, job: str, watching: WatchOptions) -> Job:
        """This client's one `Job` of that name, which now watches so."""
        known = self._jobs.setdefault(job, Job(self, job, watching))
        known.watching = watching
        self._connection.event_queues.open(job)
        return known

    def _forget_job(self, job: str) -> None:
        """A job whose events nobody reads any more."""
        self._jobs.pop(job, None)
        self._connection.event_queues.close(job)


def paint(pixels: Pixels, styles: Sequence[Style | Pixels], preset: str = "", **options: Any) -> Painting:
    """Paint one layer through a connection of its own: see `Client.paint`."""
    with Client() as client:
        return client.paint(pixels, styles, preset, **options)


def _connect(start: bool, name: str) -> tuple[Connection, Welcome]:
    """A connection to a daemon that knows of us; where the first was about to end, to the next one, if there is."""
    for is_last in (False, True):
        connection = Connection(find_or_start_daemon() if start else find_daemon())
        try:
            return connection, connection.send_hello(name, timeout=10.0)
        except BaseException as error:
            connection.close()
            if is_last or not isinstance(error, DaemonError) or error.code not in ("daemon-lost", "daemon-stopped"):
                raise
    raise AssertionError("the last try returns or raises")


def _connect_to(file: Path, name: str) -> tuple[Connection, Welcome]:
    """A connection to the daemon that ``file`` names."""
    connection = Connection(read_address(file))
    try:
        return connection, connection.send_hello(name, timeout=10.0)
    except BaseException:
        connection.close()
        raise


def _job_id(job: Job | Painting | str) -> str:
    if isinstance(job, Job):
        return job.id
    return job.job if isinstance(job, Painting) else job


def _style_input(style: Style | Pixels, layer: PixelBuffer) -> StyleInput:
    given = style if isinstance(style, Style) else Style(style)
    picture = None if given.picture is None else to_pixel_buffer(given.picture)
    mask = None if given.mask is None else to_mask_buffer(given.mask, layer.width, layer.height)
    part = None if given.part is None else to_mask_buffer(given.part)
    return StyleInput(picture, given.name, given.weight, given.scale, mask, part)
