"""`paint`, the engine's entry point: a painting as a stream of iterates."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor

from ..errors import DeviceError, JobError
from .images.inputs import PaintingInputs, StyleInput, prepare_inputs
from .images.iterate import Iterate
from .images.pictures import Bounds, Cover, Picture
from .images.resize import resize
from .images.start import initial_pixels, start_picture, upsample_painting
from .loss.objective import build_objective
from .numeric.device import choose_device, release_memory
from .numeric.precision import FLOAT32, Precision, choose_precision
from .optimise.adam import Adam
from .optimise.evaluator import Evaluator, MaskedEvaluator, TiledEvaluator
from .optimise.lbfgs import LBFGS
from .optimise.loop import Step, optimise
from .optimise.optimiser import Optimiser, Point
from .pyramid import MIN_PROGRESS, Level, schedule
from .recipe import Recipe
from .resume_state import ResumeState
from .tiling.memory import feature_budget, history_length, is_out_of_memory, require_memory
from .tiling.plan import plan_segments
from .tiling.segments import Segment
from .vgg.network import Network

__all__ = ["Iterate", "StyleInput", "paint"]

FLAT_RANGE, VARIED_RANGE = 1.0, 16.0
"""Range of a channel, in levels of 255: at most this in a flat picture, at least this in a varied one."""


def paint(
    content: Picture,
    styles: Sequence[StyleInput],
    recipe: Recipe,
    network: Network,
    device: str = "cpu",
    start: Picture | None = None,
    dtype: torch.dtype = torch.float32,
    cover: Cover | None = None,
    resume_state: ResumeState | None = None,
) -> Generator[Iterate, None, None]:
    """Paint ``content``, (H, W, 3) RGB 0..1, in the style of ``styles``; yields one iterate per step.

    ``start`` is the picture to start from if the recipe's init is "picture". ``dtype`` is the format of the pixels,
    float32 or float64. ``cover``, (H, W), 0..1, is the visibility of each pixel. Invisible pixels enter no term and
    keep their colours; so do pixels outside every mask, if all styles have masks. A recipe without steps yields one
    iterate, the start. Take the result from the last iterate's `best_picture`; closing the generator frees everything
    but the iterates. Equal seeds give equal paintings; on the CPU bit by bit, given the same number of threads.
    ``resume_state`` is updated at every step; passing the state of an interrupted painting with the same arguments
    continues it with the iterates that would have followed.

    Raises at once InputError ``layer-too-small``, ``style-too-small``, ``pixels-not-finite``, ``picture-malformed``,
    ``no-style``, ``style-bad-value``, ``start-missing``, ``mask-empty``; WeightsError ``network-too-shallow``;
    DeviceError ``device-unavailable``, ``picture-too-large``. Raises while painting JobError ``painting-diverged``,
    ``painting-collapsed``; DeviceError ``out-of-memory``.
    """
    resume_state = resume_state or ResumeState()
    began = time.monotonic() - resume_state.seconds
    network.check_depth(recipe.taps())
    inputs = prepare_inputs(content, styles, recipe, network, start, dtype, cover)
    compute_device = choose_device(device)
    precision = choose_precision(recipe.precision, compute_device, dtype)
    require_memory(compute_device, network, recipe, inputs.size, inputs.style_sizes(), precision)
    context = _ComputeContext(network, compute_device, precision, inputs.bounds(compute_device, dtype))
    return _with_cleanup(_iterates(inputs, context, began, resume_state), compute_device, resume_state)


@dataclass(frozen=True, eq=False)
class _ComputeContext:
    """Network, device and precision of a painting, and the bounds on its pixels."""

    network: Network
    device: torch.device
    precision: Precision
    bounds: Bounds | None

    def precisions(self) -> tuple[Precision, ...]:
        """The recipe's precision; after bfloat16 also float32, for steps that rounded features no longer allow."""
        return (self.precision, FLOAT32) if self.precision.features == torch.bfloat16 else (self.precision,)


def _with_cleanup(
    iterates: Generator[Iterate, None, None], device: torch.device, resume_state: ResumeState
) -> Generator[Iterate, None, None]:
    """Yield the iterates, turn a lack of memory into a DeviceError, and release the device's memory at the end."""
    try:
        yield from iterates
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
        raise DeviceError(
            "out-of-memory",
            f"The memory of {device} ran out while painting.",
            "Close other programs, or take a smaller size or network.",
        ) from error
    finally:
        resume_state.start_scale(0)  # drops its large tensors
        release_memory(device)


def _iterates(
    inputs: PaintingInputs, context: _ComputeContext, began: float, resume_state: ResumeState
) -> Generator[Iterate, None, None]:
    recipe, levels = inputs.recipe, schedule(inputs.recipe, *inputs.size)
    base_picture = start_picture(recipe, inputs.content, inputs.start, inputs.full_size_style_pictures(), inputs.cover)
    inputs = replace(inputs, start=None)
    best_pixels = resume_state.best_pixels
    x = _first(recipe, levels[0], base_picture, inputs, context) if best_pixels is None else best_pixels
    if not recipe.steps:
        x = _restore_frozen(inputs, x, inputs.frozen_mask(x))
        yield _build_iterate(inputs, levels, 0, None, x, began)
        return
    min_progress = MIN_PROGRESS if len(levels) > 1 else 0.0  # a single level never ends early for slow progress
    for scale in range(resume_state.scale, len(levels)):
        if resume_state.best_pixels is None or scale > resume_state.scale:
            resume_state.start_scale(scale, min_progress)
            x = upsample_painting(x, base_picture, levels[scale].height, levels[scale].width)
        base_picture = None if scale == len(levels) - 1 else base_picture
        x = yield from _paint_scale(inputs, context, levels, x, began, resume_state)
    _check_not_flat(x, inputs)


