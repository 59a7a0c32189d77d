"""`Client`: a connection to the daemon that submits layers and fetches paintings, and `paint`, the one-call form."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

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
    Prioritise,
    Result,
    Shutdown,
    Status,
    StyleList,
    Submit,
    Watch,
    WatchOptions,
)

from .. import __version__
from ..errors import DaemonError, JobError
from .connection import DaemonTimeoutError, Reply
from .daemon_file import daemon_file_from_env
from .job import Job
from .open_connection import connect_to_named_daemon, connect_to_own_daemon
from .painting import Painting
from .pixels import Pixels, to_pixel_buffer
from .style import Style, to_style_input

_FETCH_TIMEOUT = 300.0

_RESUBSCRIBE_AFTER = 5.0
"""Seconds without an event of a job after which the client asks to watch it again."""

_MAX_RECONNECTS = 3
"""Maximum number of reconnections while waiting for one event of a job."""

_REPLY_TIMEOUT = 10.0
_MAX_TIMEOUTS = 3
"""Consecutive unanswered `Watch` requests before ``daemon-silent`` is raised.

One unanswered request is no error: it can be lost with its connection.
"""


class Client:
    """A connection to the daemon of this user; starts one if none is running, unless ``start`` is False.

    ``with Client() as client: painting = client.paint("photo.jpg", ["starry_night.jpg"])``

    If the daemon dies, the client starts a new one, which resumes the jobs, and watches its own jobs again.
    ``daemon`` is a file that names another daemon: a pass written by `gramarye keys add`, or the connection file of a
    daemon whose port is forwarded to this machine. The default is the file in GRAMARYE_DAEMON, if set. The client
    never starts a daemon named in this way.
    Errors on construction: those of `launch.find_or_start_daemon`, `daemon_file.read_address` and
    `Connection.send_hello`.
    """

    def __init__(
        self,
        start: bool = True,
        name: str = f"python {__version__}",
        daemon: str | os.PathLike[str] | None = None,
    ) -> None:
        named = daemon_file_from_env() if daemon is None else Path(daemon)
        self._start, self._name = start and named is None, name
        self._connection, self.welcome = (
            connect_to_own_daemon(start, name) if named is None else connect_to_named_daemon(named, name)
        )
        self._jobs: dict[str, Job] = {}

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection. Jobs continue; their results can be fetched later by job name."""
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

        ``start`` is the picture to start from if the recipe's init is "picture". ``continues`` is an alternative to
        it: a finished job, its painting, or its name. The new job starts from that painting and takes a quarter of
        the steps.

        Errors: `RefusedError`, `WeightsError` or `DaemonError` with the code of the daemon's refusal;
        those of `to_pixel_buffer` and `to_mask_buffer`.
        """
        layer = to_pixel_buffer(pixels)
        message = Submit(
            pixels=layer,
            styles=tuple(to_style_input(style, layer) for style in styles),
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
        """Submit a layer, wait for the job and return the painting. Options and errors: `submit` and `Job.result`."""
        return self.submit(pixels, styles, preset, **options).result()

    def watch(self, job: str, watching: WatchOptions = WatchOptions()) -> Job:  # noqa: B008  # frozen
        """Watch a job that any client submitted earlier. Return the existing `Job` if this client has one.

        Errors: ``job-unknown``.
        """
        self._request_with_retry(Watch(job, watching), Acknowledged)
        return self._register_job(job, watching)

    def result(self, job: str) -> Painting:
        """Fetch the painting of a finished job. Errors: ``job-unknown``, ``job-not-done``."""
        result = self._request_with_retry(FetchResult(job), Result, _FETCH_TIMEOUT)
        return Painting(result.job, result.pixels, result.network, result.recipe)

    def cancel(self, job: str, keep: bool = False) -> None:
        """Stop a job; with ``keep`` it ends as done, with the best iterate so far. Errors: ``job-unknown``."""
        self._request_with_retry(Cancel(job, keep), Acknowledged)

    def prioritise(self, job: str) -> None:
        """Have a waiting job painted next. Errors: ``job-unknown``, ``message-unknown`` (a daemon before 1.2)."""
        self._request_with_retry(Prioritise(job), Acknowledged)

    def status(self, job: str = "") -> JobList:
        """Return the state of all jobs, or of one. Errors: ``job-unknown``."""
        return self._request_with_retry(Status(job), JobList)

    def styles(self) -> StyleList:
        """Return the styles that the daemon knows by name."""
        return self._request_with_retry(ListStyles(), StyleList)

    def shutdown(self) -> None:
        """Stop the daemon."""
        self._connection.request(Shutdown(), Acknowledged)

    def next_event(self, job: str) -> Event:
        """Return the next event of a job from `submit` or `watch`; queue the events of other jobs meanwhile.

        After some seconds without an event the client subscribes again, since the daemon forgets a client whose
        connection broke, for example while the computer slept. If the daemon dies, the client connects to its
        successor, which resumes the job. Errors: ``job-unknown``, ``daemon-lost``, ``daemon-silent``.
        """
        watched = self._jobs.get(job)
        if watched is None:
            raise JobError("job-unknown", f"This client does not watch a job {job!r}.", "Call Client.watch first.")
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
        """Send `Watch` again. Return whether the daemon answered."""
        try:
            self._connection.request(Watch(watched.id, watched.watching), Acknowledged, _REPLY_TIMEOUT)
        except DaemonError as error:
            if error.code in ("daemon-silent", "message-stale"):  # stale: it waited in the socket during sleep
                return False
            raise
        return True

    def _request_with_retry(self, message: Message, expected: type[Reply], timeout: float = 30.0) -> Reply:
        """Send an idempotent request and return its reply; if the daemon dies, reconnect and send it once more."""
        try:
            return self._connection.request(message, expected, timeout)
        except DaemonError as error:
            self._reconnect(error)
        return self._connection.request(message, expected, timeout)

    def _reconnect(self, error: DaemonError) -> None:
        """Connect to the successor of a lost daemon and watch the same jobs.

        Raise ``error`` unless it is ``daemon-lost`` and this client may start a daemon.
        """
        if error.code != "daemon-lost" or not self._start:
            raise error
        before = self._connection
        self._connection, self.welcome = connect_to_own_daemon(self._start, self._name)
        self._connection.event_queues = before.event_queues
        before.close()
        for watched in self._jobs.values():
            self._connection.request(Watch(watched.id, watched.watching), Acknowledged)

    def _register_job(self, job: str, watching: WatchOptions) -> Job:
        """Return the client's `Job` of that name, created if needed, with these watch options; open its event queue."""
        known = self._jobs.setdefault(job, Job(self, job, watching))
        known.watching = watching
        self._connection.event_queues.open(job)
        return known

    def _forget_job(self, job: str) -> None:
        """Remove a job that has ended, and its event queue."""
        self._jobs.pop(job, None)
        self._connection.event_queues.close(job)


def paint(pixels: Pixels, styles: Sequence[Style | Pixels], preset: str = "", **options: Any) -> Painting:
    """Paint one layer over a new connection, which is then closed. See `Client.paint`."""
    with Client() as client:
        return client.paint(pixels, styles, preset, **options)


def _job_id(job: Job | Painting | str) -> str:
    if isinstance(job, Job):
        return job.id
    return job.job if isinstance(job, Painting) else job
