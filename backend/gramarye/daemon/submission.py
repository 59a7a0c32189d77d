"""Submission of a job: check the request, store its pixels and specification, record it, queue it."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from pathlib import Path

from gramarye_protocol.jobs import QUEUED
from gramarye_protocol.messages import Accepted, Message, Refused, StyleInput, Submit
from gramarye_protocol.pixels import PixelBuffer

from ..engine.recipe import DEFAULT_PRESET, Recipe
from ..engine.vgg.layers import MIN_SIDE
from ..engine.warm_start import warm_start_recipe
from ..errors import DaemonError, InputError
from ..styles.known import find_style
from .continuation import check_continues, link_start
from .dispatcher import Dispatcher
from .job_spec import JobSpec, StoredStyle
from .limits import MAX_QUEUE, MAX_STYLES, MAX_TITLE
from .store.disk_usage import job_bytes
from .store.ledger import Entry, Ledger
from .store.quota import DiskQuota
from .store.spool import LAYER, MASK, START, Spool, write_pixels
from .subscriptions import RoutingId, Subscriptions, clamp_rates

log = logging.getLogger(__name__)


class Submissions:
    """Accepts jobs until `close`. Files are read and written in threads, so that other clients do not wait."""

    def __init__(
        self,
        ledger: Ledger,
        spool: Spool,
        disk_quota: DiskQuota,
        dispatcher: Dispatcher,
        subscriptions: Subscriptions,
    ) -> None:
        self._ledger = ledger
        self._spool = spool
        self._disk_quota = disk_quota
        self._dispatcher = dispatcher
        self._subscriptions = subscriptions
        self._is_closing = False
        self._storing = 0

    def close(self) -> None:
        """Accept no more jobs."""
        self._is_closing = True

    def check_open(self) -> None:
        """Raise DaemonError ``daemon-stopped`` after `close`."""
        if self._is_closing:
            raise DaemonError("daemon-stopped", "The daemon is stopping and takes no more jobs.", "Paint again.")

    async def submit(self, client: RoutingId, message: Submit) -> Message:
        """Accept a job and subscribe ``client`` to it. The job is on disk when this returns `Accepted`.

        Errors: those of `check_continues`, `link_start`, `Recipe.from_dict` and `DiskQuota.reserve`;
        ``layer-too-small``, ``style-too-small``, ``no-style``, ``too-many-styles``, ``style-unknown``,
        ``style-bad-value``, ``start-missing``, ``unknown-network``, ``mask-unfit``, ``spool-failed``,
        ``ledger-failed``, ``daemon-stopped``.
        """
        _check_layer_and_styles(message)
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
            self._record(spec, message, steps)
        except BaseException:
            self._spool.remove(job)
            self._disk_quota.end_reservation(job)
            raise
        finally:
            self._storing -= 1
        self._subscriptions.add(job, client, clamp_rates(message.watch))
        position = self._dispatcher.queue_length
        asyncio.get_running_loop().call_soon(self._dispatcher.submit, spec)  # its events follow the reply
        return Accepted(job, position)

    def _record(self, spec: JobSpec, message: Submit, steps: int) -> None:
        self.check_open()
        title = (message.title or _default_title(message))[:MAX_TITLE]
        self._ledger.add(Entry(spec.job, title, QUEUED, spec.recipe, time.time(), spec.network, total=steps))
        log.info("job accepted", extra={"job": spec.job})

    def _store(self, job: str, message: Submit, recipe: Recipe, network: str) -> tuple[JobSpec, int]:
        """Write a job's pixels and its specification to the spool; return the specification and the number of steps.

        The specification keeps the recipe as requested, so that a client can use it again. A worker derives the recipe
        of a continuation (`warm_start_recipe`) when it runs the job.
        """
        folder = self._spool.folder(job)
        write_pixels(message.pixels, folder / LAYER)
        styles = [_store_style(style, folder, number, message.pixels) for number, style in enumerate(message.styles)]
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


def _network_name(name: str | None) -> str:
    from ..weights.store import find_network  # imports NumPy

    return find_network(name).name


def _store_style(style: StyleInput, folder: Path, number: int, layer: PixelBuffer) -> StoredStyle:
    """Write a style's pixels to the job's folder. Errors: ``mask-unfit``, ``spool-failed``."""
    from ..pixels.masks import check_part, check_region  # imports NumPy

    if style.mask is not None:
        check_region(layer, style.mask)
    if style.part is not None:
        check_part(style.picture, style.part)

    def store(kind: str, pixels: PixelBuffer | None) -> str:
        if pixels is None:
            return ""
        name = f"{kind}-{number}"
        write_pixels(pixels, folder / name)
        return name

    picture, mask, part = store("style", style.picture), store("region", style.mask), store("part", style.part)
    return StoredStyle(picture, style.name, style.weight, style.scale, mask, part)


def _check_mask(pixels: PixelBuffer, mask: PixelBuffer) -> None:
    from ..pixels.masks import check_mask  # imports NumPy

    check_mask(pixels, mask)


def _check_layer_and_styles(message: Submit) -> None:
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
                "Weights are above 0 and at most 1e6, scales from 0.01 to 100.",
            )


def _check_side(pixels: PixelBuffer, what: str) -> None:
    if min(pixels.width, pixels.height) < MIN_SIDE:
        raise InputError(
            f"{what}-too-small",
            f"The {what} is {pixels.width} x {pixels.height} pixels.",
            f"Each side needs at least {MIN_SIDE} pixels.",
        )


def _default_title(message: Submit) -> str:
    names = [style.name for style in message.styles if style.name]
    return "painting" + (f" in {', '.join(names)}" if names else "")
