"""What the daemon answers: one method per request, each returning its reply."""

from __future__ import annotations

import asyncio
import logging
import os
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from gramarye_protocol import PROTOCOL_MAJOR
from gramarye_protocol.errors import ProtocolError
from gramarye_protocol.frames import MAX_PAYLOADS
from gramarye_protocol.jobs import DONE, QUEUED, RUNNING
from gramarye_protocol.messages import (
    Accepted,
    Acknowledged,
    Cancel,
    Cancelled,
    Done,
    Event,
    Failed,
    FetchResult,
    Hello,
    JobList,
    JobSummary,
    ListStyles,
    Message,
    Queued,
    Refused,
    Result,
    Shutdown,
    Started,
    Status,
    StyleEntry,
    StyleInput,
    StyleList,
    Submit,
    Unknown,
    Watch,
    WatchOptions,
    Welcome,
)
from gramarye_protocol.pixels import PixelBuffer

from .. import __version__
from ..engine.recipe import DEFAULT_PRESET, Recipe, presets, schema
from ..engine.warm_start import warm_start_recipe
from ..errors import DaemonError, GramaryeError, InputError
from ..styles.known import find_style, known_styles
from .continuation import check_continues, link_start
from .dispatcher import Dispatcher
from .listing import fit_in_message
from .store.disk_usage import job_bytes
from .store.ledger import Entry, Ledger
from .store.quota import DiskQuota
from .store.spool import LAYER, MASK, START, Spool, read_pixels, write_pixels
from .subscriptions import RoutingId, Subscriptions
from .worker_pipe import JobSpec, StoredStyle

log = logging.getLogger(__name__)

MAX_MESSAGE = 1 << 30
"""Bytes of a message that are accepted: 250 megapixels of 8-bit RGBA."""

MAX_QUEUE = 1024
"""Jobs that may wait: each is a few kilobytes of memory, its pixels lie on disk."""

MAX_LISTED = 1000
"""Ended jobs that a listing tells of; a message has no room for endless ones."""

MAX_STYLES = 16
MIN_SIDE = 16
"""Pixels: VGG19 halves a picture four times before conv5_1."""

MAX_TITLE = 200
"""Characters of a job's title that are kept."""

MAX_LISTED_STYLES = MAX_PAYLOADS
"""A message has no room for more thumbnails."""

THUMBNAIL_SIDE = 128
_SOURCE = f"gramarye {__version__}"

Handler = Callable[[RoutingId, Any], Awaitable[Message]]


