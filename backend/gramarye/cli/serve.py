"""``gramarye serve``: runs the daemon in the foreground."""

from __future__ import annotations

import os

import click

from gramarye_protocol.connection import connection_path
from gramarye_protocol.errors import ProtocolError

from ..daemon.logs import log_daemon, truncate_stderr
from ..daemon.serve import Ready, ServeOptions, serve
from ..errors import GramaryeError
from ..files.paths import log_path, stderr_path
from .output import print_json


@click.command("serve")
@click.option(
    "--device", "devices", multiple=True, help="auto, cpu, cuda, cuda:1, mps or xpu; repeat it, once per worker."
)
@click.option(
    "--threads",
    type=click.IntRange(min=0),
    default=0,
    help="CPU threads per worker; 0: leave one core to the editor.",
)
@click.option(
    "--idle-exit",
    type=click.FloatRange(min=0),
    default=0.0,
    help="Exit after this many seconds without a client; 0: never.",
)
@click.option(
    "--release-after",
    type=click.FloatRange(min=0),
    default=600.0,
    help="Free the memory of an idle worker after this many seconds.",
)
@click.option(
    "--spool-quota",
    type=click.FloatRange(min=0),
    default=0.0,
    envvar="GRAMARYE_SPOOL_QUOTA",
    help="Disk space for jobs and their results in GB; 0: 20 GB, or a fifth of a disk smaller than 100 GB.",
)
@click.option(
    "--listen",
    default="",
    metavar="tcp://HOST:PORT",
    help="Also accept encrypted connections from other machines, only from clients of `gramarye keys`.",
)
def serve_command(
    devices: tuple[str, ...], threads: int, idle_exit: float, release_after: float, spool_quota: float, listen: str
) -> None:
    """Run the daemon until it is stopped.

    It prints one line of JSON: its endpoint and process id once it accepts clients, or why it cannot start.
    """
    truncate_stderr(stderr_path())
    log_daemon(log_path())
    ready = False

    def announce(ready_message: Ready) -> None:
        nonlocal ready
        ready = True
        print_json(
            {
                "ready": True,
                "endpoint": ready_message.connection.endpoint,
                "pid": ready_message.connection.pid,
                "connection_file": connection_path(os.environ),
                **({"remote": ready_message.remote} if ready_message.remote else {}),
            }
        )

    try:
        quota = round(spool_quota * 1e9)
        serve(ServeOptions(devices or ("auto",), threads, idle_exit, release_after, quota, listen), announce)
    except (GramaryeError, ProtocolError) as error:
        if not ready:  # the process that started the daemon waits for this line
            print_json({"ready": False, "error": {"code": error.code, "message": error.message, "hint": error.hint}})
        raise
