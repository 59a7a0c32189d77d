"""The last job of a layer, stored on the layer as a parasite because the plugin's process ends with each painting."""

from __future__ import annotations

from typing import Any

from gi.repository import Gimp

CONTINUE_FROM_LAST, START_FRESH = "last", "afresh"
"""Values of ``continues``. Others are job names; empty means "last" in the dialog, "afresh" in a script."""

_PARASITE_NAME = "gramarye-last-job"
_NO_FLAGS = 0
"""The parasite is neither saved with the image nor undoable."""


def note_last_job(layer: Any, job: str) -> None:
    """Store ``job`` as the layer's last job."""
    if layer.is_valid():
        layer.attach_parasite(Gimp.Parasite.new(_PARASITE_NAME, _NO_FLAGS, job.encode()))


def last_job(layer: Any) -> str:
    """Return the layer's last job since GIMP started; empty if there is none."""
    note = layer.get_parasite(_PARASITE_NAME)
    return bytes(note.get_data()).decode() if note is not None else ""


def job_to_continue(config: Any, layer: Any) -> str:
    """Return the job to continue; empty for none."""
    argument = config.get_property("continues") or START_FRESH
    if argument == START_FRESH:
        return ""
    return last_job(layer) if argument == CONTINUE_FROM_LAST else str(argument)