class RequestHandlers:
    """Answers requests with what ledger, spool, dispatcher and watchers know."""

    def __init__(
        self,
        ledger: Ledger,
        spool: Spool,
        disk_quota: DiskQuota,
        dispatcher: Dispatcher,
        subscriptions: Subscriptions,
        stop: Callable[[], None],
    ) -> None:
        self._ledger = ledger
        self._spool = spool
        self._disk_quota = disk_quota
        self._dispatcher = dispatcher
        self._subscriptions = subscriptions
        self._stop = stop
        self._started = time.time()
        self._is_closing = False
        self._storing = 0
        self._handlers: dict[type[Message], Handler] = {
            Hello: self._hello,
            Submit: self._submit,
            Cancel: self._cancel,
            Status: self._status,
            FetchResult: self._result,
            ListStyles: self._styles,
            Watch: self._watch,
            Shutdown: self._shutdown,
        }

    async def answer(self, client: RoutingId, message: Message) -> Message:
        """The reply to a request; what cannot be granted is `Refused` in words."""
        handler = self._handlers.get(type(message))
        if handler is None:
            kind = message.kind if isinstance(message, Unknown) else message.KIND
            return Refused("message-unknown", f"This daemon has no request {kind!r}.", "Update the daemon.")
        try:
            return await handler(client, message)
        except (GramaryeError, ProtocolError) as error:
            log.info("request refused", extra={"code": error.code})
            return Refused(error.code, error.message, error.hint)
        except Exception as error:
            log.exception("a request failed unexpectedly")
            return Refused(
                "internal-error",
                f"Gramarye made a mistake: {type(error).__name__}.",
                "Please report it, with what gramarye diagnostics writes.",
            )

    def close(self) -> None:
        """Take no more jobs: the daemon is stopping."""
        self._is_closing = True

    async def _hello(self, client: RoutingId, message: Hello) -> Message:
        self._refuse_when_closing()
        if PROTOCOL_MAJOR not in message.versions:
            spoken = ", ".join(map(str, message.versions)) or "none"
            return Refused(
                "version-unsupported",
                f"The client speaks version {spoken} of the protocol, this daemon {PROTOCOL_MAJOR}.",
                "Update the older of the two: the plugin or the daemon.",
            )
        described = {
            name: {"description": preset.description, "recipe": preset.recipe.to_dict()}
            for name, preset in presets().items()
        }
        return Welcome(
            PROTOCOL_MAJOR,
            _SOURCE,
            os.getpid(),
            MAX_MESSAGE,
            DEFAULT_PRESET,
            described,
            tuple(schema()),
            await asyncio.to_thread(_network_names),
        )

    async def _submit(self, client: RoutingId, message: Submit) -> Message:
        _check_pictures(message)
        recipe = Recipe.from_dict(message.recipe, preset=message.preset or DEFAULT_PRESET)
        check_continues(message, self._ledger)
        if recipe.init == "picture" and message.start is None and not message.continues:
            raise InputError(
                "start-missing", "The recipe starts from a picture, but none came.", "Send one, or start from content."
            )
        network = await asyncio.to_thread(_network_name, message.network or None)
        if self._dispatcher.queue_length + self._storing >= MAX_QUEUE:
            return Refused("queue-full", f"{MAX_QUEUE} jobs wait already.", "Cancel some, or try again later.")
        job = uuid.uuid4().hex[:12]
        self._disk_quota.reserve(job, job_bytes(message), in_use=message.continues)
        self._storing += 1
        try:
            spec, steps = await asyncio.to_thread(self._store, job, message, recipe, network)
            self._accept(spec, message, steps)
        except BaseException:
            self._spool.remove(job)
            self._disk_quota.end_reservation(job)
            raise
        finally:
            self._storing -= 1
        self._subscriptions.add(job, client, _clamp_rates(message.watch))
        position = self._dispatcher.queue_length
        asyncio.get_running_loop().call_soon(self._dispatcher.submit, spec)  # its events follow the reply
        return Accepted(job, position)

    def _refuse_when_closing(self) -> None:
        if self._is_closing:
            raise DaemonError("daemon-stopped", "The daemon is stopping and takes no more jobs.", "Paint again.")

    def _accept(self, spec: JobSpec, message: Submit, steps: int) -> None:
        self._refuse_when_closing()
        title = (message.title or _title(message))[:MAX_TITLE]
        self._ledger.add(Entry(spec.job, title, QUEUED, spec.recipe, time.time(), spec.network, total=steps))
        log.info("job accepted", extra={"job": spec.job})

    def _store(self, job: str, message: Submit, recipe: Recipe, network: str) -> tuple[JobSpec, int]:
        """The job with its pictures on disk, and how many steps it has.

        Its recipe stays the one that was asked for, in the ledger too, so that whoever paints with it again gets the
        same: what a job that continues another makes of it is the worker's.
        """
        folder = self._spool.folder(job)
        write_pixels(message.pixels, folder / LAYER)
        styles = [_stored(style, folder, number, message.pixels) for number, style in enumerate(message.styles)]
        if message.start is not None:
            write_pixels(message.start, folder / START)
        steps = recipe.steps
        if message.continues:
            painted = link_start(message.continues, message.pixels, self._spool, folder / START)
            steps = warm_start_recipe(recipe, (message.pixels.height, message.pixels.width), painted).steps
        if message.mask is not None:
            _check_mask(message.pixels, message.mask)
            write_pixels(message.mask, folder / MASK)
        spec = JobSpec(
            job,
            str(folder),
            tuple(styles),
            recipe.to_dict(),
            network,
            has_start=message.start is not None,
            has_mask=message.mask is not None,
            continues=bool(message.continues),
            ends_with_client=message.watch.ends_with_client,
            pixels=message.pixels.width * message.pixels.height,
        )
        self._spool.write_spec(spec)
        return spec, steps

    async def _cancel(self, client: RoutingId, message: Cancel) -> Message:
        if not self._find(message.job).has_ended:
            self._dispatcher.cancel(message.job, message.keep)
        return Acknowledged()

    async def _status(self, client: RoutingId, message: Status) -> Message:
        entries = [self._find(message.job)] if message.job else self._ledger.latest(MAX_LISTED)
        positions = self._dispatcher.positions()
        summaries = [self._summary(entry, positions.get(entry.job, 0)) for entry in entries]
        return JobList(fit_in_message(summaries), _SOURCE, os.getpid(), time.time() - self._started)

    async def _result(self, client: RoutingId, message: FetchResult) -> Message:
        entry = self._find(message.job)
        if entry.state != DONE:
            said = f": {entry.message}" if entry.message else "."
            return Refused("job-not-done", f"Job {entry.job} is {entry.state}{said}", entry.hint)
        pixels = await asyncio.to_thread(read_pixels, self._spool.result_path(entry.job))
        self._disk_quota.record_fetch(entry.job)
        return Result(entry.job, entry.title, pixels, entry.network, entry.recipe)

    async def _styles(self, client: RoutingId, message: ListStyles) -> Message:
        return StyleList(await asyncio.to_thread(_style_entries))

    async def _watch(self, client: RoutingId, message: Watch) -> Message:
        entry = self._find(message.job)
        if not entry.has_ended:
            self._subscriptions.add(entry.job, client, _clamp_rates(message.watch))
            self._dispatcher.previews_changed(entry.job)
        return Acknowledged()

    async def _shutdown(self, client: RoutingId, message: Shutdown) -> Message:
        self._stop()
        return Acknowledged()

    def current_events(self, message: Watch) -> list[Event]:
        """What a client that comes to watch a job should hear at once."""
        entry = self._ledger.find(message.job)
        if entry is None:
            return []
        if entry.state == QUEUED or (entry.state == RUNNING and not entry.device):  # its worker is warming up
            return [Queued(entry.job, self._dispatcher.position(entry.job))]
        if entry.state == RUNNING:
            progress = self._dispatcher.progress(entry.job)
            events: list[Event] = [Started(entry.job, entry.network, entry.device)]
            return events if progress is None else [*events, progress]
        return [_final_event(entry)]

    def _find(self, job: str) -> Entry:
        entry = self._ledger.find(job)
        if entry is None:
            raise InputError("job-unknown", f"There is no job {job!r}.", "gramarye jobs lists them.")
        return entry

    def _summary(self, entry: Entry, position: int) -> JobSummary:
        progress = self._dispatcher.progress(entry.job)
        return JobSummary(
            job=entry.job,
            title=entry.title,
            state=entry.state,
            position=position,
            step=entry.steps if progress is None else progress.step,
            total=entry.total,
            created=entry.created,
            ended=entry.ended,
            network=entry.network,
            device=entry.device,
            code=entry.code,
            message=entry.message,
        )


