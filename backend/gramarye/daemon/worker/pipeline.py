"""The iterates of a job: those of the sketch, if there is one, then those of the painting, as one stream."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from gramarye_protocol.pixels import PixelBuffer

from ...colour.colour_modes import ColourPreservation
from ...engine.images.pictures import Picture
from ...engine.paint import Iterate, StyleInput, paint
from ...engine.pyramid import schedule
from ...engine.recipe import Recipe
from ...engine.resume_state import ResumeState
from ...engine.sketch import SKETCH_SIDE, apply_sketch, is_sketched, shift_iterate, sketch, sketch_size, transfer_change
from ...engine.tiling.cost import setup_cost, step_cost
from ...engine.vgg.network import Network
from ...engine.warm_start import early_stop
from ...pixels.layer import alpha_coverage, subsampled, to_picture
from ...weights.store import DRAFT
from .eta import Phase

COLOUR_SAMPLE_SIDE = 1024
"""Approximate longest side, in pixels, of the reduced layer whose colours are measured."""


@dataclass(frozen=True)
class WorkerResources:
    """What the worker keeps for all jobs: its device, and a loader of networks by name."""

    device: str
    network: Callable[[str], Network]


@dataclass(frozen=True, eq=False)
class LoadedJob:
    """The inputs of a job; ``start`` is the picture to start from, if there is one.

    ``continues``: ``start`` is an earlier painting, and ``recipe`` comes from `warm_start_recipe`.
    """

    layer: PixelBuffer
    styles: Sequence[StyleInput]
    recipe: Recipe
    network: Network
    resources: WorkerResources
    start: Picture | None = None
    continues: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """The layer's height and width."""
        return self.layer.height, self.layer.width

    @property
    def colour_preservation(self) -> ColourPreservation:
        """The recipe's handling of colours."""
        return ColourPreservation(self.recipe.colour, self.recipe.colour_space, self.recipe.colour_match)

    def content(self, layer: PixelBuffer) -> Picture:
        """Return ``layer``, which may be reduced, as the content picture, in the recipe's colours."""
        return self.colour_preservation.content(to_picture(layer))

    @property
    def sketch_network(self) -> Network | None:
        """The network of the sketch; None if there is no sketch."""
        if not self.recipe.sketch:
            return None
        draft = self.resources.network(DRAFT)
        return draft if is_sketched(self.recipe, self.network, draft, *self.size) else None


def convert_colours(loaded: LoadedJob, mask: PixelBuffer | None) -> LoadedJob:
    """Return the job with its styles and its start converted to the colours in which the recipe paints.

    The layer's colours are measured where it is visible and, if there is a ``mask``, inside it. Errors: those of
    `to_picture`.
    """
    if not loaded.colour_preservation.changes_inputs:
        return loaded
    small = subsampled(loaded.layer, COLOUR_SAMPLE_SIDE)
    weights = alpha_coverage(small, None if mask is None else subsampled(mask, COLOUR_SAMPLE_SIDE))
    colour_preservation, layer = loaded.colour_preservation, to_picture(small)
    styles = [
        replace(style, picture=colour_preservation.style(style.picture, layer, weights)) for style in loaded.styles
    ]
    return replace(
        loaded, styles=styles, start=None if loaded.start is None else colour_preservation.content(loaded.start)
    )


def paint_job(loaded: LoadedJob, resume_state: ResumeState | None = None) -> Generator[Iterate, None, None]:
    """Yield the iterates of the whole job, numbered through; resume after ``resume_state``, and keep it up to date.

    The sketch is not part of the resume state: a resumed job paints it again, without yielding its iterates. Errors:
    those of `paint`.
    """
    resume_state = resume_state or ResumeState()
    draft = loaded.sketch_network
    if draft is None:
        yield from _paint_without_sketch(loaded, loaded.content(loaded.layer), resume_state)
        return
    is_resumed = resume_state.best_pixels is not None
    steps, scales = loaded.recipe.sketch + loaded.recipe.steps, 1 + len(schedule(loaded.recipe, *loaded.size))
    small = loaded.content(subsampled(loaded.layer, 4 * SKETCH_SIDE))
    last: Iterate | None = None
    coverage = alpha_coverage(subsampled(loaded.layer, 4 * SKETCH_SIDE))
    with closing(
        sketch(small, loaded.styles, loaded.recipe, draft, loaded.size, loaded.resources.device, coverage)
    ) as sketches:
        for last in sketches:
            if not is_resumed:
                yield shift_iterate(last, steps, scales, 0, 0.0)
    assert last is not None, "a sketch has at least one step"
    with closing(_paint_from_sketch(loaded, last, resume_state)) as iterates:
        for iterate in iterates:
            yield shift_iterate(iterate, steps, scales, loaded.recipe.sketch, last.seconds)


def phases(loaded: LoadedJob) -> list[Phase]:
    """Return the phases of the whole job, for `RemainingTime`; step costs in multiply-adds."""
    device = loaded.resources.device

    def phase(steps: int, network: Network, height: int, width: int) -> Phase:
        cost, first = step_cost(loaded.recipe, network, device, height, width), setup_cost(device)
        return Phase(steps, cost, first.seconds, first.steps)

    levels = schedule(loaded.recipe, *loaded.size)
    found = [phase(level.steps, loaded.network, level.height, level.width) for level in levels]
    draft = loaded.sketch_network
    if draft is None:
        return found
    return [phase(loaded.recipe.sketch, draft, *sketch_size(loaded.recipe, *loaded.size)), *found]


def _paint_from_sketch(
    loaded: LoadedJob, sketched: Iterate, resume_state: ResumeState
) -> Generator[Iterate, None, None]:
    """Paint from the last iterate of a sketch. A function of its own, so that its pictures are freed while painting."""
    content = loaded.content(loaded.layer)
    job = replace(loaded, recipe=replace(loaded.recipe, init="picture"))
    return _paint(job, content, apply_sketch(content, sketched), resume_state)


def _paint_without_sketch(
    loaded: LoadedJob, content: Picture, resume_state: ResumeState
) -> Generator[Iterate, None, None]:
    """Paint without a sketch; an earlier painting that the job continues may have another size."""
    start = loaded.start
    if not loaded.continues:
        return _paint(loaded, content, start, resume_state)
    if start is not None and max(start.shape) < max(content.shape):
        start = transfer_change(start, content)
    iterates = _paint(loaded, content, start, resume_state)
    return early_stop(iterates, resume_state) if loaded.recipe.optimiser == "lbfgs" else iterates


def _paint(
    loaded: LoadedJob, content: Picture, start: Picture | None, resume_state: ResumeState
) -> Generator[Iterate, None, None]:
    device, coverage = loaded.resources.device, alpha_coverage(loaded.layer)
    return paint(
        content, loaded.styles, loaded.recipe, loaded.network, device, start, cover=coverage, resume_state=resume_state
    )
