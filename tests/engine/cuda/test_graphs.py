"""Recorded evaluations: what the evaluation itself gives, to the bit where the recorder is exact, or no recording.

A stand-in that runs the work again into fixed tensors takes the place of CUDA graphs; the last tests want a real card.
"""

from __future__ import annotations

import logging
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from engine.support import WholeImage, engine_network, picture, pixels, recipe, small_network, tensor
from gramarye.engine.cuda.graphs import (
    REPLAY_NOISE_FACTOR,
    REPLAY_RTOL,
    WARM_UP_RUNS,
    CudaGraphs,
    GraphedFunction,
    Replay,
    TensorFunction,
    recorder_for,
)
from gramarye.engine.loss.histogram import Bins, HistogramTerm
from gramarye.engine.loss.laplacian import LaplacianTerm
from gramarye.engine.loss.objective import Objective, WeightedPixelTerm, WeightedTerm, build_objective
from gramarye.engine.loss.regions import StylePicture
from gramarye.engine.loss.terms import ContentTerm, StyleTerm, Target
from gramarye.engine.numeric.precision import Precision
from gramarye.engine.optimise import evaluator as evaluator_module
from gramarye.engine.optimise import lbfgs as lbfgs_module
from gramarye.engine.optimise.curvature import Curvature
from gramarye.engine.optimise.evaluator import Evaluation, TiledEvaluator
from gramarye.engine.paint import Iterate, StyleInput, paint
from gramarye.engine.tiling.segments import cut_segments, uncut
from gramarye.engine.vgg.network import Network
from reference import vgg
from support.cuda import requires_cuda

SIZE = (67, 50)
REFERENCE = vgg.random_network()
FORMATS = [(torch.float64, torch.float64), (torch.float32, torch.float32), (torch.float32, torch.bfloat16)]
"""Of pixels and of features."""

FIRST = WARM_UP_RUNS + 1
"""How many calls it takes until the next is replayed."""


class Rerun:
    """A recorder whose replays run the work again, into the tensors that the recording gave."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def run(self, work: TensorFunction, x: Tensor) -> tuple[Tensor, ...]:
        self.calls.append("run")
        return work(x)

    def record(self, work: TensorFunction, example: Tensor) -> Replay:
        self.calls.append("record")
        outputs = work(example)

        def replay() -> tuple[Tensor, ...]:
            self.calls.append("replay")
            for output, anew in zip(outputs, work(example), strict=True):
                output.copy_(anew)
            return outputs

        return replay


class Failing(Rerun):
    """A recorder that cannot record."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self._error = error

    def record(self, work: TensorFunction, example: Tensor) -> Replay:
        super().record(work, example)
        raise self._error


class Wrong(Rerun):
    """A recorder whose replays give something else than the work: ``spoil`` of what they should, and of the first."""

    def __init__(self, spoil: Callable[[Tensor, Tensor], Tensor]) -> None:
        super().__init__()
        self._spoil = spoil

    def record(self, work: TensorFunction, example: Tensor) -> Replay:
        first = tuple(output.clone() for output in work(example))
        right = super().record(work, example)
        return lambda: tuple(self._spoil(output, before) for output, before in zip(right(), first, strict=True))


def squares(x: Tensor) -> tuple[Tensor, ...]:
    """Work of two outputs."""
    return (3.0 * x.square()).sum().reshape(1), 6.0 * x


def inputs(count: int = FIRST + 3) -> list[Tensor]:
    generator = torch.Generator().manual_seed(5)
    return [torch.randn((1, 3, 5, 4), generator=generator) for _ in range(count)]


def objective_for(network: Network, pixel: torch.dtype, **values: Any) -> Objective:
    styles = [StylePicture(tensor(pixels((44, 61), 3), pixel), 1.0), StylePicture(tensor(pixels(SIZE, 4), pixel), 2.0)]
    return build_objective(recipe(**values), network, tensor(pixels(SIZE, 1), pixel), styles)


def assert_same(actual: Evaluation, expected: Evaluation) -> None:
    """To the bit."""
    assert actual.loss == expected.loss
    assert dict(actual.parts) == dict(expected.parts)
    assert torch.equal(actual.gradient, expected.gradient)


