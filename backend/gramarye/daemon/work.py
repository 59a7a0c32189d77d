"""A job's pictures to its iterates: the sketch, if there is one, and the painting proper as one stream."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from gramarye_protocol.pixels import PixelBuffer

from ..engine.again import settled
from ..engine.effort import effort
from ..engine.network import Network
from ..engine.paint import Iterate, Style, paint
from ..engine.pictures import Picture
from ..engine.pyramid import schedule
from ..engine.recipe import Recipe
from ..engine.sketch import SKETCH_SIDE, counted, enlarged, is_sketched, sketch, sketch_size, started
from ..layer import thinned, to_picture
from ..weights.store import DRAFT
from .remaining import Stretch


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
    def sketcher(self) -> Network | None:
        """The network that sketches first; None where none does."""
        if not self.recipe.sketch:
            return None
        draft = self.studio.network(DRAFT)
        return draft if is_sketched(self.recipe, self.network, draft, *self.size) else None


def painted(work: Work) -> Generator[Iterate, None, None]:
    """The iterates of the whole job, counted through. Errors: those of `paint`."""
    draft = work.sketcher
    if draft is None:
        yield from _from_earlier(work) if work.continues else _proper(work, to_picture(work.layer), work.start)
        return
    steps, scales = work.recipe.sketch + work.recipe.steps, 1 + len(schedule(work.recipe, *work.size))
    small = to_picture(thinned(work.layer, 4 * SKETCH_SIDE))
    last: Iterate | None = None
    with closing(sketch(small, work.styles, work.recipe, draft, work.size, work.studio.device)) as sketches:
        for last in sketches:
            yield counted(last, steps, scales, 0, 0.0)
    assert last is not None, "a sketch has at least one step"
    with closing(_continued(work, last)) as iterates:
        for iterate in iterates:
            yield counted(iterate, steps, scales, work.recipe.sketch, last.seconds)


def stretches(work: Work) -> list[Stretch]:
    """What the steps of the whole job cost, in multiply-adds."""

    def stretch(steps: int, network: Network, height: int, width: int) -> Stretch:
        return Stretch(steps, effort(work.recipe, network, work.studio.device, height, width))

    levels = schedule(work.recipe, *work.size)
    found = [stretch(level.steps, work.network, level.height, level.width) for level in levels]
    draft = work.sketcher
    return found if draft is None else [stretch(work.recipe.sketch, draft, *sketch_size(*work.size)), *found]


def _continued(work: Work, sketched: Iterate) -> Generator[Iterate, None, None]:
    """The painting proper from the last of a sketch; the pictures that it is set up from are held no longer."""
    content = to_picture(work.layer)
    proper = replace(work, recipe=replace(work.recipe, init="picture"))
    return _proper(proper, content, started(content, sketched))


def _from_earlier(work: Work) -> Generator[Iterate, None, None]:
    """A painting that goes on from an earlier one, whose size may be another."""
    content, start = to_picture(work.layer), work.start
    if start is not None and max(start.shape) < max(content.shape):
        start = enlarged(start, content)
    iterates = _proper(work, content, start)
    return settled(iterates) if work.recipe.optimiser == "lbfgs" else iterates


def _proper(work: Work, content: Picture, start: Picture | None) -> Generator[Iterate, None, None]:
    return paint(content, work.styles, work.recipe, work.network, work.studio.device, start)
