"""Adam and L-BFGS, against the reference and on problems with known solutions."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.support import Quadratic, Rosenbrock, array, assert_close, dot, tensor
from gramarye.engine.images.pictures import Bounds
from gramarye.engine.optimise import lbfgs
from gramarye.engine.optimise.adam import Adam
from gramarye.engine.optimise.curvature import Curvature
from gramarye.engine.optimise.evaluator import Evaluation, Evaluator
from gramarye.engine.optimise.lbfgs import LBFGS
from gramarye.engine.optimise.loop import optimise
from gramarye.engine.optimise.optimiser import Point
from gramarye.engine.optimise.spectrum import BANDS, BANDS_PER_OCTAVE, DECAY
from reference.optimisers import adam_start, adam_step, lbfgs_direction, spectral_filter, spectral_gains


def noise(size: tuple[int, int], seed: int, dtype: torch.dtype = torch.float64) -> Tensor:
    return tensor(np.random.default_rng(seed).standard_normal((*size, 3)), dtype)


def point(x: Tensor, evaluator: Evaluator) -> Point:
    return Point(x, evaluator.evaluate(x))


def pair(seed: int, size: tuple[int, int] = (6, 5)) -> tuple[Tensor, Tensor]:
    """A step, and a gradient change of positive curvature along it."""
    step = noise(size, seed)
    return step, 2.0 * step + 0.3 * noise(size, 100 + seed)


def update(curvature: Curvature, step: Tensor, change: Tensor) -> None:
    curvature.next_slot()
    curvature.update(step, change)


def bounds(least: float, greatest: float, dtype: torch.dtype = torch.float64) -> Bounds:
    return Bounds(torch.full((1, 3, 1, 1), least, dtype=dtype), torch.full((1, 3, 1, 1), greatest, dtype=dtype))


def test_adam_takes_tensorflows_steps() -> None:
    gradients = [noise((5, 4), seed) for seed in range(6)]
    x = array(100.0 * noise((5, 4), 9))
    optimiser = Adam(Point(tensor(x), Evaluation(0.0, gradients[0], {})), learning_rate=10.0)
    state = adam_start(x)
    for gradient, following in zip(gradients, [*gradients[1:], gradients[0]], strict=True):
        x, state = adam_step(x, array(gradient), state, 10.0)
        proposed = optimiser.propose()
        assert_close(array(proposed), x, 1e-12)
        optimiser.observe(Point(proposed, Evaluation(0.0, following, {})))


def test_adam_stays_within_bounds_and_restarts_with_a_quarter_of_its_rate() -> None:
    start = Point(torch.zeros(1, 3, 2, 2), Evaluation(1.0, torch.ones(1, 3, 2, 2), {}))
    optimiser = Adam(start, learning_rate=10.0, bounds=bounds(-4.0, 4.0, torch.float32))
    assert torch.equal(optimiser.propose(), torch.full((1, 3, 2, 2), -4.0))
    optimiser.restart(start)
    torch.testing.assert_close(optimiser.propose(), torch.full((1, 3, 2, 2), -2.5))


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (64, 65)])
def test_dot_sums_in_float64(size: tuple[int, int]) -> None:
    a, b = 1e4 + noise(size, 1, torch.float32), 1e4 + noise(size, 2, torch.float32)
    assert dot(a, b) == pytest.approx(float(torch.dot(a.double().flatten(), b.double().flatten())), rel=1e-6)


@pytest.mark.parametrize("pairs", [0, 1, 3, 5])
def test_compact_form_with_spectrum_matches_the_two_loop_reference(pairs: int) -> None:
    curvature = Curvature(3, noise((6, 5), 0))
    seen = []
    for seed in range(pairs):
        step, change = pair(seed)
        update(curvature, step, change)
        seen.append((array(step), array(change)))
    gradient = noise((6, 5), 50)
    gains = spectral_gains(seen, DECAY, BANDS, BANDS_PER_OCTAVE) if seen else None
    expected = lbfgs_direction(
        array(gradient), seen[-3:], start=lambda x: x if gains is None else spectral_filter(x, gains, BANDS_PER_OCTAVE)
    )
    assert_close(-array(curvature.apply(gradient)), expected, 1e-10)


@pytest.mark.parametrize("pairs", [1, 3, 5])
def test_repeating_an_update_changes_nothing(pairs: int) -> None:
    once, twice = (Curvature(3, noise((6, 5), 0)) for _ in range(2))
    for seed in range(pairs):
        update(once, *pair(seed))
        update(twice, *pair(seed))
        twice.update(*pair(seed))
    gradient = noise((6, 5), 50)
    assert torch.equal(twice.apply(gradient), once.apply(gradient))


@pytest.mark.parametrize("pairs", [2, 3, 5])
def test_a_rejected_pair_takes_a_row_and_changes_nothing_else(pairs: int) -> None:
    curvature, expected = Curvature(4, noise((6, 5), 0)), Curvature(3, noise((6, 5), 0))
    for seed in range(pairs):
        update(curvature, *pair(seed))
        update(expected, *pair(seed))
        if seed == pairs - 2:
            update(curvature, noise((6, 5), 8), -noise((6, 5), 8))
    assert float(curvature.pair_count()) == min(pairs, 3)
    gradient = noise((6, 5), 50)
    assert_close(array(curvature.apply(gradient)), array(expected.apply(gradient)), 1e-10)


def test_reading_all_rows_gives_the_same_as_reading_the_used_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a GPU, where recorded graphs read all rows."""
    curvature = Curvature(5, noise((6, 5), 0))
    gradient = noise((6, 5), 50)
    for seed in range(7):
        update(curvature, *pair(seed))
        expected = curvature.apply(gradient)
        with monkeypatch.context() as patched:
            patched.setattr(Curvature, "_slots_used", property(lambda own: len(own._steps)))
            assert_close(array(curvature.apply(gradient)), array(expected), 1e-12)
        if seed == 3:
            curvature.reset()


