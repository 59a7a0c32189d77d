"""A job's pictures to its iterates: the sketch, if there is one, and the painting proper as one stream."""

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
"""Longest side, or a little more, of the copy of a layer whose colours are measured."""


@dataclass(frozen=True)
class WorkerResources:
    """What the worker keeps warm: where to paint, and networks by name."""

    device: str
    network: Callable[[str], Network]


@dataclass(frozen=True, eq=False)
class LoadedJob:
    """All that is painted from; ``start`` is the picture to start from, if there is one.

    ``continues``: that is an earlier painting, and ``recipe`` what `again` made of it.
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
        """What the recipe says of colours."""
        return ColourPreservation(self.recipe.colour, self.recipe.colour_space, self.recipe.colour_match)

    def content(self, layer: PixelBuffer) -> Picture:
        """The layer, or a copy of it, as it is painted from."""
        return self.colour_preservation.content(to_picture(layer))

    @property
    def sketch_network(self) -> Network | None:
        """The network that sketches first; None where none does."""
        if not self.recipe.sketch:
            return None
        draft = self.resources.network(DRAFT)
        return draft if is_sketched(self.recipe, self.network, draft, *self.size) else None


def convert_colours(loaded: LoadedJob, mask: PixelBuffer | None) -> LoadedJob:
    """The work with its styles and the artist's start in the colours that the recipe paints in.

    Those of the layer are measured where it is visible, and within the ``mask`` if there is one. Errors: those of
    `to_picture`.
    """
    if not loaded.colour_preservation.changes_inputs:
        return loaded
    few = subsampled(loaded.layer, COLOUR_SAMPLE_SIDE)
    weights = alpha_coverage(few, None if mask is None else subsampled(mask, COLOUR_SAMPLE_SIDE))
    colour_preservation, layer = loaded.colour_preservation, to_picture(few)
    styles = [
        replace(style, picture=colour_preservation.style(style.picture, layer, weights)) for style in loaded.styles
    ]
    return replace(
        loaded, styles=styles, start=None if loaded.start is None else colour_preservation.content(loaded.start)
    )


def paint_job(loaded: LoadedJob, resume_state: ResumeState | None = None) -> Generator[Iterate, None, None]:
    """The iterates of the whole job, counted through, or those that followed where ``resume_state`` stands; it is moved on.

    The sketch is no part of a bookmark, for it is made again in a moment. Errors: those of `paint`.
    """
    resume_state = resume_state or ResumeState()
    draft = loaded.sketch_network
    if draft is None:
        yield from _paint_without_sketch(loaded, loaded.content(loaded.layer), resume_state)
        return
    goes_on = resume_state.best_pixels is not None
    steps, scales = loaded.recipe.sketch + loaded.recipe.steps, 1 + len(schedule(loaded.recipe, *loaded.size))
    small = loaded.content(subsampled(loaded.layer, 4 * SKETCH_SIDE))
    last: Iterate | None = None
    seen = alpha_coverage(subsampled(loaded.layer, 4 * SKETCH_SIDE))
    with closing(
        sketch(small, loaded.styles, loaded.recipe, draft, loaded.size, loaded.resources.device, seen)
    ) as sketches:
        for last in sketches:
            if not goes_on:
                yield shift_iterate(last, steps, scales, 0, 0.0)
    assert last is not None, "a sketch has at least one step"
    with closing(_paint_from_sketch(loaded, last, resume_state)) as iterates:
        for iterate in iterates:
            yield shift_iterate(iterate, steps, scales, loaded.recipe.sketch, last.seconds)


def phases(loaded: LoadedJob) -> list[Phase]:
    """What the steps of the whole job cost, in multiply-adds, and what setting up takes."""

    device = loaded.resources.device

    def phase(steps: int, network: Network, height: int, width: int) -> Phase:
        cost, first = step_cost(loaded.recipe, network, device, height, width), setup_cost(device)
        return Phase(steps, cost, first.seconds, first.steps)

    levels = schedule(loaded.recipe, *loaded.size)
    found = [phase(level.steps, loaded.network, level.height, level.width) for level in levels]
    draft = loaded.sketch_network
    return found if draft is None else [phase(loaded.recipe.sketch, draft, *sketch_size(*loaded.size)), *found]


def _paint_from_sketch(
    loaded: LoadedJob, sketched: Iterate, resume_state: ResumeState
) -> Generator[Iterate, None, None]:
    """The painting proper from the last of a sketch; the pictures that it is set up from are held no longer."""
    content = loaded.content(loaded.layer)
    proper = replace(loaded, recipe=replace(loaded.recipe, init="picture"))
    return _paint(proper, content, apply_sketch(content, sketched), resume_state)


def _paint_without_sketch(
    loaded: LoadedJob, content: Picture, resume_state: ResumeState
) -> Generator[Iterate, None, None]:
    """A painting without a sketch; the earlier one that it may go on from can have another size."""
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
    device, seen = loaded.resources.device, alpha_coverage(loaded.layer)
    return paint(
        content, loaded.styles, loaded.recipe, loaded.network, device, start, cover=seen, resume_state=resume_state
    )
