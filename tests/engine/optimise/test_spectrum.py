"""L-BFGS' initial filter: against the reference, and the properties that make every step a descent step."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.support import array, assert_close, dot, tensor
from gramarye.engine.numeric import blocked
from gramarye.engine.optimise.evaluator import Evaluation
from gramarye.engine.optimise.lbfgs import LBFGS
from gramarye.engine.optimise.loop import optimise
from gramarye.engine.optimise.spectrum import BANDS, BANDS_PER_OCTAVE, DECAY, MAX_GAIN, MIN_GAIN, Spectrum
from reference.optimisers import spectral_filter, spectral_gains

SIZES = [(6, 5), (16, 16), (17, 24), (40, 31), (1, 7)]


def noise(size: tuple[int, int], seed: int, dtype: torch.dtype = torch.float64) -> Tensor:
    return tensor(np.random.default_rng(seed).standard_normal((*size, 3)), dtype)


def smooth(x: Tensor) -> Tensor:
    return x + 0.9 * torch.roll(x, (1, 1), (2, 3))


def trained_spectrum(size: tuple[int, int], dtype: torch.dtype = torch.float64) -> Spectrum:
    spectrum = Spectrum(noise(size, 0, dtype))
    for seed in range(3):
        step = noise(size, seed, dtype)
        update(spectrum, step, smooth(step))
    return spectrum


def update(spectrum: Spectrum, step: Tensor, change: Tensor, is_sound: bool = True) -> float:
    spectrum.advance()
    return float(spectrum.update(step, change, torch.tensor([is_sound])))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("slab", [8, blocked.BLOCK])
def test_the_filter_matches_the_reference(size: tuple[int, int], slab: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocked, "BLOCK", slab)  # 8: a few rows of one channel at a time; otherwise all at once
    x = noise(size, 9)
    pairs = [(array(noise(size, seed)), array(smooth(noise(size, seed)))) for seed in range(3)]
    expected = spectral_filter(array(x), spectral_gains(pairs, DECAY, BANDS, BANDS_PER_OCTAVE), BANDS_PER_OCTAVE)
    assert_close(array(trained_spectrum(size).apply(x)), expected, 1e-10)


@pytest.mark.parametrize("size", SIZES)
def test_update_returns_the_product_of_the_change_and_its_filtered_self(size: tuple[int, int]) -> None:
    spectrum = trained_spectrum(size)
    step, change = noise(size, 7), smooth(noise(size, 7))
    product = update(spectrum, step, change)
    assert product == pytest.approx(dot(change, spectrum.apply(change)), rel=1e-9)


@pytest.mark.parametrize("size", SIZES)
def test_the_filter_is_symmetric_and_positive(size: tuple[int, int]) -> None:
    spectrum = trained_spectrum(size)
    a, b = noise(size, 5), noise(size, 6)
    assert dot(a, spectrum.apply(b)) == pytest.approx(dot(spectrum.apply(a), b), rel=1e-9)
    assert dot(a, spectrum.apply(a)) > 0.0


def test_gains_stay_within_their_bounds_for_any_pairs() -> None:
    step = noise((32, 32), 1)
    spectrum, flat = Spectrum(step), torch.ones_like(step)
    update(spectrum, flat, step)
    update(spectrum, step, flat)
    filtered = spectrum.apply(step).norm() / step.norm()
    assert MIN_GAIN <= float(filtered) <= MAX_GAIN


def test_a_repeated_update_and_a_rejected_pair_change_nothing() -> None:
    size = (40, 31)
    once, other, x = trained_spectrum(size), trained_spectrum(size), noise(size, 9)
    step = noise(size, 5)
    for spectrum in (once, other):
        update(spectrum, step, smooth(step))
    other.update(step, smooth(step), torch.tensor([True]))
    update(other, x, -x, is_sound=False)
    assert_close(array(other.apply(x)), array(once.apply(x)), 1e-14)


def test_bfloat16_pairs_give_the_gains_of_float32_ones() -> None:
    step = noise((40, 31), 1, torch.float32)
    exact, rounded = Spectrum(step), Spectrum(step)
    update(exact, step, smooth(step))
    update(rounded, step.to(torch.bfloat16), smooth(step).to(torch.bfloat16))
    x = noise((40, 31), 2, torch.float32)
    assert_close(array(rounded.apply(x)), array(exact.apply(x)), 1e-2)


class Waves:
    """1/2 sum k |x - target|^2 over Fourier components; the curvature k grows with the frequency."""

    def __init__(self, target: Tensor) -> None:
        self._target = target
        rows, columns = torch.fft.fftfreq(target.shape[2]).double(), torch.fft.rfftfreq(target.shape[3]).double()
        self._curvatures = 1.0 + 1e4 * torch.hypot(rows[:, None], columns) ** 2

    def evaluate(self, x: Tensor) -> Evaluation:
        """Loss and gradient at x."""
        offset = x - self._target
        gradient = torch.fft.irfft2(self._curvatures * torch.fft.rfft2(offset), s=x.shape[2:])
        return Evaluation(0.5 * dot(offset, gradient), gradient, {})


def test_the_spectrum_halves_the_steps_of_a_problem_stiff_by_frequency(monkeypatch: pytest.MonkeyPatch) -> None:
    target = 50.0 * noise((32, 48), 1)

    def steps() -> int:
        first = Waves(target).evaluate(torch.zeros_like(target)).loss
        taken = optimise(Waves(target), torch.zeros_like(target), 400, lambda p: LBFGS(p, 5))
        return next(step.number for step in taken if step.best.evaluation.loss < 1e-8 * first)

    with_spectrum = steps()
    monkeypatch.setattr(Spectrum, "apply", lambda _self, x: x)
    monkeypatch.setattr(Spectrum, "update", lambda _self, _step, change, _sound: change.double().square().sum())
    assert 2 * with_spectrum < steps()
