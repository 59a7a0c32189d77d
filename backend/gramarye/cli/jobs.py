"""``status``, ``jobs``, ``fetch``, ``cancel`` and ``stop``: commands for the running daemon and its jobs."""

from __future__ import annotations

import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from gramarye_protocol.messages import JobSummary

from ..client import Client
from ..client.connection import is_port_open
from ..client.daemon_file import daemon_file_from_env, read_address
from ..client.launch import is_daemon_running
from ..errors import DaemonError
from ..image_files import check_writable
from .output import json_option, print_json
from .status_watch import watch

_STOP_TIMEOUT = 15.0


@click.command()
@click.option(
    "--watch", "is_watched", is_flag=True, help="Keep showing the status until Ctrl-C; the exit status is then 0."
)
@json_option
def status(is_watched: bool, as_json: bool) -> None:
    """Show whether the daemon is running, and what it is doing.

    With --watch --json, a line is printed whenever something has changed.
    """
    with Client(start=False) as client:
        if is_watched:
            watch(client, as_json)
            return
        listing = client.status()
    active = [job for job in listing.jobs if job.state in ("queued", "running")]
    if as_json:
        print_json({"daemon": listing.daemon, "pid": listing.pid, "uptime": listing.uptime, "active": len(active)})
        return
    click.echo(f"{listing.daemon}, process {listing.pid}, up {listing.uptime:.0f} s")
    click.echo("idle" if not active else "\n".join(_format_job(job) for job in active))


@click.command()
@json_option
def jobs(as_json: bool) -> None:
    """List the daemon's jobs, oldest first."""
    with Client(start=False) as client:
        listing = client.status()
    if as_json:
        print_json([asdict(job) for job in listing.jobs])
        return
    table = Table("job", "title", "state", "steps", "network", "since", box=None)
    for job in listing.jobs:
        since = datetime.fromtimestamp(job.created).strftime("%H:%M:%S")
        state = f"{job.state}: {job.code}" if job.code else job.state
        table.add_row(job.job, job.title, state, f"{job.step}/{job.total}", job.network, since)
    Console().print(table)


@click.command()
@click.argument("job")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Where to write the painting.")
def fetch(job: str, output: Path) -> None:
    """Write the painting of a finished job."""
    check_writable(output)
    with Client(start=False) as client:
        client.result(job).save(output)
    click.echo(str(output))


@click.command()
@click.argument("job")
@click.option("--keep", is_flag=True, help="End it as done, with the best painting so far.")
def cancel(job: str, keep: bool) -> None:
    """Stop a job."""
    with Client(start=False) as client:
        client.cancel(job, keep)
    click.echo(f"{job}: stopping")


@click.command()
def stop() -> None:
    """Stop the daemon; the next one resumes its jobs."""
    with Client(start=False) as client:
        pid = client.welcome.pid
        client.shutdown()
    deadline = time.monotonic() + _STOP_TIMEOUT
    while _is_daemon_up():
        if time.monotonic() > deadline:
            raise DaemonError("daemon-busy", "The daemon does not exit.", f"End process {pid}.")
        time.sleep(0.05)
    click.echo("stopped")


def _is_daemon_up() -> bool:
    named = daemon_file_from_env()
    return is_daemon_running() if named is None else is_port_open(read_address(named))


def _format_job(job: JobSummary) -> str:
    place = f"{job.step}/{job.total}" if job.state == "running" else f"behind {job.position}"
    return f"{job.job}  {job.state}  {place}  {job.title}"
