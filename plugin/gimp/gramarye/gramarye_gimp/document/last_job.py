"""The last painting of a layer, by its job's name: noted on the layer, since this process ends with the painting."""

from __future__ import annotations

from typing import Any

from gi.repository import Gimp

CONTINUE_FROM_LAST, START_FRESH = "last", "afresh"
"""Values of the argument ``continues``; others are names of jobs, and empty is the dialog's or a script's usual."""

_PARASITE_NAME = "gramarye-last-job"
_NO_FLAGS = 0
"""Neither saved with the image nor a step to undo."""


def note_last_job(layer: Any, job: str) -> None:
    """Note that this job painted the layer."""
    if layer.is_valid():
        layer.attach_parasite(Gimp.Parasite.new(_PARASITE_NAME, _NO_FLAGS, job.encode()))


def last_job(layer: Any) -> str:
    """The job that painted it last; empty where none did since GIMP started."""
    note = layer.get_parasite(_PARASITE_NAME)
    return bytes(note.get_data()).decode() if note is not None else ""


def job_to_continue(config: Any, layer: Any) -> str:
    """The job to go on from; empty for none."""
    argument = config.get_property("continues") or START_FRESH
    if argument == START_FRESH:
        return ""
    return last_job(layer) if argument == CONTINUE_FROM_LAST else str(argument)
