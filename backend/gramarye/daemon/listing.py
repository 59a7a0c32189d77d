"""Selection of the jobs that fit into one message: unfinished jobs first, then the most recent."""

from __future__ import annotations

from collections.abc import Sequence

from gramarye_protocol.codec import dump_json, encode
from gramarye_protocol.frames import MAX_JSON
from gramarye_protocol.jobs import QUEUED, RUNNING
from gramarye_protocol.messages import JobSummary

_MAX_LIST_BYTES = MAX_JSON - 4096
"""Bytes of a message body, minus room for the other fields."""


def fit_in_message(summaries: Sequence[JobSummary]) -> tuple[JobSummary, ...]:
    """Return the ``summaries`` (oldest first) that fit into a message; ended jobs are dropped first, oldest first."""
    chosen = set()
    free_bytes = _MAX_LIST_BYTES
    for number in sorted(range(len(summaries)), key=lambda number: _priority(summaries[number], number)):
        free_bytes -= len(dump_json(encode(summaries[number], []))) + 1
        if free_bytes < 0:
            break
        chosen.add(number)
    return tuple(summary for number, summary in enumerate(summaries) if number in chosen)


def _priority(summary: JobSummary, number: int) -> tuple[bool, int]:
    """Sort key: unfinished jobs in queue order, then ended jobs, newest first."""
    return (False, number) if summary.state in (QUEUED, RUNNING) else (True, -number)
