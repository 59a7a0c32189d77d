"""What the docker says of the painting, under its button."""

from __future__ import annotations

from gramarye_plugin.status_text import StatusMessage, job_message, refusal_message

from ..paint_run import PaintRun
from ..studio import Studio
from ..translations import tr


def painting_status(studio: Studio) -> StatusMessage:
    """Of the painting under way, or of what the last thing that was asked for came to."""
    paint_run = studio.paint_run
    if paint_run is not None and studio.is_painting:
        if paint_run.is_waiting:
            return StatusMessage(tr("The daemon is away; the painting goes on when it is back."))
        return StatusMessage(_progress_text(paint_run))
    return StatusMessage("") if studio.last_refusal is None else refusal_message(studio.last_refusal)


def _progress_text(paint_run: PaintRun) -> str:
    """How far it is, and what else there is to know."""
    said = [job_message(paint_run.view, tr) if paint_run.view else tr("Reading the layer.")]
    if paint_run.continues:
        said.append(tr("It goes on from an earlier painting."))
    if paint_run.began_afresh:
        said.append(tr("The earlier painting cannot be gone on from, so it is painted afresh."))
    if paint_run.source.is_converted:
        said.append(tr("The layer's colours are converted for painting, and back."))
    return said[0] if len(said) == 1 else " ".join(f"{sentence.rstrip('.')}." for sentence in said)
