"""What the docker says of the painting, under its button."""

from __future__ import annotations

from gramarye_plugin.status_text import Words, of_job, of_refusal

from ..paint_run import Commission
from ..studio import Studio
from ..translations import tr


def words_of(studio: Studio) -> Words:
    """Of the painting under way, or of what the last thing that was asked for came to."""
    commission = studio.commission
    if commission is not None and studio.is_painting:
        if commission.is_waiting:
            return Words(tr("The daemon is away; the painting goes on when it is back."))
        return Words(_of_painting(commission))
    return Words("") if studio.trouble is None else of_refusal(studio.trouble)


def _of_painting(commission: Commission) -> str:
    """How far it is, and what else there is to know."""
    said = [of_job(commission.view, tr) if commission.view else tr("Reading the layer.")]
    if commission.continues:
        said.append(tr("It goes on from an earlier painting."))
    if commission.began_afresh:
        said.append(tr("The earlier painting cannot be gone on from, so it is painted afresh."))
    if commission.source.is_converted:
        said.append(tr("The layer's colours are converted for painting, and back."))
    return said[0] if len(said) == 1 else " ".join(f"{sentence.rstrip('.')}." for sentence in said)
