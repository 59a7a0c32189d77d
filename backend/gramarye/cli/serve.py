"""``gramarye serve``: the daemon, in the foreground."""

from __future__ import annotations

import logging
import os

import click

from gramarye_protocol.connection import ConnectionInfo, connection_path
from gramarye_protocol.errors import ProtocolError

from ..daemon.serve import ServeOptions, serve
from ..errors import GramaryeError
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
def serve_command(devices: tuple[str, ...], threads: int, idle_exit: float, release_after: float) -> None:
    """Run the daemon until it is stopped.

    It prints one line of JSON: its endpoint and process id once clients may come, or why it cannot start.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s daemon %(levelname)s %(message)s")
    ready = False

    def announce(info: ConnectionInfo) -> None:
        nonlocal ready
        ready = True
        print_json(
            {
                "ready": True,
                "endpoint": info.endpoint,
                "pid": info.pid,
                "connection_file": connection_path(os.environ),
            }
        )

    try:
        serve(ServeOptions(devices or ("auto",), threads, idle_exit, release_after), announce)
    except (GramaryeError, ProtocolError) as error:
        if not ready:  # whoever started it waits for this line
            print_json({"ready": False, "error": {"code": error.code, "message": error.message, "hint": error.hint}})
        raise
