"""Shows a job on the terminal: a progress bar for people, a line of JSON per event for scripts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from gramarye_protocol.messages import Done, Event, Preview, Queued, Started
from gramarye_protocol.messages import Progress as Step

from ..client import Job
from ..errors import GramaryeError, InputError
from .output import print_json

OnPreview = Callable[[Preview], None]


def follow_job(job: Job, as_json: bool, on_preview: OnPreview) -> Event:
    """Show the job's events and return the last one. Ctrl-C and errors: see `dispatch_events`."""
    show = _print_event if as_json else _ProgressBar()
    try:
        return dispatch_events(job, show, on_preview)
    finally:
        if isinstance(show, _ProgressBar):
            show.close()


def dispatch_events(job: Job, show: Callable[[Event], None], on_preview: OnPreview) -> Event:
    """Pass the job's events to ``show`` and its previews to ``on_preview``; return the last event.

    Ctrl-C asks the daemon to end the job with the best iterate so far; a second Ctrl-C exits at once. If an event
    cannot be shown or a preview cannot be written, the job is cancelled.
    """
    try:
        return _dispatch_until_end(job, show, on_preview)
    except KeyboardInterrupt:
        click.echo("stopping: the best painting so far is kept; press Ctrl-C again to exit at once", err=True)
        job.cancel(keep=True)
        return _dispatch_until_end(job, show, on_preview)
    except (InputError, OSError):  # a full disk; a closed output pipe
        with suppress(GramaryeError):  # report the first error
            job.cancel()
        raise


def _dispatch_until_end(job: Job, show: Callable[[Event], None], on_preview: OnPreview) -> Event:
    for event in job:
        if isinstance(event, Preview):
            on_preview(event)
        else:
            show(event)
    assert job.ending is not None, "the last event of a job sets its ending"
    return job.ending


def _print_event(event: Event) -> None:
    print_json({"event": event.KIND, **{f.name: getattr(event, f.name) for f in fields(event)}})


class _ProgressBar:
    """Progress bar on standard error, so that standard output stays clean."""

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[loss]}"),
            TextColumn("{task.fields[left]}"),
            console=Console(stderr=True),
        )
        self._task = self._progress.add_task("waiting", total=None, loss="", left="")
        self._progress.start()

    def __call__(self, event: Event) -> None:
        if isinstance(event, Queued):
            ahead = f"waiting behind {event.position}" if event.position else "waiting"
            self._progress.update(self._task, description=ahead)
        elif isinstance(event, Started):
            self._progress.console.print(f"painting with {event.network} on {event.device}")
            self._progress.update(self._task, description="painting")
        elif isinstance(event, Step):
            left = f"{_format_duration(event.remaining)} left" if event.remaining >= 0 else ""
            self._progress.update(
                self._task, completed=event.step, total=event.total, loss=f"loss {event.loss:.4g}", left=left
            )
        elif isinstance(event, Done):
            self._progress.update(self._task, left="")

    def close(self) -> None:
        self._progress.stop()


def _format_duration(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"
