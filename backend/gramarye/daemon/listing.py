"""As many jobs as one message has room for: those that wait or run, and then the latest."""

from __future__ import annotations

from collections.abc import Sequence

from gramarye_protocol.codec import dump_json, encode
from gramarye_protocol.frames import MAX_JSON
from gramarye_protocol.jobs import QUEUED, RUNNING
from gramarye_protocol.messages import JobSummary

_MAX_LIST_BYTES = MAX_JSON - 4096
"""Bytes of a body, less what stands around the list."""


def fit_in_message(summaries: Sequence[JobSummary]) -> tuple[JobSummary, ...]:
    """Those of ``summaries``, oldest first, that fit; what has ended longest ago is left out first."""
    chosen = set()
    free_bytes = _MAX_LIST_BYTES
    for number in sorted(range(len(summaries)), key=lambda number: _priority(summaries[number], number)):
        free_bytes -= len(dump_json(encode(summaries[number], []))) + 1
        if free_bytes < 0:
            break
        chosen.add(number)
    return tuple(summary for number, summary in enumerate(summaries) if number in chosen)


def _priority(summary: JobSummary, number: int) -> tuple[bool, int]:
    """The queue from its front, then what came last."""
    return (False, number) if summary.state in (QUEUED, RUNNING) else (True, -number)
