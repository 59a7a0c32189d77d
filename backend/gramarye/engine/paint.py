"""A painting as a stream of iterates: the engine's front door."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor

from ..errors import DeviceError, JobError
from .images.inputs import Easel, Style, set_up
from .images.iterate import Iterate
from .images.pictures import Bounds, Cover, Picture
from .images.resize import resize
from .images.start import grown, initial, origin
from .loss.objective import pose
from .numeric.device import choose_device, release_memory
from .numeric.precision import FLOAT32, Precision, chosen
from .optimise.adam import Adam
from .optimise.evaluator import Evaluator, Held, Tiled
from .optimise.lbfgs import LBFGS
from .optimise.loop import Step, optimise
from .optimise.optimiser import Optimiser, Point
from .pyramid import LEAST_PROGRESS, Level, schedule
from .recipe import Recipe
from .resume_state import Bookmark
from .tiling.memory import feature_room, kept_history, out_of_memory, require_memory
from .tiling.plan import planned
from .tiling.segments import Segment
from .vgg.network import Network

__all__ = ["Iterate", "Style", "paint"]

FLAT, FULL = 1.0, 16.0
"""Levels of 255 that a constant-coloured picture's channels span at most, and those of any other at least."""


def paint(
    content: Picture,
    styles: Sequence[Style],
    recipe: Recipe,
    network: Network,
    device: str = "cpu",
    start: Picture | None = None,
    dtype: torch.dtype = torch.float32,
    cover: Cover | None = None,
    bookmark: Bookmark | None = None,
) -> Generator[Iterate, None, None]:
    """Paint ``content``, (H, W, 3) RGB 0..1, in the manner of ``styles``; one iterate per step.

    ``start`` is the picture to start from where the recipe's init is "picture"; ``dtype``, of the pixels, is
    float32 or float64. ``cover``, (H, W), 0..1, is how much of each pixel is seen: what is not seen at all counts
    nowhere, and stays; so does what no style is for, where all have masks. With no steps there is one iterate: the
    start. Keep the last iterate and take its `best_picture`; closing the generator at any time frees everything else.
    Equal seeds give equal paintings, bit by bit on the CPU with as many threads. ``bookmark`` says between steps where
    it stands; with one that an equal painting left, the iterates are those that followed there.

    InputError: ``layer-too-small``, ``style-too-small``, ``pixels-not-finite``, ``picture-malformed``,
    ``no-style``, ``style-bad-value``, ``start-missing``, ``mask-empty``. WeightsError: ``network-too-shallow``.
    DeviceError: ``device-unavailable``, ``picture-too-large``. These rise at once; while painting, JobError:
    ``painting-diverged``, ``painting-collapsed``, and DeviceError ``out-of-memory``.
    """
    bookmark = bookmark or Bookmark()
    began = time.monotonic() - bookmark.seconds
    network.check_depth(recipe.taps())
    easel = set_up(content, styles, recipe, network, start, dtype, cover)
    there = choose_device(device)
    precision = chosen(recipe.precision, there, dtype)
    require_memory(there, network, recipe, easel.size, easel.style_sizes(), precision)
    place = _Place(network, there, precision, easel.bounds(there, dtype))
    return _guarded(_iterates(easel, place, began, bookmark), there, bookmark)


@dataclass(frozen=True, eq=False)
class _Place:
    """Where and by what a painting is computed, and the bounds on its pixels."""

    network: Network
    device: torch.device
    precision: Precision
    bounds: Bounds | None

    def precisions(self) -> tuple[Precision, ...]:
        """The recipe's, then float32 for where rounded features lead no further."""
        return (self.precision, FLOAT32) if self.precision.features == torch.bfloat16 else (self.precision,)


def _guarded(
    iterates: Generator[Iterate, None, None], device: torch.device, bookmark: Bookmark
) -> Generator[Iterate, None, None]:
    """The same iterates; memory goes back to the device after them, and want of it gets a name."""
    try:
        yield from iterates
    except RuntimeError as error:
        if not out_of_memory(error):
            raise
        raise DeviceError(
            "out-of-memory",
            f"The memory of {device} ran out while painting.",
            "Close other programs, or take a smaller size or network.",
        ) from error
    finally:
        bookmark.turn(0)  # what it holds is large
        release_memory(device)


def _iterates(easel: Easel, place: _Place, began: float, bookmark: Bookmark) -> Generator[Iterate, None, None]:
    recipe, levels = easel.recipe, schedule(easel.recipe, *easel.size)
    made_from = origin(recipe, easel.content, easel.start, easel.own_styles(), easel.cover)
    easel = replace(easel, start=None)
    reached = bookmark.reached
    x = _first(recipe, levels[0], made_from, easel, place) if reached is None else reached
    if not recipe.steps:
        x = _kept(easel, x, easel.held(x))
        yield _iterate(easel, levels, 0, None, x, began)
        return
    least = LEAST_PROGRESS if len(levels) > 1 else 0.0  # a single level takes all of its steps
    for scale in range(bookmark.scale, len(levels)):
        if bookmark.reached is None or scale > bookmark.scale:
            bookmark.turn(scale, least)
            x = grown(x, made_from, levels[scale].height, levels[scale].width)
        made_from = None if scale == len(levels) - 1 else made_from
        x = yield from _level(easel, place, levels, x, began, bookmark)
    _check_colours(x, easel)