def record_everywhere(monkeypatch: pytest.MonkeyPatch) -> list[Rerun]:
    """Evaluations and the steps of L-BFGS on any device are recorded by a stand-in of their own; these, in order."""
    recorders: list[Rerun] = []

    def stand_in(_device: torch.device, _kind: str) -> Rerun:
        recorders.append(Rerun())
        return recorders[-1]

    for module in (evaluator_module, lbfgs_module):
        monkeypatch.setattr(module, "recorder_for", stand_in)
    return recorders


def test_work_runs_a_few_times_is_recorded_once_and_replayed_from_then_on() -> None:
    recorder = Rerun()
    captured = GraphedFunction(squares, recorder)
    for number, x in enumerate(inputs()):
        assert captured.is_replayed == (number >= FIRST)
        for actual, expected in zip(captured(x), squares(x), strict=True):
            assert torch.equal(actual, expected)
    assert recorder.calls == ["run"] * (WARM_UP_RUNS + 1) + ["record", "replay"] + ["replay"] * 3


def test_what_is_handed_out_is_never_changed_and_what_is_given_is_left_alone() -> None:
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
def test_what_cannot_be_recorded_goes_on_call_by_call_and_says_so_once(
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
def test_a_replay_that_differs_from_the_work_is_never_handed_out(
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


def test_a_replay_may_differ_as_much_as_runs_of_the_work_do() -> None:
    runs = 0

    def nondeterministic(x: Tensor) -> tuple[Tensor, ...]:
        nonlocal runs
        runs += 1
        return tuple((1.0 + 0.01 * (-1) ** runs) * output for output in squares(x))

    captured = GraphedFunction(nondeterministic, Rerun())
    for x in inputs():
        captured(x)
    assert captured.is_replayed


def test_another_shape_or_format_is_worked_on_call_by_call() -> None:
    recorder = Rerun()
    captured = GraphedFunction(squares, recorder)
    for x in inputs():
        captured(x)
    before = len(recorder.calls)
    for x in (torch.ones((1, 3, 1, 1)), torch.ones((1, 3, 5, 4), dtype=torch.float64)):
        for actual, expected in zip(captured(x), squares(x), strict=True):
            assert torch.equal(actual, expected)
    assert len(recorder.calls) == before


def test_a_recording_goes_with_what_holds_it() -> None:
    recorder = Rerun()
    network = engine_network(REFERENCE, torch.float32)
    evaluator = WholeImage(network, objective_for(network, torch.float32), recorder)
    for seed in range(FIRST):
        evaluator.evaluate(tensor(pixels(SIZE, seed), torch.float32))
    assert evaluator.is_replayed
    released = weakref.ref(recorder)
    del evaluator, recorder
    assert released() is None, "at once, without a search for cycles: a graph holds gigabytes"


class FakeCuda:
    """Stands in for `torch.cuda`: what is done to streams and graphs, in order, and the stream that work runs on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fails: bool = False) -> None:
        self.calls: list[str] = []
        self.current = "main"
        self._fails = fails
        for name, there in [
            ("Stream", lambda _device: FakeStream(self, "side")),
            ("current_stream", lambda _device: FakeStream(self, self.current)),
            ("stream", self._on),
            ("graph", self._recording),
            ("CUDAGraph", lambda: FakeGraph(self)),
        ]:
            monkeypatch.setattr(torch.cuda, name, there)
        monkeypatch.setattr(CudaGraphs, "failed", set())

    def work(self, x: Tensor) -> tuple[Tensor, ...]:
        self.calls.append(f"work on {self.current}")
        return squares(x)

    @contextmanager
    def _on(self, stream: FakeStream) -> Iterator[None]:
        before, self.current = self.current, stream.name
        try:
            yield
        finally:
            self.current = before

    @contextmanager
    def _recording(self, graph: FakeGraph, stream: FakeStream) -> Iterator[None]:
        self.calls.append(f"recording {graph.name} on {stream.name}")
        self.current = stream.name  # as torch.cuda.graph, which leaves it so where the recording fails
        yield
        if self._fails:
            raise RuntimeError("CUDA error: operation failed due to a previous error during capture")


class FakeStream:
    """A stream of a stand-in."""

    def __init__(self, card: FakeCuda, name: str) -> None:
        self._cuda = card
        self.name = name

    def wait_stream(self, other: FakeStream) -> None:
        self._cuda.calls.append(f"{self.name} waits for {other.name}")


class FakeGraph:
    """A graph of a stand-in."""

    name = "graph"

    def __init__(self, card: FakeCuda) -> None:
        self._cuda = card

    def replay(self) -> None:
        self._cuda.calls.append(f"replay on {self._cuda.current}")


def test_the_recorder_runs_and_records_on_one_stream_which_the_callers_waits_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    card = FakeCuda(monkeypatch)
    recorder = recorder_for(torch.device("cuda"), "evaluation")
    assert recorder is not None
    x = inputs()[0]
    for actual, expected in zip(recorder.run(card.work, x), squares(x), strict=True):
        assert torch.equal(actual, expected)
    assert card.calls == ["side waits for main", "work on side", "main waits for side"]
    card.calls.clear()
    replay = recorder.record(card.work, x)
    assert card.calls == ["recording graph on side", "work on side"]
    assert card.current == "main"
    card.calls.clear()
    first, second = replay(), replay()
    assert card.calls == ["replay on main"] * 2
    assert all(one is other for one, other in zip(first, second, strict=True))


def test_after_a_recording_that_failed_the_callers_stream_is_back_and_none_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    card, there = FakeCuda(monkeypatch, fails=True), torch.device("cuda")
    recorder = recorder_for(there, "evaluation")
    assert recorder is not None
    captured = GraphedFunction(card.work, recorder)
    for x in inputs():
        for actual, expected in zip(captured(x), squares(x), strict=True):
            assert torch.equal(actual, expected)
        assert card.current == "main"
    assert not captured.is_replayed
    assert card.calls.count("recording graph on side") == 1
    assert recorder_for(there, "evaluation") is None
    assert recorder_for(there, "direction") is not None, "of another kind"


@pytest.mark.parametrize("kind", ["cpu", "mps", "xpu"])
def test_nothing_is_recorded_but_on_cuda(kind: str) -> None:
    assert recorder_for(torch.device(kind), "evaluation") is None


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
def test_replayed_evaluations_are_the_evaluators_own(
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
def test_paintings_by_replay_are_those_without_to_the_bit(
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
    assert len(recorders) >= scales, "one at least for each size"
    assert all(recorder.calls.count("record") <= 1 for recorder in recorders)
    assert sum(recorder.calls.count("replay") for recorder in recorders) > 4


def test_evaluations_are_recorded_in_the_precision_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_where_memory_runs_out_the_recording_is_dropped_and_tiles_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
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
    (anew,) = recorders
    assert anew.calls.count("record") == 1


class OnDeviceAlone(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch leaves it untyped
    """Every tensor made lies on ``kind``, and none is read: what a graph can hold."""

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
    """On PyTorch's device without data, which takes every way that CUDA takes: in one piece, and in tiles."""
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
def test_neither_does_learning_with_finding_a_direction(dtype: torch.dtype) -> None:
    there = torch.device("meta")
    given = torch.empty((3, 3, *SIZE), dtype=dtype, device=there)
    curvature = Curvature(4, given[:1])
    with OnDeviceAlone("meta") as mode:
        curvature.next_slot()
        direction, numbers = lbfgs_module._update_and_direction(curvature, given)
    assert (direction.shape, direction.dtype) == (given[:1].shape, dtype)
    assert numbers.shape == (4,)
    assert mode.count > 100


def moved(objective: Objective, device: torch.device) -> Objective:
    """The same terms, targets on another device."""

    def there(target: Target) -> Target:
        return replace(target, value=target.value.to(device))

    terms: list[WeightedTerm] = []
    for weighted in objective.terms:
        term = weighted.term
        if isinstance(term, ContentTerm):
            term = ContentTerm({tap: there(target) for tap, target in term.targets.items()})
        elif isinstance(term, HistogramTerm):
            term = HistogramTerm(
                {tap: Bins(b.directions.to(device), b.lowest.to(device)) for tap, b in term.bins.items()},
                {tap: [there(target) for target in targets] for tap, targets in term.targets.items()},
            )
        elif isinstance(term, StyleTerm):
            by_tap = {tap: [there(target) for target in targets] for tap, targets in term.targets.items()}
            term = StyleTerm(term.statistic, by_tap)
        terms.append(replace(weighted, term=term))
    pixel_terms: list[WeightedPixelTerm] = []
    for own in objective.pixel_terms:
        pixel_term = own.term
        if isinstance(pixel_term, LaplacianTerm):
            pixel_term = LaplacianTerm([replace(edges, value=edges.value.to(device)) for edges in pixel_term.targets])
        pixel_terms.append(replace(own, term=pixel_term))
    return replace(objective, terms=terms, pixel_terms=pixel_terms)


@requires_cuda
@pytest.mark.parametrize("features", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("tf32", [False, True])
@pytest.mark.parametrize("statistic", ["gram", "covariance", "moments"])
def test_a_real_graph_gives_what_the_evaluation_does(statistic: str, tf32: bool, features: torch.dtype) -> None:
    there = torch.device("cuda")
    precision = Precision(torch.float32, features, tf32)
    here = engine_network(REFERENCE, features)
    network = here.to(there, features)
    built = objective_for(here, torch.float32, statistic=statistic, histogram_weight=50.0, laplacian_weight=30.0)
    objective = moved(built, there)
    eager, recorded = (
        WholeImage(network, objective),
        TiledEvaluator(network, objective, uncut(objective.taps), precision),
    )
    kept: list[tuple[Evaluation, Tensor]] = []
    for seed in range(FIRST + 6):
        x = tensor(pixels(SIZE, 10 + seed), torch.float32).to(there)
        with precision.applied(there):
            expected, again = eager.evaluate(x), eager.evaluate(x)
        actual = recorded.evaluate(x)
        kept.append((actual, actual.gradient.clone()))
        assert actual.parts == pytest.approx(expected.parts, rel=1e-3)
        nondeterministic = float((again.gradient - expected.gradient).norm())
        allowed = REPLAY_RTOL * float(expected.gradient.norm()) + REPLAY_NOISE_FACTOR * nondeterministic
        assert float((actual.gradient - expected.gradient).norm()) <= allowed
    assert recorded.is_replayed
    assert all(torch.equal(evaluation.gradient, copy) for evaluation, copy in kept)


@requires_cuda
def test_a_real_painting_is_replayed_at_every_size_without_a_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    evaluators: list[TiledEvaluator] = []
    replayed: list[bool] = []
    original = TiledEvaluator.evaluate

    def watched(self: TiledEvaluator, x: Tensor) -> Evaluation:
        evaluation = original(self, x)
        if self not in evaluators:
            evaluators.append(self)
            replayed.append(False)
        replayed[evaluators.index(self)] = self.is_replayed
        return evaluation

    monkeypatch.setattr(TiledEvaluator, "evaluate", watched)
    chosen = recipe(steps=60, scales=2, precision="float32")
    with caplog.at_level(logging.WARNING):
        *_, last = paint(picture((128, 144)), [StyleInput(picture((70, 90), 1))], chosen, small_network(), "cuda")
    assert last.best_loss is not None
    assert replayed
    assert all(replayed)
    assert not caplog.records


@requires_cuda
def test_real_work_that_cannot_be_recorded_goes_on_on_the_callers_stream(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(CudaGraphs, "failed", set())

    def reading(x: Tensor) -> tuple[Tensor, ...]:
        return (x * float(x.sum()),)

    there = torch.device("cuda")
    captured, before = GraphedFunction(reading, CudaGraphs(there, "evaluation")), torch.cuda.current_stream(there)
    with caplog.at_level(logging.WARNING):
        for x in inputs():
            (found,) = captured(x.to(there))
            torch.testing.assert_close(found.cpu(), reading(x)[0], rtol=1e-4, atol=1e-4)
    assert not captured.is_replayed
    assert len(caplog.records) == 1
    assert torch.cuda.current_stream(there) == before
    assert recorder_for(there, "evaluation") is None
    torch.cuda.empty_cache()
