"""`CudaGraphs` on a fake `torch.cuda`: streams and failures; and on a real GPU, whole evaluations and paintings."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
from torch import Tensor

from engine.cuda.support import FIRST, REFERENCE, SIZE, inputs, moved, objective_for, squares
from engine.support import WholeImage, engine_network, picture, pixels, recipe, small_network, tensor
from gramarye.engine.cuda.graphs import (
    REPLAY_NOISE_FACTOR,
    REPLAY_RTOL,
    CudaGraphs,
    GraphedFunction,
    recorder_for,
)
from gramarye.engine.numeric.precision import Precision
from gramarye.engine.optimise.evaluator import Evaluation, TiledEvaluator
from gramarye.engine.paint import StyleInput, paint
from gramarye.engine.tiling.segments import uncut
from support.cuda import requires_cuda


class FakeCuda:
    """A fake `torch.cuda`: ``calls`` lists the operations on streams and graphs, ``current`` is the current stream."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fails: bool = False) -> None:
        self.calls: list[str] = []
        self.current = "main"
        self._fails = fails
        for name, fake in [
            ("Stream", lambda _device: FakeStream(self, "side")),
            ("current_stream", lambda _device: FakeStream(self, self.current)),
            ("stream", self._on),
            ("graph", self._recording),
            ("CUDAGraph", lambda: FakeGraph(self)),
        ]:
            monkeypatch.setattr(torch.cuda, name, fake)
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
        self.current = stream.name  # like torch.cuda.graph, which does not restore it if the recording fails
        yield
        if self._fails:
            raise RuntimeError("CUDA error: operation failed due to a previous error during capture")


class FakeStream:
    """A stream of `FakeCuda`."""

    def __init__(self, cuda: FakeCuda, name: str) -> None:
        self._cuda = cuda
        self.name = name

    def wait_stream(self, other: FakeStream) -> None:
        self._cuda.calls.append(f"{self.name} waits for {other.name}")


class FakeGraph:
    """A graph of `FakeCuda`."""

    name = "graph"

    def __init__(self, cuda: FakeCuda) -> None:
        self._cuda = cuda

    def replay(self) -> None:
        self._cuda.calls.append(f"replay on {self._cuda.current}")


def test_the_recorder_runs_and_records_on_one_side_stream_and_the_callers_stream_waits_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cuda = FakeCuda(monkeypatch)
    recorder = recorder_for(torch.device("cuda"), "evaluation")
    assert recorder is not None
    x = inputs()[0]
    for actual, expected in zip(recorder.run(cuda.work, x), squares(x), strict=True):
        assert torch.equal(actual, expected)
    assert cuda.calls == ["side waits for main", "work on side", "main waits for side"]
    cuda.calls.clear()
    replay = recorder.record(cuda.work, x)
    assert cuda.calls == ["recording graph on side", "work on side"]
    assert cuda.current == "main"
    cuda.calls.clear()
    first, second = replay(), replay()
    assert cuda.calls == ["replay on main"] * 2
    assert all(one is other for one, other in zip(first, second, strict=True))


def test_a_failed_recording_restores_the_callers_stream_and_is_not_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cuda, there = FakeCuda(monkeypatch, fails=True), torch.device("cuda")
    recorder = recorder_for(there, "evaluation")
    assert recorder is not None
    captured = GraphedFunction(cuda.work, recorder)
    for x in inputs():
        for actual, expected in zip(captured(x), squares(x), strict=True):
            assert torch.equal(actual, expected)
        assert cuda.current == "main"
    assert not captured.is_replayed
    assert cuda.calls.count("recording graph on side") == 1
    assert recorder_for(there, "evaluation") is None
    assert recorder_for(there, "direction") is not None, "another kind"


@pytest.mark.parametrize("kind", ["cpu", "mps", "xpu"])
def test_only_cuda_devices_have_a_recorder(kind: str) -> None:
    assert recorder_for(torch.device(kind), "evaluation") is None


@requires_cuda
@pytest.mark.parametrize("features", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("tf32", [False, True])
@pytest.mark.parametrize("statistic", ["gram", "covariance", "moments"])
def test_a_real_graph_equals_the_plain_evaluation(statistic: str, tf32: bool, features: torch.dtype) -> None:
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
def test_a_real_failed_recording_falls_back_to_the_callers_stream(
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
