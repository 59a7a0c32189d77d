"""Runs one job, from its files in the spool to its result."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gramarye_protocol.messages import Cancelled, Done, Failed, Preview, Progress, Started

from ...engine.numeric.allocator import keep_freed_memory
from ...engine.paint import Iterate
from ...engine.recipe import Recipe
from ...engine.vgg.network import Network
from ...engine.warm_start import warm_start_recipe
from ...errors import GramaryeError
from ...pixels.layer import to_u16_buffer
from ...pixels.masks import combined_coverage
from ...pixels.result import ResultCompositor
from ..job_spec import JobSpec, PreviewRate
from ..store.spool import CHECKPOINT, MASK, PAINTING, RESULT, START, read_pixels, write_pixels
from ..worker_pipe import PipeMessage, SizedPreview
from .checkpoint import CheckpointWriter, read_checkpoint
from .eta import RemainingTime
from .load_job import load_job
from .pipeline import WorkerResources, convert_colours, paint_job, phases

PROGRESS_EVERY = 0.05
"""Minimum seconds between two progress notices; on a GPU, steps can be much faster."""


@dataclass(frozen=True)
class Control:
    """Requests to a running job; each is queried between steps.

    ``should_stop``: end the job; ``should_keep``: keep its best painting then. ``should_quit``: write a checkpoint and
    return, so that another process can resume the job. ``previews``: the previews that clients want.
    """

    should_stop: Callable[[], bool]
    should_keep: Callable[[], bool]
    should_quit: Callable[[], bool]
    previews: Callable[[], tuple[PreviewRate, ...]]


def run_job(spec: JobSpec, resources: WorkerResources, control: Control, send: Callable[[PipeMessage], None]) -> None:
    """Run a job and ``send`` its notices; the last one is Done, Failed or Cancelled, unless ``should_quit`` ended it.

    Resumes from the job's checkpoint, if there is one. A GramaryeError becomes `Failed`; other exceptions, which are
    bugs, are raised.
    """
    try:
        network = resources.network(spec.network)
        send(Started(spec.job, network.name, resources.device))
        ending = _run(spec, network, resources, control, send)
        if ending is not None:
            send(ending)
    except GramaryeError as error:
        send(Failed(spec.job, error.code, error.message, error.hint))


def _run(
    spec: JobSpec, network: Network, resources: WorkerResources, control: Control, send: Callable[[PipeMessage], None]
) -> Done | Cancelled | None:
    device = resources.device
    folder = Path(spec.folder)
    recipe = Recipe.from_dict(spec.recipe)
    layer = read_pixels(folder / "layer")
    keep_freed_memory(layer.height * layer.width)
    resume_state = read_checkpoint(folder / CHECKPOINT, device)
    started = time.monotonic() - resume_state.seconds
    if control.should_stop() and not (control.should_keep() and resume_state.best_pixels is not None):
        return Cancelled(spec.job)
    mask = read_pixels(folder / MASK) if spec.has_mask else None
    start = read_pixels(folder / START) if spec.has_start or spec.continues else None
    if start is not None and spec.continues:
        recipe = warm_start_recipe(recipe, (layer.height, layer.width), (start.height, start.width))
    if recipe.steps == 0 and recipe.init == "content" and mask is None:  # nothing to paint: copy the layer bit for bit
        write_pixels(layer, folder / RESULT)
        return Done(spec.job, network.name, device, 0, 0.0, time.monotonic() - started)
    loaded = load_job(spec, recipe, network, resources, layer, start)
    loaded = convert_colours(loaded, mask)
    compositor = ResultCompositor(
        layer, mask, loaded.colour_preservation.chroma_space, combined_coverage([style.mask for style in loaded.styles])
    )
    iterates = paint_job(loaded, resume_state)
    checkpoints = CheckpointWriter(folder / CHECKPOINT, resume_state)
    reporter = _Reporter(spec.job, RemainingTime(phases(loaded)), compositor, control, send)
    last: Iterate | None = None
    for last in iterates:
        reporter.report(last)
        if control.should_stop():
            iterates.close()
            break
        if control.should_quit():
            checkpoints.write()
            return None
        if last.step < last.total:  # after the last step there is nothing to resume
            checkpoints.after_step()
    assert last is not None, "paint yields at least one iterate"
    if control.should_stop() and not control.should_keep():
        return Cancelled(spec.job)
    painting = last.best_picture()
    write_pixels(to_u16_buffer(painting), folder / PAINTING)
    write_pixels(compositor.result(painting), folder / RESULT)
    kept = last.step < last.total
    seconds = time.monotonic() - started
    return Done(spec.job, network.name, device, last.step, last.best_loss or 0.0, seconds, kept)


class _Reporter:
    """Sends progress and preview notices of iterates at the requested rates."""

    def __init__(
        self,
        job: str,
        remaining: RemainingTime,
        compositor: ResultCompositor,
        control: Control,
        send: Callable[[PipeMessage], None],
    ) -> None:
        self._job = job
        self._remaining = remaining
        self._compositor = compositor
        self._control = control
        self._send = send
        self._progress_at = 0.0
        self._preview_at: dict[int, float] = {}
        """Time of the last preview of each side."""

    def report(self, iterate: Iterate) -> None:
        """Send the notices that are due after this iterate."""
        now = time.monotonic()
        remaining = self._remaining.update(iterate.step, iterate.seconds)
        if now - self._progress_at >= PROGRESS_EVERY or iterate.step == iterate.total:
            self._progress_at = now
            self._send(_progress(self._job, iterate, remaining))
        for rate in self._control.previews():
            if self._is_due(rate, iterate.step, now):
                pixels = self._compositor.preview(iterate.picture(max_side=rate.side))
                self._send(SizedPreview(rate.side, rate.steps, Preview(self._job, iterate.step, pixels)))

    def _is_due(self, rate: PreviewRate, step: int, now: float) -> bool:
        if rate.steps:
            return step % rate.steps == 0
        if now - self._preview_at.get(rate.side, -math.inf) < rate.every:
            return False
        self._preview_at[rate.side] = now
        return True


def _progress(job: str, iterate: Iterate, remaining: float) -> Progress:
    return Progress(
        job,
        iterate.step,
        iterate.total,
        iterate.scale + 1,
        iterate.scales,
        iterate.loss or 0.0,
        iterate.best_loss or 0.0,
        remaining,
    )
