"""Request handlers: one method per request, each returning the reply."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable
from typing import Any

from gramarye_protocol import PROTOCOL_MAJOR
from gramarye_protocol.errors import ProtocolError
from gramarye_protocol.jobs import DONE, QUEUED, RUNNING
from gramarye_protocol.messages import (
    Acknowledged,
    Cancel,
    Event,
    FetchResult,
    Hello,
    JobList,
    JobSummary,
    ListStyles,
    Message,
    Prioritise,
    Queued,
    Refused,
    Result,
    Shutdown,
    Started,
    Status,
    StyleList,
    Submit,
    Unknown,
    Watch,
    Welcome,
)

from .. import __version__
from ..engine.recipe import DEFAULT_PRESET, presets, schema
from ..errors import GramaryeError, InputError, WeightsError
from .dispatcher import Dispatcher
from .final_events import final_event
from .limits import MAX_LISTED_JOBS, MAX_MESSAGE
from .listing import fit_in_message
from .store.ledger import Entry, Ledger
from .store.quota import DiskQuota
from .store.spool import Spool, read_pixels
from .style_list import style_entries
from .submission import Submissions
from .subscriptions import RoutingId, Subscriptions, clamp_rates

log = logging.getLogger(__name__)

_SOURCE = f"gramarye {__version__}"

Handler = Callable[[RoutingId, Any], Awaitable[Message]]


class RequestHandlers:
    """Answers requests. ``stop`` is called when a client asks the daemon to stop."""

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
        self._submissions = Submissions(ledger, spool, disk_quota, dispatcher, subscriptions)
        self._stop = stop
        self._started = time.time()
        self._handlers: dict[type[Message], Handler] = {
            Hello: self._hello,
            Submit: self._submissions.submit,
            Cancel: self._cancel,
            Prioritise: self._prioritise,
            Status: self._status,
            FetchResult: self._result,
            ListStyles: self._styles,
            Watch: self._watch,
            Shutdown: self._shutdown,
        }

    async def answer(self, client: RoutingId, message: Message) -> Message:
        """Return the reply to a request; `Refused` instead of an exception."""
        handler = self._handlers.get(type(message))
        if handler is None:
            kind = message.kind if isinstance(message, Unknown) else message.KIND
            return Refused("message-unknown", f"This daemon does not know the request {kind!r}.", "Update the daemon.")
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
                "Please report it and attach the output of gramarye diagnostics.",
            )

    def close(self) -> None:
        """Accept no more jobs: the daemon is stopping."""
        self._submissions.close()

    async def _hello(self, client: RoutingId, message: Hello) -> Message:
        self._submissions.check_open()
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
        networks, notice = await asyncio.to_thread(_networks)
        return Welcome(
            PROTOCOL_MAJOR,
            _SOURCE,
            os.getpid(),
            MAX_MESSAGE,
            DEFAULT_PRESET,
            described,
            tuple(schema()),
            networks,
            notice,
        )

    async def _cancel(self, client: RoutingId, message: Cancel) -> Message:
        if not self._find(message.job).has_ended:
            self._dispatcher.cancel(message.job, message.keep)
        return Acknowledged()

    async def _prioritise(self, client: RoutingId, message: Prioritise) -> Message:
        self._dispatcher.prioritise(self._find(message.job).job)
        return Acknowledged()

    async def _status(self, client: RoutingId, message: Status) -> Message:
        entries = [self._find(message.job)] if message.job else self._ledger.latest(MAX_LISTED_JOBS)
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
        return StyleList(await asyncio.to_thread(style_entries))

    async def _watch(self, client: RoutingId, message: Watch) -> Message:
        entry = self._find(message.job)
        if not entry.has_ended:
            self._subscriptions.add(entry.job, client, clamp_rates(message.watch))
            self._dispatcher.previews_changed(entry.job)
        return Acknowledged()

    async def _shutdown(self, client: RoutingId, message: Shutdown) -> Message:
        self._stop()
        return Acknowledged()

    def current_events(self, message: Watch) -> list[Event]:
        """Return the events that describe a job's present state, for a client that starts to watch it."""
        entry = self._ledger.find(message.job)
        if entry is None:
            return []
        if entry.state == QUEUED or (entry.state == RUNNING and not entry.device):  # its worker is starting
            return [Queued(entry.job, self._dispatcher.position(entry.job))]
        if entry.state == RUNNING:
            progress = self._dispatcher.progress(entry.job)
            events: list[Event] = [Started(entry.job, entry.network, entry.device)]
            return events if progress is None else [*events, progress]
        return [final_event(entry)]

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
            total=entry.total if progress is None else progress.total,
            created=entry.created,
            ended=entry.ended,
            network=entry.network,
            device=entry.device,
            code=entry.code,
            message=entry.message,
        )


def _networks() -> tuple[tuple[str, ...], str]:
    """Return the names of the installed networks, the best first, and why the best is not VGG19, if it is not."""
    from ..weights.store import choose_default, scan_networks  # imports NumPy

    usable, damaged = scan_networks()
    names = tuple(info.name for info in usable)
    try:
        default = choose_default(usable, damaged)
    except WeightsError as error:
        return names, f"{error.message} {error.hint}"
    if default.problem is None:
        return names, ""
    return names, f"{default.info.name} paints instead of VGG19. {default.problem.message} {default.problem.hint}"
