"""Limits that several modules of the daemon share."""

from __future__ import annotations

from gramarye_protocol.frames import MAX_PAYLOADS

MAX_MESSAGE = 1 << 30
"""Bytes of the largest accepted message: 268 megapixels of 8-bit RGBA."""

MAX_QUEUE = 1024
"""Jobs that may wait. Each takes a few kilobytes of memory; its pixels are on disk."""

MAX_STYLES = 16
"""Styles of one job."""

MAX_TITLE = 200
"""Characters of a job's title; the rest is cut off."""

MAX_LISTED_JOBS = 1000
"""Ended jobs in a listing, which must fit into one message."""

MAX_LISTED_STYLES = MAX_PAYLOADS
"""Styles in a listing: each thumbnail is a payload of the message."""