def _network_name(name: str | None) -> str:
    from ..weights.store import find_network  # numpy: only when somebody paints

    return find_network(name).name


def _network_names() -> tuple[str, ...]:
    from ..weights.store import installed_networks  # numpy

    return tuple(info.name for info in installed_networks())


def _stored(style: StyleInput, folder: Path, number: int, layer: PixelBuffer) -> StoredStyle:
    """A style's pictures in the job's folder. Errors: ``mask-unfit``, ``spool-failed``."""
    from ..pixels.masks import check_part, check_region  # numpy

    if style.mask is not None:
        check_region(layer, style.mask)
    if style.part is not None:
        check_part(style.picture, style.part)

    def file(kind: str, pixels: PixelBuffer | None) -> str:
        if pixels is None:
            return ""
        name = f"{kind}-{number}"
        write_pixels(pixels, folder / name)
        return name

    picture, mask, part = file("style", style.picture), file("region", style.mask), file("part", style.part)
    return StoredStyle(picture, style.name, style.weight, style.scale, mask, part)


def _check_mask(pixels: PixelBuffer, mask: PixelBuffer) -> None:
    from ..pixels.masks import check_mask  # numpy

    check_mask(pixels, mask)


def _final_event(entry: Entry) -> Event:
    if entry.state == DONE:
        return Done(entry.job, entry.network, entry.device, entry.steps, entry.loss, entry.seconds, kept=entry.kept)
    if entry.code:
        return Failed(entry.job, entry.code, entry.message, entry.hint)
    return Cancelled(entry.job)


def _check_pictures(message: Submit) -> None:
    """Errors: ``layer-too-small``, ``style-too-small``, ``no-style``, ``too-many-styles``, ``style-unknown``."""
    _check_side(message.pixels, "layer")
    if not message.styles:
        raise InputError("no-style", "No style was chosen.", "Choose at least one picture.")
    if len(message.styles) > MAX_STYLES:
        raise InputError("too-many-styles", f"{len(message.styles)} styles are too many.", f"At most {MAX_STYLES}.")
    for style in message.styles:
        if style.picture is not None:
            _check_side(style.picture, "style")
        else:
            find_style(style.name)
        if not (0.0 < style.weight <= 1e6 and 0.01 <= style.scale <= 100.0):
            raise InputError(
                "style-bad-value",
                f"A style has weight {style.weight:g} and scale {style.scale:g}.",
                "Weights are above 0, scales from 0.01 to 100.",
            )


def _check_side(pixels: PixelBuffer, what: str) -> None:
    if min(pixels.width, pixels.height) < MIN_SIDE:
        raise InputError(
            f"{what}-too-small",
            f"The {what} is {pixels.width} x {pixels.height} pixels.",
            f"Each side needs at least {MIN_SIDE} pixels.",
        )


def _title(message: Submit) -> str:
    names = [style.name for style in message.styles if style.name]
    return "painting" + (f" in {', '.join(names)}" if names else "")


def _style_entries() -> tuple[StyleEntry, ...]:
    from ..image_files import read_picture, to_eight_bits  # Pillow: only when somebody asks

    entries = []
    for style in list(known_styles().values())[:MAX_LISTED_STYLES]:
        try:
            thumbnail = to_eight_bits(read_picture(style.path, max_side=THUMBNAIL_SIDE))
        except GramaryeError as error:
            log.warning("a style cannot be shown: %s", error.message)
            continue
        entries.append(StyleEntry(style.name, style.title, replace(thumbnail, profile=b"")))
    return tuple(entries)


def _clamp_rates(watching: WatchOptions) -> WatchOptions:
    """What a client asks to see, clamped to what is worth sending."""
    return WatchOptions(
        max(0.02, watching.progress_every),
        0.0 if watching.preview_every <= 0 else max(0.05, watching.preview_every),
        max(MIN_SIDE, watching.preview_side),
        max(0, watching.preview_steps),
        watching.ends_with_client,
    )
