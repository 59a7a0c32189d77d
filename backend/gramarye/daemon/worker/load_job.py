"""Reads a job's pictures and masks from its folder."""

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
from ..job_spec import JobSpec, StoredStyle
from ..store.spool import read_pixels
from .pipeline import LoadedJob, WorkerResources


def load_job(
    spec: JobSpec,
    recipe: Recipe,
    network: Network,
    resources: WorkerResources,
    layer: PixelBuffer,
    start: PixelBuffer | None,
) -> LoadedJob:
    """Read the job's pictures and masks. Errors: ``mask-empty``, ``spool-missing``, those of `read_picture`."""
    styles = [_style(style, Path(spec.folder)) for style in spec.styles]
    start_picture = None if start is None else to_picture(start)
    return LoadedJob(layer, styles, recipe, network, resources, start_picture, continues=spec.continues)


def _style(stored: StoredStyle, folder: Path) -> StyleInput:
    pixels = read_pixels(folder / stored.file) if stored.file else read_picture(find_style(stored.name).path)
    coverage = alpha_coverage(pixels)
    if stored.part:
        part = resize_coverage(mask_to_coverage(read_pixels(folder / stored.part)), pixels.width, pixels.height)
        coverage = part if coverage is None else coverage * part
    if coverage is not None and not coverage.any():
        raise InputError("mask-empty", "A style's picture is hidden completely.", "Make its mask white on some part.")
    mask = mask_to_coverage(read_pixels(folder / stored.mask)) if stored.mask else None
    return StyleInput(to_picture(pixels), stored.weight, stored.scale, coverage, mask)
