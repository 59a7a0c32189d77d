"""``gramarye serve``: the daemon, in the foreground."""

from __future__ import annotations

import logging
import os

import click

from gramarye_protocol.connection import ConnectionInfo, connection_path

from ..daemon.serve import ServeOptions, serve
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

    When clients may come it prints one line of JSON with its endpoint and process id.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s daemon %(levelname)s %(message)s")
    serve(ServeOptions(devices or ("auto",), threads, idle_exit, release_after), _announce)


def _announce(info: ConnectionInfo) -> None:
    print_json(
        {
            "ready": True,
            "endpoint": info.endpoint,
            "pid": info.pid,
            "connection_file": connection_path(os.environ),
        }
    )
