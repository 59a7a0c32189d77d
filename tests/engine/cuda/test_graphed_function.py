"""`GraphedFunction` with stand-ins for CUDA graphs: when it records, replays, and falls back to plain calls."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from engine.cuda.support import FIRST, Rerun, inputs, squares
from gramarye.engine.cuda.graphs import WARM_UP_RUNS, GraphedFunction, Replay, TensorFunction


class Failing(Rerun):
    """A recorder that cannot record."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def record(self, function: TensorFunction, example: Tensor) -> Replay:
        super().record(function, example)
        raise self._error


class Wrong(Rerun):
    """A recorder with wrong replays: each output is ``spoil(right output, output at recording)``."""

    def __init__(self, spoil: Callable[[Tensor, Tensor], Tensor]) -> None:
        super().__init__()
        self._spoil = spoil

    def record(self, function: TensorFunction, example: Tensor) -> Replay:
        first = tuple(output.clone() for output in function(example))
        right = super().record(function, example)
        return lambda: tuple(self._spoil(output, before) for output, before in zip(right(), first, strict=True))


def test_a_function_runs_a_few_times_is_recorded_once_and_then_replayed() -> None:
    recorder = Rerun()
    captured = GraphedFunction(squares, recorder)
    for number, x in enumerate(inputs()):
        assert captured.is_replayed == (number >= FIRST)
        for actual, expected in zip(captured(x), squares(x), strict=True):
            assert torch.equal(actual, expected)
    assert recorder.calls == ["run"] * (WARM_UP_RUNS + 1) + ["record", "replay"] + ["replay"] * 3


def test_outputs_are_never_changed_later_and_inputs_never_at_all() -> None:
    captured = GraphedFunction(squares, Rerun())
    given = inputs()
    before = [x.clone() for x in given]
    handed_out = [captured(x) for x in given]
    for x, copy, outputs in zip(given, before, handed_out, strict=True):
        assert torch.equal(x, copy)
        for output, expected in zip(outputs, squares(copy), strict=True):
            assert torch.equal(output, expected)


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("CUDA error: operation not permitted when stream is capturing"),
        RuntimeError("CUDA out of memory"),
        TypeError("graph() got an unexpected keyword argument"),
    ],
    ids=["forbidden", "memory", "version"],
)
def test_a_failed_recording_falls_back_to_plain_calls_and_warns_once(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    recorder = Failing(error)
    captured = GraphedFunction(squares, recorder)
    with caplog.at_level(logging.WARNING):
        for x in inputs():
            for actual, expected in zip(captured(x), squares(x), strict=True):
                assert torch.equal(actual, expected)
    assert not captured.is_replayed
    assert recorder.calls.count("record") == 1
    (warning,) = caplog.records
    assert str(error) in warning.getMessage()


def raising(_right: Tensor, _first: Tensor) -> Tensor:
    raise RuntimeError("CUDA error: an illegal memory access was encountered")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _right, first: first,
        lambda right, _first: torch.zeros_like(right),
        lambda right, _first: 1.01 * right,
        lambda right, _first: right.flip(-1) if right.dim() == 4 else right,
        lambda right, _first: right * torch.nan,
        lambda right, _first: right.double(),
        lambda right, _first: right[..., :1],
        raising,
    ],
    ids=["stale", "zero", "one-percent", "gradient-alone", "nan", "format", "shape", "raises"],
)
def test_a_replay_that_differs_from_the_function_is_never_returned(
    spoil: Callable[[Tensor, Tensor], Tensor], caplog: pytest.LogCaptureFixture
) -> None:
    captured = GraphedFunction(squares, Wrong(spoil))
    with caplog.at_level(logging.WARNING):
        for x in inputs():
            for actual, expected in zip(captured(x), squares(x), strict=True):
                assert torch.equal(actual, expected)
    assert not captured.is_replayed
    assert len(caplog.records) == 1


@pytest.mark.parametrize(("noise", "is_fine"), [(0.0, True), (1e-4, True), (1e-2, False)])
def test_a_replay_may_differ_by_rounding(noise: float, is_fine: bool) -> None:
    captured = GraphedFunction(squares, Wrong(lambda right, _first: (1.0 + noise) * right))
    for x in inputs():
        captured(x)
    assert captured.is_replayed == is_fine


def test_a_replay_may_differ_as_much_as_two_runs_of_the_function() -> None:
    runs = 0

    def nondeterministic(x: Tensor) -> tuple[Tensor, ...]:
        nonlocal runs
        runs += 1
        return tuple((1.0 + 0.01 * (-1) ** runs) * output for output in squares(x))

    captured = GraphedFunction(nondeterministic, Rerun())
    for x in inputs():
        captured(x)
    assert captured.is_replayed


def test_inputs_of_another_shape_or_dtype_are_not_replayed() -> None:
    recorder = Rerun()
    captured = GraphedFunction(squares, recorder)
    for x in inputs():
        captured(x)
    before = len(recorder.calls)
    for x in (torch.ones((1, 3, 1, 1)), torch.ones((1, 3, 5, 4), dtype=torch.float64)):
        for actual, expected in zip(captured(x), squares(x), strict=True):
            assert torch.equal(actual, expected)
    assert len(recorder.calls) == before
