"""``gramarye serve``: the daemon, in the foreground."""

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
@click.option("--device", "devices", multiple=True, help="auto, cpu, cuda, cuda:1, mps, xpu; once per worker.")
@click.option(
    "--threads", type=click.IntRange(min=0), default=0, help="CPU threads of a worker; 0: leave one core to the editor."
)
@click.option(
    "--idle-exit",
    type=click.FloatRange(min=0),
    default=0.0,
    help="End after so many seconds without a caller; 0: never.",
)
@click.option(
    "--release-after",
    type=click.FloatRange(min=0),
    default=600.0,
    help="Give an idle worker's memory back after so many seconds.",
)
@click.option(
    "--spool-quota",
    type=click.FloatRange(min=0),
    default=0.0,
    envvar="GRAMARYE_SPOOL_QUOTA",
    help="GB of disk that jobs may hold, results included; 0: 20, or a fifth of a disk that is smaller than 100.",
)
@click.option(
    "--listen",
    default="",
    metavar="tcp://HOST:PORT",
    help="Listen to other machines too, to the clients of `gramarye keys` alone, encrypted.",
)
def serve_command(
    devices: tuple[str, ...], threads: int, idle_exit: float, release_after: float, spool_quota: float, listen: str
) -> None:
    """Run the daemon until it is stopped.

    It prints one line of JSON: its endpoint and process id once clients may come, or why it cannot start.
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
        if not ready:  # whoever started it waits for this line
            print_json({"ready": False, "error": {"code": error.code, "message": error.message, "hint": error.hint}})
        raise