def test_a_pair_of_negative_curvature_is_rejected() -> None:
    curvature = Curvature(3, noise((4, 4), 0))
    update(curvature, noise((4, 4), 1), -noise((4, 4), 1))
    assert float(curvature.pair_count()) == 0.0
    gradient = noise((4, 4), 2)
    assert_close(array(curvature.apply(gradient)), array(gradient), 1e-14)


LBFGS_10: Callable[[Point], LBFGS] = lambda start: LBFGS(start, history=10)  # noqa: E731


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_lbfgs_finds_the_minimum_of_a_quadratic(dtype: torch.dtype) -> None:
    target = 50.0 * noise((8, 8), 1, dtype)
    steps = list(optimise(Quadratic(target), torch.zeros_like(target), 120, LBFGS_10))
    assert float((steps[-1].best.x - target).abs().max()) < 0.01
    losses = [step.point.evaluation.loss for step in steps]
    assert losses == sorted(losses, reverse=True)


def test_lbfgs_minimises_rosenbrocks_function() -> None:
    start = torch.full((1, 3, 2, 4), -12.0, dtype=torch.float64)
    *_, last = optimise(Rosenbrock(), start, 300, LBFGS_10)
    assert last.best.evaluation.loss < 1e-6
    assert float((last.best.x - 10.0).abs().max()) < 0.1


def test_lbfgs_first_step_is_bounded_for_any_gradient() -> None:
    target = torch.full((1, 3, 8, 8), 100.0, dtype=torch.float64)
    optimiser = LBFGS(point(torch.zeros_like(target), Quadratic(target, 1e12)), history=5)
    trial = optimiser.propose()
    assert trial is not None
    assert float(trial.abs().mean()) == pytest.approx(lbfgs.FIRST_STEP)