def _level(
    easel: Easel, place: _Place, levels: Sequence[Level], x: Tensor, began: float, bookmark: Bookmark
) -> Generator[Iterate, None, Tensor]:
    """The iterates of the bookmark's scale from x, or from where it stands; the best of them in the end."""
    scale, held = bookmark.scale, easel.held(x)
    if bookmark.reached is None:
        x = _kept(easel, place.bounds.clamp(x) if place.bounds else x, held)
    for step in _steps(easel, place, levels[scale], x, held, bookmark):
        x = step.best.x
        bookmark.seconds = time.monotonic() - began
        yield _iterate(easel, levels, scale, step, x, began)
    return x


def _first(recipe: Recipe, level: Level, made_from: Tensor | None, easel: Easel, place: _Place) -> Tensor:
    """What the coarsest level starts from, where it is painted."""
    x = initial(recipe, made_from, level.height, level.width, easel.content.dtype)
    return x.to(place.device, place.precision.pixels)


def _kept(easel: Easel, x: Tensor, held: Tensor | None) -> Tensor:
    """A painting x (1, 3, H, W) of any size, with the content where it is held."""
    return x if held is None else torch.where(held, resize(easel.content, x.shape[2], x.shape[3]).to(x), x)


def _steps(
    easel: Easel, place: _Place, level: Level, x: Tensor, held: Tensor | None, bookmark: Bookmark
) -> Generator[Step, None, None]:
    """A level's steps from x, or from the bookmark on; where one precision leads no further the next goes on."""
    precisions, is_enough = place.precisions(), bookmark.progress.has_stalled
    bookmark.precision = min(bookmark.precision, len(precisions) - 1)  # another device has others
    while bookmark.precision < len(precisions):
        precision, course = precisions[bookmark.precision], bookmark.course
        optimiser = partial(_optimiser, easel.recipe, place.bounds, precision.noise)
        number, left = course.number if course else 0, level.steps - bookmark.taken
        # nothing else holds the evaluator: what it has recorded is freed before the next one is made
        for step in optimise(_evaluator(easel, place, precision, level, held), x, left, optimiser, is_enough, course):
            if step.is_exhausted and precision is not precisions[-1]:
                del step  # with the curvature that it holds
                break
            x, number, bookmark.course = step.best.x, step.number, step.course
            yield replace(step, number=bookmark.taken + number)
        bookmark.course = None
        bookmark.taken += number
        bookmark.precision += 1
        if bookmark.taken == level.steps:
            return


def _evaluator(easel: Easel, place: _Place, precision: Precision, level: Level, held: Tensor | None) -> Evaluator:
    """The recipe's objective at a level's size, all pictures shrunk alike, in pieces that fit into memory."""
    recipe, device, pixels = easel.recipe, place.device, precision.pixels
    network = place.network.to(device, precision.features)
    room = feature_room(device, network, level.height, level.width, recipe, precision)

    def cut(height: int, width: int, taps: Sequence[str]) -> tuple[Segment, ...]:
        return planned(network, taps, height, width, precision.features.itemsize, room)

    content = resize(easel.content, level.height, level.width).to(device, pixels)
    size = (level.height, level.width, device, pixels)
    with precision.applied(device):
        objective = pose(recipe, network, content, easel.style_pictures(*size), cut, easel.cover_at(*size))
    tiled = Tiled(network, objective, cut(level.height, level.width, objective.taps), precision)
    return tiled if held is None else Held(tiled, held)


def _optimiser(recipe: Recipe, bounds: Bounds | None, noise: float, start: Point) -> Optimiser:
    if recipe.optimiser == "adam":
        return Adam(start, recipe.learning_rate, bounds)
    history = kept_history(recipe, start.x.shape[2], start.x.shape[3], start.x.element_size())
    return LBFGS(start, history, bounds, noise)


def _iterate(
    easel: Easel, levels: Sequence[Level], scale: int, step: Step | None, best: Tensor, began: float
) -> Iterate:
    """A step as the stream gives it; None is the start, where nothing is evaluated."""
    margin = easel.margin >> (len(levels) - 1 - scale)
    return Iterate(
        step=sum(level.steps for level in levels[:scale]) + (step.number if step else 0),
        total=easel.recipe.steps,
        scale=scale,
        scales=len(levels),
        height=levels[scale].height - 2 * margin,
        width=levels[scale].width - 2 * margin,
        loss=step.point.evaluation.loss if step else None,
        best_loss=step.best.evaluation.loss if step else None,
        parts=step.point.evaluation.parts if step else {},
        seconds=time.monotonic() - began,
        current=step.point.x if step else best,
        best=best,
        centre=easel.centre,
        margin=margin,
        full_size=(easel.size[0] - 2 * easel.margin, easel.size[1] - 2 * easel.margin),
    )


def _check_colours(x: Tensor, easel: Easel) -> None:
    """JobError ``painting-collapsed`` where all structure is gone that the content has."""
    painted = (x.cpu() + easel.centre).clamp(0.0, 255.0)
    if _span(painted) <= FLAT and _span(easel.content) >= FULL:
        raise JobError(
            "painting-collapsed",
            "The painting has become one flat colour.",
            "Raise the content weight, start from the content, or choose another style.",
        )


def _span(x: Tensor) -> float:
    """The widest range of any channel."""
    return float((x.amax(dim=(2, 3)) - x.amin(dim=(2, 3))).max())
