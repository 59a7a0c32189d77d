"""A job's pictures to its iterates: the sketch, if there is one, and the painting proper as one stream."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from gramarye_protocol.pixels import PixelBuffer

from ...colour.colour_modes import Handling
from ...engine.images.pictures import Picture
from ...engine.paint import Iterate, Style, paint
from ...engine.pyramid import schedule
from ...engine.recipe import Recipe
from ...engine.resume_state import Bookmark
from ...engine.sketch import SKETCH_SIDE, counted, enlarged, is_sketched, sketch, sketch_size, started
from ...engine.tiling.cost import effort, setting_up
from ...engine.vgg.network import Network
from ...engine.warm_start import settled
from ...pixels.layer import cover, thinned, to_picture
from ...weights.store import DRAFT
from .eta import Stretch

COUNTED = 1024
"""Longest side, or a little more, of the copy of a layer whose colours are measured."""


@dataclass(frozen=True)
class Studio:
    """What the worker keeps warm: where to paint, and networks by name."""

    device: str
    network: Callable[[str], Network]


@dataclass(frozen=True, eq=False)
class Work:
    """All that is painted from; ``start`` is the picture to start from, if there is one.

    ``continues``: that is an earlier painting, and ``recipe`` what `again` made of it.
    """

    layer: PixelBuffer
    styles: Sequence[Style]
    recipe: Recipe
    network: Network
    studio: Studio
    start: Picture | None = None
    continues: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """The layer's height and width."""
        return self.layer.height, self.layer.width

    @property
    def handling(self) -> Handling:
        """What the recipe says of colours."""
        return Handling(self.recipe.colour, self.recipe.colour_space, self.recipe.colour_match)

    def content(self, layer: PixelBuffer) -> Picture:
        """The layer, or a copy of it, as it is painted from."""
        return self.handling.content(to_picture(layer))

    @property
    def sketcher(self) -> Network | None:
        """The network that sketches first; None where none does."""
        if not self.recipe.sketch:
            return None
        draft = self.studio.network(DRAFT)
        return draft if is_sketched(self.recipe, self.network, draft, *self.size) else None


def in_colours(work: Work, mask: PixelBuffer | None) -> Work:
    """The work with its styles and the artist's start in the colours that the recipe paints in.

    Those of the layer are measured where it is visible, and within the ``mask`` if there is one. Errors: those of
    `to_picture`.
    """
    if not work.handling.prepares:
        return work
    few = thinned(work.layer, COUNTED)
    weights = cover(few, None if mask is None else thinned(mask, COUNTED))
    handling, layer = work.handling, to_picture(few)
    styles = [replace(style, picture=handling.style(style.picture, layer, weights)) for style in work.styles]
    return replace(work, styles=styles, start=None if work.start is None else handling.content(work.start))


def painted(work: Work, bookmark: Bookmark | None = None) -> Generator[Iterate, None, None]:
    """The iterates of the whole job, counted through, or those that followed where ``bookmark`` stands; it is moved on.

    The sketch is no part of a bookmark, for it is made again in a moment. Errors: those of `paint`.
    """
    bookmark = bookmark or Bookmark()
    draft = work.sketcher
    if draft is None:
        yield from _plain(work, work.content(work.layer), bookmark)
        return
    goes_on = bookmark.reached is not None
    steps, scales = work.recipe.sketch + work.recipe.steps, 1 + len(schedule(work.recipe, *work.size))
    small = work.content(thinned(work.layer, 4 * SKETCH_SIDE))
    last: Iterate | None = None
    seen = cover(thinned(work.layer, 4 * SKETCH_SIDE))
    with closing(sketch(small, work.styles, work.recipe, draft, work.size, work.studio.device, seen)) as sketches:
        for last in sketches:
            if not goes_on:
                yield counted(last, steps, scales, 0, 0.0)
    assert last is not None, "a sketch has at least one step"
    with closing(_continued(work, last, bookmark)) as iterates:
        for iterate in iterates:
            yield counted(iterate, steps, scales, work.recipe.sketch, last.seconds)


def stretches(work: Work) -> list[Stretch]:
    """What the steps of the whole job cost, in multiply-adds, and what setting up takes."""

    device = work.studio.device

    def stretch(steps: int, network: Network, height: int, width: int) -> Stretch:
        cost, first = effort(work.recipe, network, device, height, width), setting_up(device)
        return Stretch(steps, cost, first.seconds, first.steps)

    levels = schedule(work.recipe, *work.size)
    found = [stretch(level.steps, work.network, level.height, level.width) for level in levels]
    draft = work.sketcher
    return found if draft is None else [stretch(work.recipe.sketch, draft, *sketch_size(*work.size)), *found]


def _continued(work: Work, sketched: Iterate, bookmark: Bookmark) -> Generator[Iterate, None, None]:
    """The painting proper from the last of a sketch; the pictures that it is set up from are held no longer."""
    content = work.content(work.layer)
    proper = replace(work, recipe=replace(work.recipe, init="picture"))
    return _proper(proper, content, started(content, sketched), bookmark)


def _plain(work: Work, content: Picture, bookmark: Bookmark) -> Generator[Iterate, None, None]:
    """A painting without a sketch; the earlier one that it may go on from can have another size."""
    start = work.start
    if not work.continues:
        return _proper(work, content, start, bookmark)
    if start is not None and max(start.shape) < max(content.shape):
        start = enlarged(start, content)
    iterates = _proper(work, content, start, bookmark)
    return settled(iterates, bookmark) if work.recipe.optimiser == "lbfgs" else iterates


def _proper(work: Work, content: Picture, start: Picture | None, bookmark: Bookmark) -> Generator[Iterate, None, None]:
    device, seen = work.studio.device, cover(work.layer)
    return paint(content, work.styles, work.recipe, work.network, device, start, cover=seen, bookmark=bookmark)
