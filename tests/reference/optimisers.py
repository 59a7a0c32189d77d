"""Adam as in TensorFlow 1, spectral preconditioning, and the L-BFGS direction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from reference.arrays import Array


@dataclass(frozen=True)
class AdamState:
    """The moments after `step` steps."""

    step: int
    first: Array
    second: Array


def adam_start(x: Array) -> AdamState:
    """Return zero moments of the shape of x."""
    return AdamState(0, np.zeros_like(x), np.zeros_like(x))


def adam_step(
    x: Array,
    gradient: Array,
    state: AdamState,
    learning_rate: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    epsilon: float = 1e-8,
) -> tuple[Array, AdamState]:
    """Return the next x and state after one step of tf.train.AdamOptimizer.

    The "epsilon hat" form of Kingma & Ba, arXiv:1412.6980, end of section 2, as TensorFlow documents:
    lr_t = lr sqrt(1 - beta2^t) / (1 - beta1^t);  x -= lr_t m_t / (sqrt(v_t) + epsilon).
    PyTorch's Adam adds epsilon after the bias correction instead.
    """
    step = state.step + 1
    first = beta1 * state.first + (1.0 - beta1) * gradient
    second = beta2 * state.second + (1.0 - beta2) * gradient**2
    rate = learning_rate * np.sqrt(1.0 - beta2**step) / (1.0 - beta1**step)
    return x - rate * first / (np.sqrt(second) + epsilon), AdamState(step, first, second)


def spectral_gains(pairs: Sequence[tuple[Array, Array]], kept: float, bands: int, per_octave: int) -> Array:
    """Return |s| / |y| in each band of spatial frequencies, over pairs (s, y), (H, W, 3), oldest first.

    The energies of a pair are normalised to sum to 1, and averaged over pairs with decay `kept`. A wave of r cycles per
    pixel lies at -per_octave log2(r / sqrt(1/2)) among the bands, and is split linearly between the two nearest. Bands
    without energy get 0.
    """
    steps, changes = np.zeros(bands), np.zeros(bands)
    for s, y in pairs:
        weights = _band_weights(s.shape[:2], bands, per_octave)
        ss, yy = (np.einsum("khw,hwc->k", weights, np.abs(np.fft.fft2(x, axes=(0, 1))) ** 2) for x in (s, y))
        steps = kept * steps + (1.0 - kept) * ss / ss.sum()
        changes = kept * changes + (1.0 - kept) * yy / yy.sum()
    gains: Array = np.sqrt(np.divide(steps, changes, out=np.zeros(bands), where=changes > 0.0))
    return gains


def spectral_filter(x: Array, gains: Array, per_octave: int) -> Array:
    """Return x (H, W, 3) with every wave multiplied by the interpolated gain of its bands; borders are periodic."""
    gain = np.einsum("khw,k->hw", _band_weights(x.shape[:2], len(gains), per_octave), gains)
    filtered: Array = np.fft.ifft2(gain[:, :, np.newaxis] * np.fft.fft2(x, axes=(0, 1)), axes=(0, 1)).real
    return filtered


def _band_weights(size: tuple[int, ...], bands: int, per_octave: int) -> Array:
    """Return (bands, H, W): the share of each wave in each band."""
    vertical, horizontal = np.meshgrid(np.fft.fftfreq(size[0]), np.fft.fftfreq(size[1]), indexing="ij")
    radius = np.hypot(vertical, horizontal)
    radius[0, 0] = 1e-30  # the mean belongs to the coarsest band
    place = np.clip(-per_octave * np.log2(radius / np.sqrt(0.5)), 0.0, bands - 1.0)
    weights: Array = np.maximum(0.0, 1.0 - np.abs(place - np.arange(bands)[:, np.newaxis, np.newaxis]))
    return weights


def lbfgs_direction(
    gradient: Array,
    pairs: Sequence[tuple[Array, Array]],
    scale: float | None = None,
    start: Callable[[Array], Array] = lambda x: x,
) -> Array:
    """-H g by the two-loop recursion (Nocedal & Wright, Numerical Optimization, algorithm 7.4).

    `pairs` are (s, y) = (step, change of gradient), oldest first, arrays of any shape. The initial H is `scale` times
    the linear map `start`, P. The default scale is s.y / y.P.y of the newest pair (equation 7.20, where P = 1), or 1
    without pairs.
    """
    if scale is None:
        scale = _dot(*pairs[-1]) / _dot(pairs[-1][1], start(pairs[-1][1])) if pairs else 1.0
    q = gradient.astype(np.float64)
    taken: list[float] = []
    for s, y in reversed(pairs):
        alpha = _dot(s, q) / _dot(s, y)
        taken.append(alpha)
        q = q - alpha * y
    r = scale * start(q)
    for (s, y), alpha in zip(pairs, reversed(taken), strict=True):
        beta = _dot(y, r) / _dot(s, y)
        r = r + (alpha - beta) * s
    return -r


def _dot(a: Array, b: Array) -> float:
    return float(np.sum(a * b))
