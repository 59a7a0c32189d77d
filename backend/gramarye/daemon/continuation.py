"""Continuations: jobs that start from the painting of an earlier job.

The result of a job is unsuitable as a start: it is rounded to the layer's depth and layout, the recipe's ``colour`` may
have replaced its colours, and hidden pixels and the mask have cut into it. Each job therefore keeps its painting beside
its result, for as long as the result, and a continuation links that file.
"""

from __future__ import annotations

from pathlib import Path

from gramarye_protocol.jobs import DONE
from gramarye_protocol.messages import Submit
from gramarye_protocol.pixels import PixelBuffer

from ..errors import DaemonError, InputError
from .store.ledger import Entry, Ledger
from .store.spool import Spool, read_pixels

_HINT_OTHER_JOB = "`gramarye jobs` lists those that are done; or paint from the start."


def check_continues(message: Submit, ledger: Ledger) -> None:
    """Check that the job which ``message`` continues, if any, has a painting. InputError ``continues-unfit``."""
    if not message.continues:
        return
    if message.start is not None:
        raise _cannot_continue(
            "A painting starts from a picture or continues another, not both.", "Leave one of them out."
        )
    entry = ledger.find(message.continues)
    if entry is None:
        raise _cannot_continue(f"There is no job {message.continues!r} to continue, or no longer.", _HINT_OTHER_JOB)
    if entry.state != DONE:
        raise _cannot_continue(f"Job {entry.job} is {entry.state}: it has no painting to continue.", _hint(entry))


def link_start(job: str, layer: PixelBuffer, spool: Spool, to: Path) -> tuple[int, int]:
    """Link the painting of ``job`` to the file ``to`` as the start for ``layer``; return its height and width.

    Errors: ``continues-unfit``, ``spool-failed``.
    """
    try:
        spool.link_painting(job, to)
        start = read_pixels(to)
    except DaemonError as error:
        if error.code != "spool-missing":
            raise
        raise _cannot_continue(f"The painting of job {job} is no longer there.", _HINT_OTHER_JOB) from None
    if not _has_same_aspect(layer, start):
        raise _cannot_continue(
            f"The painting of job {job} is {start.width} x {start.height} pixels, the layer"
            f" {layer.width} x {layer.height}.",
            "Continue one of the layer's proportions, or paint from the start.",
        )
    return start.height, start.width


def _has_same_aspect(layer: PixelBuffer, painting: PixelBuffer) -> bool:
    """Whether the proportions are equal, allowing one pixel of rounding on each side of the painting."""
    wide = (painting.width + 1) * layer.height >= (painting.height - 1) * layer.width
    high = (painting.height + 1) * layer.width >= (painting.width - 1) * layer.height
    return wide and high


def _hint(entry: Entry) -> str:
    return _HINT_OTHER_JOB if entry.has_ended else "Wait until it ends, or end it: gramarye cancel --keep"


def _cannot_continue(message: str, hint: str) -> InputError:
    return InputError("continues-unfit", message, hint)
