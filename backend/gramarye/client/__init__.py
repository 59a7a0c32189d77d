"""Python client: paints in the daemon, a separate process.

- ``style``: `Style`, a style as callers give it
- ``painting``: `Painting`, a finished painting
- ``job``: `Job`, the events and the result of a submitted job
- ``client``: `Client`, and `paint`, which does everything in one call
- ``pixels``: arrays, images and files to `PixelBuffer`, and back
- ``daemon_file``: files that name a daemon other than the user's own
- ``launch``: finds the running daemon, or starts one
- ``open_connection``: opens a connection to a daemon
- ``connection``: `Connection`, with its requests, replies and events
- ``handshake``: CURVE encryption for daemons on other machines
- ``event_queues``: events waiting to be read, by job
- ``refused``: a daemon's refusal as an exception
"""

from __future__ import annotations

from .client import Client, paint
from .job import Job
from .painting import Painting
from .style import Style

__all__ = ["Client", "Job", "Painting", "Style", "paint"]
