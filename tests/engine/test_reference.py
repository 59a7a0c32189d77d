"""The NumPy reference itself: layers against a second implementation, gradients against finite differences."""

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from scipy import signal

from reference import layers, terms, vgg
from reference.arrays import Array, Taps
from reference.finite_differences import derivative, smooth_step
from reference.objective import SEED_STYLE_LAYERS, Problem, evaluate, problem, tap
from reference.optimisers import adam_start, adam_step, lbfgs_direction
from reference.seed_recipe import run_seed, seed_pixels
from reference.statistics import Statistic, covariance, gram, statistic, statistic_gradient
from reference.terms import Normalisation

SIZES = [(32, 32), (37, 45), (17, 16)]
SMALL_SIZES = [*SIZES, (1, 1), (1, 7), (2, 1)]
NORMALISATIONS: list[Normalisation] = ["sum", "mean", "relative"]
STATISTICS: list[Statistic] = ["gram", "covariance", "moments"]
NETWORK = vgg.random_network()
FULL_NETWORK = vgg.random_network(depth="conv5_4")


def noise(shape: tuple[int, ...], seed: int = 0) -> Array:
    return np.random.default_rng(seed).standard_normal(shape)


def picture(size: tuple[int, int], seed: int) -> Array:
    """Pixels 0..255 minus 128."""
    return np.random.default_rng(seed).uniform(0.0, 255.0, (*size, 3)) - 128.0


def assert_gradient(function: Callable[[Array], float], gradient: Array, x: Array, step: float) -> None:
    """Assert a smooth function's gradient along three random directions."""
    for seed in range(3):
        direction = noise(x.shape, seed)
        expected = derivative(function, x, direction, step)
        assert np.sum(gradient * direction) == pytest.approx(expected, rel=1e-6)


def assert_network_gradient(function: Callable[[Array], float], gradient: Array, x: Array, depth: str) -> None:
    """Assert a gradient along itself, along a mixed direction, and at two opposite corner pixels."""
    along = gradient / np.sqrt(np.mean(gradient**2))
    corners = np.zeros((2, *x.shape))
    corners[0, 0, 0, 0] = corners[1, -1, -1, -1] = 1.0
    for direction in (along, noise(x.shape, 1) + 0.5 * along, *corners):
        step = smooth_step(FULL_NETWORK, x, direction, depth)
        expected = derivative(function, x, direction, step)
        assert np.sum(gradient * direction) == pytest.approx(expected, rel=1e-6)


# Layers


