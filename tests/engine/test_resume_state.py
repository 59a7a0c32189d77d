"""An interrupted painting that is resumed equals an uninterrupted one, bit by bit."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
import torch

from engine.support import picture, recipe, small_network
from gramarye.engine import paint as paint_module
from gramarye.engine.images.iterate import Iterate
from gramarye.engine.paint import StyleInput, paint
from gramarye.engine.recipe import Recipe
from gramarye.engine.resume_state import ResumeState, as_plain, from_plain, nbytes
from gramarye.engine.warm_start import early_stop
from support.cuda import requires_cuda

NETWORK = small_network()
CONTENT, STYLES = picture((130, 134)), [StyleInput(picture((40, 52), 1))]


def stored(resume_state: ResumeState, device: str = "cpu") -> ResumeState:
    """The state after saving it and loading it to a device."""
    file = io.BytesIO()
    torch.save(as_plain(resume_state), file)
    file.seek(0)
    back = from_plain(torch.load(file, map_location=device, weights_only=True))
    assert isinstance(back, ResumeState)
    return back


def same(iterate: Iterate, other: Iterate) -> bool:
    """Whether two iterates are equal in all but the time."""
    return (
        (iterate.step, iterate.scale, iterate.loss, iterate.best_loss, dict(iterate.parts))
        == (other.step, other.scale, other.loss, other.best_loss, dict(other.parts))
        and torch.equal(iterate.current, other.current)
        and torch.equal(iterate.best, other.best)
    )


def cut(values: Recipe, after: int, device: str = "cpu", then: str = "cpu") -> ResumeState:
    """The state of a painting interrupted after ``after`` iterates, to be resumed on the device ``then``."""
    resume_state = ResumeState()
    iterates = paint(CONTENT, STYLES, values, NETWORK, device, resume_state=resume_state)
    for _ in range(after):
        next(iterates)
    left = stored(resume_state, then)
    iterates.close()
    return left


@pytest.mark.parametrize("given", [{"optimiser": "lbfgs"}, {"optimiser": "adam"}, {"init": "noise"}, {"clamp": False}])
@pytest.mark.parametrize("scales", [1, 2])
def test_from_wherever_it_is_cut_short_the_rest_is_the_same(given: dict[str, Any], scales: int) -> None:
    values = recipe(**{"steps": 9, "scales": scales, "precision": "float32", "seed": 3, **given})
    whole = list(paint(CONTENT, STYLES, values, NETWORK))
    assert len(whole) == 9
    for after in range(1, 9):
        rest = list(paint(CONTENT, STYLES, values, NETWORK, resume_state=cut(values, after)))
        assert len(rest) == 9 - after
        assert all(same(*pair) for pair in zip(whole[after:], rest, strict=True)), after


@requires_cuda
@pytest.mark.parametrize("optimiser", ["lbfgs", "adam"])
@pytest.mark.parametrize(("device", "then"), [("cuda", "cuda"), ("cuda", "cpu"), ("cpu", "cuda")])
def test_a_painting_can_resume_on_another_device(optimiser: str, device: str, then: str) -> None:
    values = recipe(steps=12, scales=1, precision="float32", optimiser=optimiser)
    *_, expected = paint(CONTENT, STYLES, values, NETWORK, device)
    *_, found = paint(CONTENT, STYLES, values, NETWORK, then, resume_state=cut(values, 6, device, then))
    assert found.step == 12
    assert found.best_loss == pytest.approx(expected.best_loss, rel=1e-2)


@pytest.mark.parametrize("after", [3, 20])
def test_a_resumed_scale_stalls_at_the_same_step(after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paint_module, "MIN_PROGRESS", 0.03)
    values = recipe(steps=90, scales=2, precision="float32", optimiser="lbfgs")
    whole = list(paint(CONTENT, STYLES, values, NETWORK))
    assert len(whole) < 90, "a scale ended early"
    rest = list(paint(CONTENT, STYLES, values, NETWORK, resume_state=cut(values, after)))
    assert [iterate.step for iterate in rest] == [iterate.step for iterate in whole[after:]]
    assert same(whole[-1], rest[-1])


def test_a_resumed_painting_changes_precision_at_the_same_step() -> None:
    values = recipe(steps=60, scales=1, precision="bfloat16", optimiser="lbfgs")
    whole = list(paint(CONTENT, STYLES, values, NETWORK))
    for after in (5, len(whole) - 3):
        rest = list(paint(CONTENT, STYLES, values, NETWORK, resume_state=cut(values, after)))
        assert [iterate.step for iterate in rest] == [iterate.step for iterate in whole[after:]]
        assert same(whole[-1], rest[-1])


def test_a_resumed_warm_start_stops_at_the_same_step() -> None:
    values = recipe(steps=60, scales=1, precision="float32", optimiser="lbfgs")

    def iterates(resume_state: ResumeState) -> list[Iterate]:
        return list(early_stop(paint(CONTENT, STYLES, values, NETWORK, resume_state=resume_state), resume_state))

    whole, resume_state = iterates(ResumeState()), ResumeState()
    running = early_stop(paint(CONTENT, STYLES, values, NETWORK, resume_state=resume_state), resume_state)
    for _ in range(4):
        next(running)
    left = stored(resume_state)
    running.close()
    rest = iterates(left)
    assert len(rest) == len(whole) - 4
    assert same(whole[-1], rest[-1])


def test_time_continues_after_resuming() -> None:
    values = recipe(steps=3, precision="float32")
    resume_state = cut(values, 2)
    resume_state.seconds = 1000.0
    (last,) = paint(CONTENT, STYLES, values, NETWORK, resume_state=resume_state)
    assert last.seconds > 1000.0


def test_large_tensors_are_released_at_the_end() -> None:
    resume_state = ResumeState()
    list(paint(CONTENT, STYLES, recipe(steps=3, precision="float32"), NETWORK, resume_state=resume_state))
    assert resume_state.best_pixels is None
    assert nbytes(as_plain(resume_state)) == 0


def test_shared_tensors_are_counted_once() -> None:
    resume_state = ResumeState()
    iterates = paint(
        CONTENT, STYLES, recipe(steps=3, scales=1, precision="float32"), NETWORK, resume_state=resume_state
    )
    next(iterates)
    one = resume_state.best_pixels
    assert one is not None
    assert one.nbytes <= nbytes(as_plain(resume_state)) < (recipe().history + 8) * one.nbytes
    iterates.close()


def test_other_classes_are_neither_stored_nor_loaded() -> None:
    with pytest.raises(TypeError):
        as_plain(np.zeros(3))
    with pytest.raises(KeyError):
        from_plain({"kind": "Popen", "fields": {"args": "true"}})