def test_lbfgs_rejects_and_shortens_a_step_that_raises_the_loss() -> None:
    target = noise((4, 4), 1)  # about 1 level away: the first step, of 4 levels, goes too far
    evaluator = Quadratic(target, condition=1.0)
    optimiser = LBFGS(point(torch.zeros_like(target), evaluator), history=5)
    first = optimiser.propose()
    assert first is not None
    optimiser.observe(point(first, evaluator))
    assert not optimiser.point.x.any()
    second = optimiser.propose()
    assert second is not None
    torch.testing.assert_close(second, target)  # the parabola through both losses is the quadratic itself


def test_lbfgs_with_bounds_ends_at_the_projection_of_the_minimum() -> None:
    target = 50.0 * noise((8, 8), 1)
    box = bounds(-20.0, 30.0)
    seen: list[Tensor] = []
    for step in optimise(Quadratic(target), torch.zeros_like(target), 150, lambda p: LBFGS(p, 10, box)):
        seen.append(step.point.x)
    assert all(float(x.min()) >= -20.0 and float(x.max()) <= 30.0 for x in seen)
    torch.testing.assert_close(seen[-1], target.clamp(-20.0, 30.0), rtol=0.0, atol=0.01)


def test_lbfgs_stops_at_the_minimum() -> None:
    target = noise((4, 4), 1)
    steps = list(optimise(Quadratic(target), target.clone(), 50, LBFGS_10))
    assert [step.number for step in steps] == [50]
    assert torch.equal(steps[0].best.x, target)


class Rounded:
    """A quadratic plus 1000 with a relative ``error`` in its loss; evaluation ``lucky`` is too low by three errors."""

    def __init__(self, target: Tensor, error: float, lucky: int) -> None:
        self._honest = Quadratic(target)
        self._error = error
        self._lucky = lucky

    def evaluate(self, x: Tensor) -> Evaluation:
        """The loss with its error, and the exact gradient."""
        exact = self._honest.evaluate(x)
        count = len(self._honest.losses)
        off = -3.0 if count == self._lucky else math.sin(count**2)
        return Evaluation((1000.0 + exact.loss) * (1.0 + off * self._error), exact.gradient, {})


def test_lbfgs_moves_on_from_a_loss_that_is_low_by_rounding() -> None:
    target, error = noise((8, 8), 1), 1e-3
    honest = Quadratic(target)

    def reached(tolerated: float) -> float:
        rounded = Rounded(target, error, lucky=6)
        steps = optimise(rounded, torch.zeros_like(target), 60, lambda p: LBFGS(p, 10, noise=tolerated))
        return min(honest.evaluate(step.point.x).loss for step in steps)

    assert reached(tolerated=4.0 * error) < 0.1 * reached(tolerated=0.0)


def test_lbfgs_is_exhausted_when_noisy_losses_stop_falling() -> None:
    start = Point(torch.zeros((1, 3, 4, 4)), Evaluation(5.0, torch.ones((1, 3, 4, 4)), {}))
    optimiser = LBFGS(start, history=5, noise=1e-3)
    for _ in range(lbfgs.PATIENCE):
        trial = optimiser.propose()
        assert trial is not None
        optimiser.observe(Point(trial, Evaluation(5.001, torch.ones_like(trial), {})))
    assert optimiser.propose() is None
    optimiser.restart(start)
    assert optimiser.propose() is not None


def test_a_direction_is_computed_without_synchronising(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = torch.Generator().manual_seed(3)
    curvature = Curvature(4, torch.zeros(1, 3, 24, 20))
    for _ in range(6):
        step = torch.randn(1, 3, 24, 20, generator=generator)
        update(curvature, step, 2.0 * step + 0.1 * torch.randn(step.shape, generator=generator))
    gradient = torch.randn(1, 3, 24, 20, generator=generator)
    expected = curvature.apply(gradient)

    def read(*_: object) -> None:
        raise AssertionError("the host waits for the device here")

    for name in ("item", "tolist", "cpu", "numpy", "__float__", "__bool__", "__int__"):
        monkeypatch.setattr(Tensor, name, read)
    found = curvature.apply(gradient)
    monkeypatch.undo()
    assert torch.equal(found, expected)
