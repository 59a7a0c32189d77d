"""The last painting of a layer, by its job's name: noted on the layer, since this process ends with the painting."""

from __future__ import annotations

from typing import Any

from gi.repository import Gimp

LAST, AFRESH = "last", "afresh"
"""Values of the argument ``continues``; others are names of jobs, and empty is the dialog's or a script's usual."""

_NOTE = "gramarye-last-job"
_PASSING = 0
"""Neither saved with the image nor a step to undo."""


def remember(layer: Any, job: str) -> None:
    """Note that this job painted the layer."""
    if layer.is_valid():
        layer.attach_parasite(Gimp.Parasite.new(_NOTE, _PASSING, job.encode()))


def last_job(layer: Any) -> str:
    """The job that painted it last; empty where none did since GIMP started."""
    note = layer.get_parasite(_NOTE)
    return bytes(note.get_data()).decode() if note is not None else ""


def continued(config: Any, layer: Any) -> str:
    """The job to go on from; empty for none."""
    wanted = config.get_property("continues") or AFRESH
    if wanted == AFRESH:
        return ""
    return last_job(layer) if wanted == LAST else str(wanted)