@pytest.mark.parametrize("size", SMALL_SIZES)
def test_convolution_is_zero_padded_cross_correlation(size: tuple[int, int]) -> None:
    x, kernel, bias = noise((*size, 3), 1), noise((5, 3, 3, 3), 2), noise((5,), 3)
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
    expected = np.zeros((*size, 5)) + bias
    for o, c in product(range(5), range(3)):
        expected[..., o] += signal.correlate2d(padded[..., c], kernel[o, c], mode="valid")
    np.testing.assert_allclose(layers.conv3x3(x, kernel, bias), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("size", SMALL_SIZES)
def test_convolution_gradient_is_the_adjoint(size: tuple[int, int]) -> None:
    x, kernel, upstream = noise((*size, 3), 1), noise((5, 3, 3, 3), 2), noise((*size, 5), 3)
    forward = layers.conv3x3(x, kernel, np.zeros(5))
    adjoint = layers.conv3x3_gradient(kernel, upstream)
    assert np.sum(forward * upstream) == pytest.approx(np.sum(x * adjoint), rel=1e-12, abs=1e-12)


def test_relu_passes_no_gradient_at_zero() -> None:
    x = np.array([-1.0, 0.0, 2.0])
    np.testing.assert_array_equal(layers.relu(x), [0.0, 0.0, 2.0])
    np.testing.assert_array_equal(layers.relu_gradient(x, np.full(3, 5.0)), [0.0, 0.0, 5.0])


@pytest.mark.parametrize("size", SMALL_SIZES)
@pytest.mark.parametrize("tied", [False, True])
def test_pooling_clips_border_windows_and_ties_go_to_the_first(size: tuple[int, int], tied: bool) -> None:
    x = noise((*size, 3)) - 2.0  # mostly negative: a zero-padded window would show
    if tied:
        x = np.round(x)
    rows, columns = -(-size[0] // 2), -(-size[1] // 2)
    upstream = noise((rows, columns, 3), 1)
    pooled, gradient = np.empty((rows, columns, 3)), np.zeros_like(x)
    for i, j, c in product(range(rows), range(columns), range(3)):
        inside = [(a, b) for a in (2 * i, 2 * i + 1) for b in (2 * j, 2 * j + 1) if a < size[0] and b < size[1]]
        first = max(inside, key=lambda at: x[at[0], at[1], c])  # the first of ties, in row-major order
        pooled[i, j, c] = x[first[0], first[1], c]
        gradient[first[0], first[1], c] += upstream[i, j, c]
    np.testing.assert_array_equal(layers.max_pool(x), pooled)
    np.testing.assert_array_equal(layers.max_pool_gradient(x, upstream), gradient)


# The network


def test_layer_table_is_the_seeds() -> None:
    blocks = [name for name in vgg.LAYERS if name.startswith("conv")]
    assert [sum(name[4] == str(b) for name in blocks) for b in range(1, 6)] == [2, 2, 4, 4, 4]
    assert len(vgg.LAYERS) == 36
    assert vgg.LAYERS[:6] == ("conv1_1", "relu1_1", "conv1_2", "relu1_2", "pool1", "conv2_1")
    assert vgg.LAYERS[-9:-6] == ("pool4", "conv5_1", "relu5_1")
    assert vgg.LAYERS[-1] == "relu5_4"


def test_forward_chains_the_layers_in_order() -> None:
    x = picture((17, 13), 1)
    taps = vgg.forward(FULL_NETWORK, x)
    assert tuple(taps) == vgg.LAYERS
    for name, below in zip(vgg.LAYERS, (x, *taps.values()), strict=False):
        if name.startswith("conv"):
            expected = layers.conv3x3(below, *FULL_NETWORK[name])
        else:
            expected = layers.relu(below) if name.startswith("relu") else layers.max_pool(below)
        np.testing.assert_array_equal(taps[name], expected)


def test_forward_stops_at_its_depth_and_sizes_round_up() -> None:
    taps = vgg.forward(FULL_NETWORK, picture((37, 45), 1), "pool4")
    assert list(taps)[-1] == "pool4"
    assert [taps[f"pool{b}"].shape[:2] for b in range(1, 5)] == [(19, 23), (10, 12), (5, 6), (3, 3)]
    assert list(vgg.forward(NETWORK, picture((8, 8), 1)))[-1] == "relu5_1"
    with pytest.raises(KeyError):
        vgg.forward(NETWORK, picture((8, 8), 1), "conv5_2")
    with pytest.raises(ValueError, match="relu6_1"):
        vgg.forward(NETWORK, picture((8, 8), 1), "relu6_1")


def test_random_network_keeps_the_pixels_magnitude_to_the_last_layer() -> None:
    taps = vgg.forward(FULL_NETWORK, picture((37, 45), 1))
    deviations = [float(np.std(taps[name])) for name in vgg.LAYERS if name.startswith("conv")]
    assert 10.0 < min(deviations) <= max(deviations) < 1000.0
    assert min(np.mean(taps[name] > 0) for name in vgg.LAYERS if name.startswith("relu")) > 0.15


@pytest.mark.parametrize("name", vgg.LAYERS)
def test_gradient_from_every_tap(name: str) -> None:
    x = picture((17, 16), 1)
    taps = vgg.forward(FULL_NETWORK, x, name)
    probe = noise(taps[name].shape, 2)
    gradient = vgg.backward(FULL_NETWORK, taps, {name: probe})
    assert_network_gradient(
        lambda at: float(np.sum(probe * vgg.forward(FULL_NETWORK, at, name)[name])), gradient, x, name
    )


@pytest.mark.parametrize("size", SIZES)
def test_gradient_from_all_taps_together(size: tuple[int, int]) -> None:
    x = picture(size, 1)
    taps = vgg.forward(FULL_NETWORK, x)
    probes = {name: noise(features.shape, seed) for seed, (name, features) in enumerate(taps.items())}

    def loss(at: Array) -> float:
        return sum(float(np.sum(probes[n] * f)) for n, f in vgg.forward(FULL_NETWORK, at).items())

    assert_network_gradient(loss, vgg.backward(FULL_NETWORK, taps, probes), x, "relu5_4")


# Statistics


@pytest.mark.parametrize("normalise", [False, True])
def test_statistics_are_sums_over_positions(normalise: bool) -> None:
    features = noise((5, 3, 4))
    mean = [sum(features[i, j, c] for i in range(5) for j in range(3)) / 15 for c in range(4)]
    expected = np.zeros((2, 4, 4))
    for a, b, i, j in product(range(4), range(4), range(5), range(3)):
        expected[0, a, b] += features[i, j, a] * features[i, j, b]
        expected[1, a, b] += (features[i, j, a] - mean[a]) * (features[i, j, b] - mean[b])
    expected /= 15 if normalise else 1
    np.testing.assert_allclose(gram(features, normalise=normalise), expected[0], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(covariance(features, normalise=normalise), expected[1], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("kind", STATISTICS)
@pytest.mark.parametrize("normalise", [False, True])
def test_statistic_gradients(kind: Statistic, normalise: bool) -> None:
    features = noise((5, 3, 4), 1) + 1.0
    probe = noise(statistic(features, kind).shape, 2)
    gradient = statistic_gradient(features, probe, kind, normalise=normalise)

    def probed(at: Array) -> float:
        return float(np.sum(probe * statistic(at, kind, normalise=normalise)))

    assert_gradient(probed, gradient, features, step=0.1)


# Terms, written out


def two_layers(sizes: tuple[tuple[int, int], tuple[int, int]], seed: int) -> dict[str, Array]:
    return {"a": noise((*sizes[0], 4), seed) + 1.0, "b": noise((*sizes[1], 3), seed + 1)}


def test_content_values() -> None:
    features, targets = two_layers(((5, 3), (2, 2)), 1), two_layers(((5, 3), (2, 2)), 3)
    distances = {n: sum((features[n][i] - targets[n][i]) ** 2 for i in np.ndindex(targets[n].shape)) for n in "ab"}
    energies = {n: sum(targets[n][i] ** 2 for i in np.ndindex(targets[n].shape)) for n in "ab"}
    expected = {
        "sum": (distances["a"] + distances["b"]) / 2,
        "mean": distances["a"] / 60 + distances["b"] / 12,
        "relative": (distances["a"] / energies["a"] + distances["b"] / energies["b"]) / 2,
    }
    for normalisation in NORMALISATIONS:
        value = terms.content(features, targets, normalisation).value
        assert value == pytest.approx(expected[normalisation], rel=1e-12)


def test_style_values_with_two_pictures_of_other_sizes() -> None:
    features = two_layers(((5, 3), (2, 2)), 1)
    styles = [two_layers(((4, 4), (3, 1)), 3), two_layers(((1, 2), (6, 5)), 5)]
    weights = [1.0, 3.0]
    expected = dict.fromkeys(NORMALISATIONS, 0.0)
    for weight, style in zip(weights, styles, strict=True):
        for name, m, c in (("a", 15, 4), ("b", 4, 3)):
            flat, target = features[name].reshape(-1, c), style[name].reshape(-1, c)
            g, a = flat.T @ flat, target.T @ target
            expected["sum"] += weight * np.sum((g - a) ** 2) / (4 * m**2 * c**2) / 2
            g, a = g / m, a / len(target)
            expected["mean"] += weight / 4 * float(np.mean(((g - a) / c) ** 2))
            expected["relative"] += weight / 4 * np.sum((g - a) ** 2) / np.sum(a**2) / 2
    for normalisation in NORMALISATIONS:
        value = terms.style(features, styles, weights, normalisation).value
        assert value == pytest.approx(expected[normalisation], rel=1e-12)


@pytest.mark.parametrize("kind", STATISTICS)
def test_covariance_style_ignores_a_constant_and_gram_does_not(kind: Statistic) -> None:
    features = two_layers(((5, 3), (2, 2)), 1)
    shifted = {name: value + 7.0 for name, value in features.items()}
    for normalisation in NORMALISATIONS:
        value = terms.style(features, [shifted], [1.0], normalisation, kind).value
        assert (value < 1e-20) == (kind == "covariance")


@pytest.mark.parametrize("size", [(1, 1), (1, 4), (3, 1), (4, 5)])
def test_total_variation_values(size: tuple[int, int]) -> None:
    pixels = picture(size, 1)
    squares = [
        (pixels[i + di, j + dj, c] - pixels[i, j, c]) ** 2
        for i, j, c, (di, dj) in product(range(size[0]), range(size[1]), range(3), ((0, 1), (1, 0)))
        if i + di < size[0] and j + dj < size[1]
    ]
    relative = sum(squares) / len(squares) / 255**2 if squares else 0.0
    for normalisation, expected in zip(NORMALISATIONS, (sum(squares) / 2, sum(squares) / 2, relative), strict=True):
        value = terms.total_variation(pixels, normalisation).value
        assert value == pytest.approx(expected, rel=1e-12)


def test_relative_terms_survive_an_empty_target() -> None:
    zero = {"a": np.zeros((2, 2, 3))}
    assert terms.content(zero, zero, "relative").value == 0.0
    assert terms.style(zero, [zero], [1.0], "relative").value == 0.0


# Gradients of the terms


@pytest.mark.parametrize("normalisation", NORMALISATIONS)
def test_content_gradients_by_features(normalisation: Normalisation) -> None:
    features, targets = two_layers(((5, 3), (2, 2)), 1), two_layers(((5, 3), (2, 2)), 3)
    gradients = terms.content(features, targets, normalisation).gradients
    for name in "ab":

        def value(at: Array, name: str = name) -> float:
            return terms.content({**features, name: at}, targets, normalisation).value

        assert_gradient(value, gradients[name], features[name], step=0.1)


@pytest.mark.parametrize("normalisation", NORMALISATIONS)
@pytest.mark.parametrize("kind", STATISTICS)
def test_style_gradients_by_features(normalisation: Normalisation, kind: Statistic) -> None:
    features = two_layers(((5, 3), (2, 2)), 1)
    styles = [two_layers(((4, 4), (3, 3)), 3), two_layers(((2, 2), (6, 5)), 5)]
    gradients = terms.style(features, styles, [1.0, 3.0], normalisation, kind).gradients
    for name in "ab":

        def value(at: Array, name: str = name) -> float:
            return terms.style({**features, name: at}, styles, [1.0, 3.0], normalisation, kind).value

        assert_gradient(value, gradients[name], features[name], step=0.1)


@pytest.mark.parametrize("normalisation", NORMALISATIONS)
@pytest.mark.parametrize("size", [(1, 4), (3, 1), (4, 5)])
def test_total_variation_gradients(normalisation: Normalisation, size: tuple[int, int]) -> None:
    pixels = picture(size, 1)
    gradient = terms.total_variation(pixels, normalisation).gradient
    assert_gradient(lambda at: terms.total_variation(at, normalisation).value, gradient, pixels, step=10.0)


def problem_for(size: tuple[int, int], normalisation: Normalisation, kind: Statistic = "gram") -> Problem:
    """A problem with every term at a weight that matters."""
    return problem(
        NETWORK,
        picture(size, 1),
        [picture((24, 31), 2), picture((15, 20), 3)],
        normalisation=normalisation,
        content_layers=("relu2_2", "relu4_1"),
        style_shares=(1.0, 2.0),
        statistic=kind,
        content_weight=7.0,
        style_weight=400.0,
        tv_weight=5.0,
    )


@pytest.mark.parametrize("normalisation", NORMALISATIONS)
@pytest.mark.parametrize("kind", STATISTICS)
@pytest.mark.parametrize("size", SIZES)
def test_objective_gradient_by_pixels(normalisation: Normalisation, kind: Statistic, size: tuple[int, int]) -> None:
    fixed, x = problem_for(size, normalisation, kind), picture(size, 5)
    gradient = evaluate(fixed, x).gradient
    assert_network_gradient(lambda at: evaluate(fixed, at).total, gradient, x, "relu5_1")


@pytest.mark.parametrize("normalisation", NORMALISATIONS)
def test_objective_gradient_at_every_pixel_of_a_small_picture(normalisation: Normalisation) -> None:
    size = (5, 3)
    fixed, x = problem_for(size, normalisation), picture(size, 5)
    gradient = evaluate(fixed, x).gradient
    for index in np.ndindex(x.shape):
        direction = np.zeros_like(x)
        direction[index] = 1.0
        step = smooth_step(NETWORK, x, direction, "relu5_1")
        expected = derivative(lambda at: evaluate(fixed, at).total, x, direction, step)
        assert gradient[index] == pytest.approx(expected, rel=1e-6, abs=1e-7 * np.abs(gradient).max())


def test_objective_is_the_weighted_sum_of_its_terms() -> None:
    at = evaluate(problem_for((17, 16), "mean"), picture((17, 16), 5))
    assert at.total == 7.0 * at.content + 400.0 * at.style + 5.0 * at.total_variation
    assert min(at.content, at.style, at.total_variation) > 0.0


# Optimisers


def test_adam_is_the_bias_corrected_form_with_epsilon_rescaled() -> None:
    x, state = noise((3, 4, 3)), adam_start(noise((3, 4, 3)))
    gradients = [noise(x.shape, seed) * 10.0 ** (seed - 4) for seed in range(1, 6)]
    for t, gradient in enumerate(gradients, start=1):
        m = sum(0.1 * 0.9 ** (t - i) * g for i, g in enumerate(gradients[:t], start=1)) / (1 - 0.9**t)
        v = sum(0.001 * 0.999 ** (t - i) * g**2 for i, g in enumerate(gradients[:t], start=1)) / (1 - 0.999**t)
        expected = x - 10.0 * m / (np.sqrt(v) + 1e-8 / np.sqrt(1 - 0.999**t))
        x, state = adam_step(x, gradient, state, 10.0)
        np.testing.assert_allclose(x, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("scale", [None, 0.3])
def test_lbfgs_direction_is_the_dense_bfgs_inverses(scale: float | None) -> None:
    generator = np.random.default_rng(0)
    root = generator.standard_normal((12, 12))
    hessian = root @ root.T + np.eye(12)
    steps = generator.standard_normal((5, 12))
    pairs = [(s, hessian @ s) for s in steps]
    gradient = generator.standard_normal(12)
    s, y = pairs[-1]
    inverse = np.eye(12) * (s @ y / (y @ y) if scale is None else scale)
    for s, y in pairs:  # Nocedal & Wright, equation 6.17
        rho = 1.0 / (s @ y)
        left = np.eye(12) - rho * np.outer(s, y)
        inverse = left @ inverse @ left.T + rho * np.outer(s, s)
    np.testing.assert_allclose(lbfgs_direction(gradient, pairs, scale), -inverse @ gradient, rtol=1e-9)
    shaped = lbfgs_direction(
        gradient.reshape(2, 2, 3), [(s.reshape(2, 2, 3), y.reshape(2, 2, 3)) for s, y in pairs], scale
    )
    np.testing.assert_allclose(shaped.ravel(), lbfgs_direction(gradient, pairs, scale), rtol=1e-12)


def test_lbfgs_direction_without_history_is_steepest_descent() -> None:
    gradient = noise((2, 3))
    np.testing.assert_array_equal(lbfgs_direction(gradient, []), -gradient)


# The seed's loop


def seed_loss(content: Taps, styles: list[Taps], x: Array) -> float:
    """The loss of the seed document: style weight 400 over 5 layers, content weight 7."""
    nets = vgg.forward(NETWORK, x)
    total = 0.0
    for style in styles:
        for name in SEED_STYLE_LAYERS:
            height, width, channels = nets[name].shape
            feats, style_feats = nets[name].reshape(-1, channels), style[name].reshape(-1, channels)
            base = (height * width) ** 2 * channels**2 * 2
            total += np.sum((feats.T @ feats - style_feats.T @ style_feats) ** 2) / 2 / base
    return float(7.0 * np.sum((nets["relu4_1"] - content["relu4_1"]) ** 2) / 2 + 400.0 * total / 5)


def test_seed_loop_steps_then_evaluates_and_keeps_the_best() -> None:
    content = picture((17, 16), 1) + 128.0
    styles = [picture((20, 13), 2) + 128.0, picture((9, 24), 3) + 128.0]
    initial = noise((17, 16, 3), 4)
    run = run_seed(NETWORK, content, styles, initial, 12)
    content_taps = tap(NETWORK, content - 128.0, ("relu4_1",))
    style_taps: list[Taps] = [tap(NETWORK, style - 128.0, SEED_STYLE_LAYERS) for style in styles]
    first = run_seed(NETWORK, content, styles, initial, 1)
    assert np.abs(first.last - initial).max() == pytest.approx(10.0, rel=1e-6)  # Adam's first step is lr in size
    assert run.losses[0] == pytest.approx(seed_loss(content_taps, style_taps, first.last), rel=1e-12)
    assert run.losses[-1] == pytest.approx(seed_loss(content_taps, style_taps, run.last), rel=1e-12)
    assert run.losses[0] < seed_loss(content_taps, style_taps, initial)
    assert len(run.losses) == 12
    assert run.losses[run.best_step] == min(run.losses)
    assert min(run.losses) == pytest.approx(seed_loss(content_taps, style_taps, run.best), rel=1e-12)


def test_seed_loop_keeps_an_early_best_when_later_steps_are_worse() -> None:
    content, styles = picture((9, 9), 1) + 128.0, [picture((9, 9), 2) + 128.0]
    run = run_seed(NETWORK, content, styles, content - 128.0, 6, learning_rate=500.0)
    again = run_seed(NETWORK, content, styles, content - 128.0, run.best_step + 1, learning_rate=500.0)
    assert run.losses[-1] > min(run.losses)
    np.testing.assert_array_equal(run.best, again.last)


def test_seed_pixels_are_clipped_and_cut_off() -> None:
    np.testing.assert_array_equal(seed_pixels(np.array([-200.0, 0.9, 126.999, 300.0])), [0, 128, 254, 255])
