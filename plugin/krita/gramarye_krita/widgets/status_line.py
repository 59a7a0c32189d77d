"""The status sentence of the painting, shown below the buttons."""

from __future__ import annotations

from gramarye_plugin.labels import WAITING_FOR_DAEMON
from gramarye_plugin.status_text import StatusMessage, job_message, refusal_message

from ..paint_run import PaintRun
from ..studio import Studio
from ..translations import tr


def painting_status(studio: Studio) -> StatusMessage:
    """Return the last refusal, else the status of the running painting, else an empty message."""
    paint_run = studio.paint_run
    if studio.last_refusal is not None:
        return refusal_message(studio.last_refusal, tr)
    if paint_run is not None and studio.is_painting:
        if paint_run.is_waiting:
            return StatusMessage(tr(WAITING_FOR_DAEMON))
        return StatusMessage(_progress_text(paint_run))
    return StatusMessage("")


def _progress_text(paint_run: PaintRun) -> str:
    """Return the progress, with remarks about the painting."""
    sentences = [job_message(paint_run.view, tr) if paint_run.view else tr("Reading the layer.")]
    if paint_run.continues:
        sentences.append(tr("It continues an earlier painting."))
    if paint_run.began_afresh:
        sentences.append(tr("The earlier painting cannot be continued, so this one starts over."))
    if paint_run.source.is_animated:
        sentences.append(tr("The layer is animated: only the frame that is shown is painted."))
    if paint_run.source.is_converted:
        sentences.append(tr("The layer's colours are converted for painting and back again."))
    if len(sentences) == 1:
        return sentences[0]
    return " ".join(sentence if sentence.endswith((".", "。")) else f"{sentence}." for sentence in sentences)
