"""Recorded evaluations: replays equal plain evaluations bit for bit, and work on the device only.

A stand-in that runs the function again into fixed tensors replaces CUDA graphs.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from engine.cuda.support import FIRST, FORMATS, REFERENCE, SIZE, Rerun, moved, objective_for, record_everywhere
from engine.support import WholeImage, engine_network, picture, pixels, recipe, small_network, tensor
from gramarye.engine.loss.objective import Objective
from gramarye.engine.numeric.precision import Precision
from gramarye.engine.optimise import evaluator as evaluator_module
from gramarye.engine.optimise import lbfgs as lbfgs_module
from gramarye.engine.optimise.curvature import Curvature
from gramarye.engine.optimise.evaluator import Evaluation, TiledEvaluator
from gramarye.engine.paint import Iterate, StyleInput, paint
from gramarye.engine.tiling.segments import cut_segments, uncut


def assert_same(actual: Evaluation, expected: Evaluation) -> None:
    """Assert equality bit for bit."""
    assert actual.loss == expected.loss
    assert dict(actual.parts) == dict(expected.parts)
    assert torch.equal(actual.gradient, expected.gradient)


@pytest.mark.parametrize(("pixel", "features"), FORMATS)
@pytest.mark.parametrize(
    "values",
    [
        {},
        {"tv_weight": 0.0, "statistic": "covariance"},
        {"content_weight": 0.0},
        {"normalisation": "sum"},
        {"statistic": "moments", "histogram_weight": 50.0, "laplacian_weight": 30.0},
    ],
    ids=["default", "covariance", "style-alone", "sums", "moments-histogram-laplacian"],
)
def test_replayed_evaluations_equal_plain_ones(
    values: dict[str, Any], pixel: torch.dtype, features: torch.dtype
) -> None:
    network = engine_network(REFERENCE, features)
    objective = objective_for(network, pixel, **values)
    eager, recorded = WholeImage(network, objective), WholeImage(network, objective, Rerun())
    for seed in range(FIRST + 2):
        x = tensor(pixels(SIZE, 10 + seed), pixel)
        assert_same(recorded.evaluate(x), eager.evaluate(x))
    assert recorded.is_replayed
    assert not eager.is_replayed


def test_an_objective_without_terms_is_replayed_too() -> None:
    network = engine_network(REFERENCE, torch.float32)
    objective = Objective([], objective_for(network, torch.float32, laplacian_weight=30.0).pixel_terms)
    eager, recorded = WholeImage(network, objective), WholeImage(network, objective, Rerun())
    for seed in range(FIRST + 1):
        x = tensor(pixels(SIZE, 10 + seed), torch.float32)
        assert_same(recorded.evaluate(x), eager.evaluate(x))


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize(("preset", "scales"), [("painting", 2), ("seed", 1)])
def test_paintings_with_replay_equal_paintings_without_bit_for_bit(
    preset: str, scales: int, precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def painted() -> list[Iterate]:
        chosen = recipe(preset, steps=24, scales=scales, precision=precision)
        return list(paint(picture((128, 136)), [StyleInput(picture((40, 52), 1))], chosen, small_network()))

    expected = painted()
    recorders = record_everywhere(monkeypatch)
    actual = painted()
    assert [i.loss for i in actual] == [i.loss for i in expected]
    assert [dict(i.parts) for i in actual] == [dict(i.parts) for i in expected]
    for one, other in zip(actual, expected, strict=True):
        assert torch.equal(one.current, other.current)
        assert torch.equal(one.best, other.best)
    assert len(recorders) >= scales, "at least one for each size"
    assert all(recorder.calls.count("record") <= 1 for recorder in recorders)
    assert sum(recorder.calls.count("replay") for recorder in recorders) > 4


def test_evaluations_are_recorded_in_the_requested_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    (recorders, applied, held) = (record_everywhere(monkeypatch), [False], [])

    @contextmanager
    def spied(_self: Precision, _device: torch.device) -> Iterator[None]:
        applied[0] = True
        yield
        applied[0] = False

    def derived(*given: Any) -> tuple[Tensor, ...]:
        held.append(applied[0])
        return original(*given)

    original = evaluator_module._gradient_and_values
    monkeypatch.setattr(evaluator_module, "_gradient_and_values", derived)
    monkeypatch.setattr(Precision, "applied", spied)
    network = engine_network(REFERENCE, torch.float32)
    objective = objective_for(network, torch.float32)
    tiled = TiledEvaluator(network, objective, uncut(objective.taps))
    for seed in range(FIRST):
        tiled.evaluate(tensor(pixels(SIZE, seed), torch.float32))
    assert tiled.is_replayed
    assert recorders[0].calls.count("record") == 1
    assert all(held)


def test_out_of_memory_drops_the_recording_and_continues_with_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    network = engine_network(REFERENCE)
    objective = objective_for(network, torch.float64)
    x = tensor(pixels(SIZE, 7))
    expected = WholeImage(network, objective).evaluate(x)
    recorders = record_everywhere(monkeypatch)
    tiled = TiledEvaluator(network, objective, uncut(objective.taps))
    for seed in range(FIRST):
        tiled.evaluate(tensor(pixels(SIZE, seed)))
    assert tiled.is_replayed
    released = weakref.ref(recorders.pop())
    original = evaluator_module.WholeEvaluator.evaluate

    def short(self: evaluator_module.WholeEvaluator, x: Tensor) -> Evaluation:
        if self.is_replayed:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return original(self, x)

    monkeypatch.setattr(evaluator_module.WholeEvaluator, "evaluate", short)
    assert tiled.evaluate(x).loss == pytest.approx(expected.loss, rel=1e-10)
    monkeypatch.setattr(evaluator_module.WholeEvaluator, "evaluate", original)
    assert not tiled.is_replayed
    assert released() is None
    for _ in range(FIRST + 1):
        assert tiled.evaluate(x).loss == pytest.approx(expected.loss, rel=1e-10)
    assert tiled.is_replayed, "tiles are recorded as well"
    (new,) = recorders
    assert new.calls.count("record") == 1


def test_a_recording_is_freed_with_its_evaluator() -> None:
    recorder = Rerun()
    network = engine_network(REFERENCE, torch.float32)
    evaluator = WholeImage(network, objective_for(network, torch.float32), recorder)
    for seed in range(FIRST):
        evaluator.evaluate(tensor(pixels(SIZE, seed), torch.float32))
    assert evaluator.is_replayed
    released = weakref.ref(recorder)
    del evaluator, recorder
    assert released() is None, "freed by its reference count, not by the cycle collector: a graph holds gigabytes"


class OnDeviceAlone(TorchDispatchMode):  # type: ignore[no-untyped-call]  # untyped in torch
    """Asserts that a CUDA graph could record the work: all tensors are on device type ``kind``, none is read."""

    def __init__(self, kind: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the same
        self._kind = kind
        self.count = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        self.count += 1
        assert func is not torch.ops.aten._local_scalar_dense.default, "the host reads a number"
        for given in args:
            assert not isinstance(given, Tensor) or given.device.type == self._kind, f"{func} is given {given.device}"
        result = func(*args, **(kwargs or {}))
        for output in result if isinstance(result, (tuple, list)) else [result]:
            if isinstance(output, Tensor):
                assert output.device.type == self._kind, f"{func} works on {output.device}"
        return result


@pytest.mark.parametrize("side", [0, 32])
@pytest.mark.parametrize(("pixel", "features"), FORMATS)
@pytest.mark.parametrize("statistic", ["gram", "covariance", "moments"])
def test_an_evaluation_neither_reads_from_its_device_nor_copies_to_it(
    statistic: str, pixel: torch.dtype, features: torch.dtype, side: int
) -> None:
    """On PyTorch's meta device, which runs the same code as CUDA, in one piece and in tiles."""
    there = torch.device("meta")
    network = engine_network(REFERENCE, features)
    built = objective_for(network, pixel, statistic=statistic, histogram_weight=50.0, laplacian_weight=30.0)
    objective = moved(built, there)
    network = network.to(there, features)
    x = torch.empty((1, 3, *SIZE), dtype=pixel, device=there)
    segments = cut_segments(objective.taps, ["pool2"], side, keeps_last=False) if side else uncut(objective.taps)
    with OnDeviceAlone("meta") as mode:
        gradient, values = evaluator_module._gradient_and_values(network, objective, segments, x)
    assert (gradient.shape, gradient.dtype) == (x.shape, pixel)
    assert values.shape == (5,)
    assert mode.count > 100


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_an_lbfgs_update_neither_reads_from_its_device_nor_copies_to_it(dtype: torch.dtype) -> None:
    there = torch.device("meta")
    given = torch.empty((3, 3, *SIZE), dtype=dtype, device=there)
    curvature = Curvature(4, given[:1])
    with OnDeviceAlone("meta") as mode:
        curvature.next_slot()
        direction, numbers = lbfgs_module._update_and_direction(curvature, given)
    assert (direction.shape, direction.dtype) == (given[:1].shape, dtype)
    assert numbers.shape == (4,)
    assert mode.count > 100
