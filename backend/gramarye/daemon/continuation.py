"""A job that goes on from an earlier one: whether it can, and where its start comes from.

What an earlier job has put into its owner's layer is no place to go on from: depth and grey have rounded it, the
recipe's ``colour`` may have taken its colours away, hidden pixels and mask have cut into it. So the painting itself is
kept beside the result, for as long, and lent to the job that goes on.
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
    """InputError ``continues-unfit`` where the job that ``message`` continues, if any, has no painting to give."""
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
    """Put the painting of ``job`` at ``to``, the start for painting ``layer``; its height and width.

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
    """Whether one size is the other times a factor, with a pixel for the rounding of each side."""
    wide = (painting.width + 1) * layer.height >= (painting.height - 1) * layer.width
    high = (painting.height + 1) * layer.width >= (painting.width - 1) * layer.height
    return wide and high


def _hint(entry: Entry) -> str:
    return _HINT_OTHER_JOB if entry.has_ended else "Wait for its end, or end it: gramarye cancel --keep"


def _cannot_continue(message: str, hint: str) -> InputError:
    return InputError("continues-unfit", message, hint)
