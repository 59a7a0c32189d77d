"""``gramarye status --watch``: shows the changing queue, as a table for people or as lines of JSON for scripts."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from gramarye_protocol.jobs import QUEUED, RUNNING
from gramarye_protocol.messages import JobList, JobSummary

from ..client import Client
from .output import print_json

POLL_INTERVAL = 0.5
"""Seconds between two status requests."""

_RESERVED_LINES = 6
"""Lines of the terminal not used for jobs: the daemon's line, the table's header, the totals and a margin."""


def watch(client: Client, as_json: bool) -> None:
    """Show the status until Ctrl-C, then return normally.

    Errors: those of `Client.status`, for example if the daemon stops.
    """
    listings = _poll(client)
    with suppress(KeyboardInterrupt):
        (_print_lines if as_json else _show)(listings)


def render_listing(listing: JobList, height: int) -> RenderableType:
    """Render a job list for a terminal of ``height`` lines."""
    active = active_jobs(listing)
    head = Text(f"{listing.daemon}, process {listing.pid}, up {listing.uptime:.0f} s")
    if not active:
        return Group(head, Text("idle"))
    table = Table("job", "state", "", "steps", "title", box=None)
    shown = active[: max(1, height - _RESERVED_LINES)]
    for job in shown:
        table.add_row(job.job, *_progress(job), Text(job.title, overflow="ellipsis", no_wrap=True))
    running = sum(job.state == RUNNING for job in active)
    rest = f", {len(active) - len(shown)} of them not shown" if len(shown) < len(active) else ""
    return Group(head, table, Text(f"{running} running, {len(active) - running} waiting{rest}"))


def active_jobs(listing: JobList) -> list[JobSummary]:
    """Return the running jobs, then the waiting ones in the order of the queue."""
    active = [job for job in listing.jobs if job.state in (QUEUED, RUNNING)]
    return sorted(active, key=lambda job: (job.state != RUNNING, job.position))


def _progress(job: JobSummary) -> tuple[str, RenderableType, str]:
    if job.state == QUEUED:
        return job.state, Text(f"behind {job.position}" if job.position else "next"), ""
    return job.state, ProgressBar(total=job.total or None, completed=job.step, width=24), f"{job.step}/{job.total}"


def _poll(client: Client) -> Iterator[JobList]:
    while True:
        yield client.status()
        time.sleep(POLL_INTERVAL)


def _show(listings: Iterator[JobList]) -> None:
    console = Console()
    with Live(console=console, auto_refresh=False) as live:
        for listing in listings:
            live.update(render_listing(listing, console.height), refresh=True)


def _print_lines(listings: Iterator[JobList]) -> None:
    """Print a line of JSON whenever the active jobs have changed."""
    last: object = None
    for listing in listings:
        jobs = [asdict(job) for job in active_jobs(listing)]
        if jobs != last:
            print_json({"daemon": listing.daemon, "pid": listing.pid, "uptime": listing.uptime, "jobs": jobs})
            last = jobs
