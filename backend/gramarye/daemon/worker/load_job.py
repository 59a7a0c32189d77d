"""A job's folder as what is painted from."""

from __future__ import annotations

from pathlib import Path

from gramarye_protocol.pixels import PixelBuffer

from ...engine.paint import StyleInput
from ...engine.recipe import Recipe
from ...engine.vgg.network import Network
from ...errors import InputError
from ...image_files import read_picture
from ...pixels.layer import alpha_coverage, to_picture
from ...pixels.masks import mask_to_coverage, resize_coverage
from ...styles.known import find_style
from ..store.spool import read_pixels
from ..worker_pipe import JobSpec, StoredStyle
from .pipeline import LoadedJob, WorkerResources


def load_job(
    spec: JobSpec,
    recipe: Recipe,
    network: Network,
    resources: WorkerResources,
    layer: PixelBuffer,
    start: PixelBuffer | None,
) -> LoadedJob:
    """The job's pictures with their masks. Errors: ``mask-empty``, ``spool-missing``, those of reading pictures."""
    styles = [_style(style, Path(spec.folder)) for style in spec.styles]
    begun = None if start is None else to_picture(start)
    return LoadedJob(layer, styles, recipe, network, resources, begun, continues=spec.continues)


def _style(stored: StoredStyle, folder: Path) -> StyleInput:
    pixels = read_pixels(folder / stored.file) if stored.file else read_picture(find_style(stored.name).path)
    counts = alpha_coverage(pixels)
    if stored.part:
        part = resize_coverage(mask_to_coverage(read_pixels(folder / stored.part)), pixels.width, pixels.height)
        counts = part if counts is None else counts * part
    if counts is not None and not counts.any():
        raise InputError("mask-empty", "No part of a style's picture counts.", "Make its mask white where it should.")
    mask = mask_to_coverage(read_pixels(folder / stored.mask)) if stored.mask else None
    return StyleInput(to_picture(pixels), stored.weight, stored.scale, counts, mask)