def _paint_scale(
    inputs: PaintingInputs,
    context: _ComputeContext,
    levels: Sequence[Level],
    x: Tensor,
    began: float,
    resume_state: ResumeState,
) -> Generator[Iterate, None, Tensor]:
    """Yield the iterates of the resume state's scale, from x or from where it stands; return the best pixels."""
    scale, frozen = resume_state.scale, inputs.frozen_mask(x)
    if resume_state.best_pixels is None:
        x = _restore_frozen(inputs, context.bounds.clamp(x) if context.bounds else x, frozen)
    for step in _optimise_scale(inputs, context, levels[scale], x, frozen, resume_state):
        x = step.best.x
        resume_state.seconds = time.monotonic() - began
        yield _build_iterate(inputs, levels, scale, step, x, began)
    return x


def _first(
    recipe: Recipe, level: Level, base_picture: Tensor | None, inputs: PaintingInputs, context: _ComputeContext
) -> Tensor:
    """Initial pixels of the coarsest level, on the compute device."""
    x = initial_pixels(recipe, base_picture, level.height, level.width, inputs.content.dtype)
    return x.to(context.device, context.precision.pixels)


def _restore_frozen(inputs: PaintingInputs, x: Tensor, frozen: Tensor | None) -> Tensor:
    """x (1, 3, H, W), of any size, with the content's pixels where it is frozen."""
    return x if frozen is None else torch.where(frozen, resize(inputs.content, x.shape[2], x.shape[3]).to(x), x)


def _optimise_scale(
    inputs: PaintingInputs,
    context: _ComputeContext,
    level: Level,
    x: Tensor,
    frozen: Tensor | None,
    resume_state: ResumeState,
) -> Generator[Step, None, None]:
    """Yield a level's steps from x, or from the resume state; an exhausted precision is followed by the next."""
    precisions, should_stop = context.precisions(), resume_state.stall_detector.has_stalled
    resume_state.precision = min(resume_state.precision, len(precisions) - 1)  # another device may have fewer
    while resume_state.precision < len(precisions):
        precision, loop_state = precisions[resume_state.precision], resume_state.loop_state
        optimiser = partial(_build_optimiser, inputs.recipe, context.bounds, precision.noise)
        number, left = loop_state.number if loop_state else 0, level.steps - resume_state.steps_taken
        # no other reference to the evaluator: its recorded graphs are freed before the next one is built
        for step in optimise(
            _build_evaluator(inputs, context, precision, level, frozen), x, left, optimiser, should_stop, loop_state
        ):
            if step.is_exhausted and precision is not precisions[-1]:
                del step  # frees its curvature
                break
            x, number, resume_state.loop_state = step.best.x, step.number, step.loop_state
            yield replace(step, number=resume_state.steps_taken + number)
        resume_state.loop_state = None
        resume_state.steps_taken += number
        resume_state.precision += 1
        if resume_state.steps_taken == level.steps:
            return


def _build_evaluator(
    inputs: PaintingInputs, context: _ComputeContext, precision: Precision, level: Level, frozen: Tensor | None
) -> Evaluator:
    """Build the evaluator of a level: the recipe's objective at its size, in tiles that fit into memory."""
    recipe, device, pixels = inputs.recipe, context.device, precision.pixels
    network = context.network.to(device, precision.features)
    budget = feature_budget(device, network, level.height, level.width, recipe, precision)

    def segments_for(height: int, width: int, taps: Sequence[str]) -> tuple[Segment, ...]:
        return plan_segments(network, taps, height, width, precision.features.itemsize, budget)

    content = resize(inputs.content, level.height, level.width).to(device, pixels)
    size = (level.height, level.width, device, pixels)
    with precision.applied(device):
        objective = build_objective(
            recipe, network, content, inputs.style_pictures(*size), segments_for, inputs.cover_at(*size)
        )
    tiled = TiledEvaluator(network, objective, segments_for(level.height, level.width, objective.taps), precision)
    return tiled if frozen is None else MaskedEvaluator(tiled, frozen)


def _build_optimiser(recipe: Recipe, bounds: Bounds | None, noise: float, start: Point) -> Optimiser:
    if recipe.optimiser == "adam":
        return Adam(start, recipe.learning_rate, bounds)
    history = history_length(recipe, start.x.shape[2], start.x.shape[3], start.x.element_size())
    return LBFGS(start, history, bounds, noise)


def _build_iterate(
    inputs: PaintingInputs, levels: Sequence[Level], scale: int, step: Step | None, best: Tensor, began: float
) -> Iterate:
    """The iterate of a step; None stands for the start, which has not been evaluated."""
    margin = inputs.margin >> (len(levels) - 1 - scale)
    return Iterate(
        step=sum(level.steps for level in levels[:scale]) + (step.number if step else 0),
        total=inputs.recipe.steps,
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
        centre=inputs.centre,
        margin=margin,
        full_size=(inputs.size[0] - 2 * inputs.margin, inputs.size[1] - 2 * inputs.margin),
    )


def _check_not_flat(x: Tensor, inputs: PaintingInputs) -> None:
    """Raise JobError ``painting-collapsed`` if x is flat while the content is varied."""
    painted = (x.cpu() + inputs.centre).clamp(0.0, 255.0)
    if _channel_range(painted) <= FLAT_RANGE and _channel_range(inputs.content) >= VARIED_RANGE:
        raise JobError(
            "painting-collapsed",
            "The painting has become one flat colour.",
            "Raise the content weight, start from the content, or choose another style.",
        )


def _channel_range(x: Tensor) -> float:
    """The largest range of any channel of x (1, 3, H, W)."""
    return float((x.amax(dim=(2, 3)) - x.amin(dim=(2, 3))).max())
