"""Adam as TensorFlow 1 computes it, and the L-BFGS direction."""

from collections.abc import Sequence
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
    """Zero moments of the shape of x."""
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
    """One step of tf.train.AdamOptimizer: the next x and state.

    The "epsilon hat" form of Kingma & Ba, arXiv:1412.6980, end of section 2, as TensorFlow documents:
    lr_t = lr sqrt(1 - beta2^t) / (1 - beta1^t);  x -= lr_t m_t / (sqrt(v_t) + epsilon).
    PyTorch's Adam adds epsilon after the bias correction instead.
    """
    step = state.step + 1
    first = beta1 * state.first + (1.0 - beta1) * gradient
    second = beta2 * state.second + (1.0 - beta2) * gradient**2
    rate = learning_rate * np.sqrt(1.0 - beta2**step) / (1.0 - beta1**step)
    return x - rate * first / (np.sqrt(second) + epsilon), AdamState(step, first, second)


def lbfgs_direction(gradient: Array, pairs: Sequence[tuple[Array, Array]], scale: float | None = None) -> Array:
    """-H g by the two-loop recursion (Nocedal & Wright, Numerical Optimization, algorithm 7.4).

    `pairs` are (s, y) = (step, change of gradient), oldest first. H's start is `scale` times the identity:
    unless given, s.y / y.y of the newest pair (equation 7.20), and 1 without pairs. Any shape.
    """
    if scale is None:
        scale = _dot(*pairs[-1]) / _dot(pairs[-1][1], pairs[-1][1]) if pairs else 1.0
    q = gradient.astype(np.float64)
    taken: list[float] = []
    for s, y in reversed(pairs):
        alpha = _dot(s, q) / _dot(s, y)
        taken.append(alpha)
        q = q - alpha * y
    r = scale * q
    for (s, y), alpha in zip(pairs, reversed(taken), strict=True):
        beta = _dot(y, r) / _dot(s, y)
        r = r + (alpha - beta) * s
    return -r


def _dot(a: Array, b: Array) -> float:
    return float(np.sum(a * b))
