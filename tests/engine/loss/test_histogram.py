"""The sliced Cramér distance against the reference: values, gradients, weights, tiles and dtypes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from engine.support import (
    SIZES,
    TOLERANCES,
    WholeImage,
    array,
    assert_close,
    engine_network,
    picture,
    pixels,
    recipe,
    small_network,
    tensor,
)
from gramarye.engine.loss.histogram import BINS, SPAN, Bins, bins_for, directions
from gramarye.engine.loss.objective import Objective, build_objective
from gramarye.engine.loss.regions import StylePicture
from gramarye.engine.loss.statistics import moments
from gramarye.engine.numeric.precision import FLOAT32
from gramarye.engine.optimise.evaluator import TiledEvaluator
from gramarye.engine.paint import StyleInput, paint
from gramarye.engine.tiling import memory
from gramarye.engine.tiling.segments import cut_segments
from gramarye.engine.vgg.network import Network
from reference import histogram as reference
from reference import vgg
from reference.arrays import Array
from reference.objective import tap

REFERENCE = vgg.random_network()
LAYERS = ("relu1_1", "relu3_1", "relu5_1")
SHARES = (2.0 / 3.0, 1.0 / 3.0)


def features(seed: int, size: tuple[int, int] = (19, 23), channels: int = 6) -> Array:
    drawn = np.random.default_rng(seed).gamma(2.0, 1.0 + seed / 4.0, (*size, channels))
    return drawn @ np.random.default_rng(9).standard_normal((channels, channels))


def objective_for(
    network: Network, dtype: torch.dtype, size: tuple[int, int] = (32, 48), **values: object
) -> Objective:
    weights = {"content_weight": 0.0, "style_weight": 0.0, "tv_weight": 0.0, "histogram_weight": 5.0}
    chosen = recipe("painting", **{"style_layers": LAYERS, **weights, **values})
    styles = [StylePicture(tensor(pixels((21, 34), 3), dtype), 2.0), StylePicture(tensor(pixels(size, 4), dtype), 1.0)]
    return build_objective(chosen, network, tensor(pixels(size, 1), dtype), styles)


def both(style: Array) -> tuple[Bins, reference.Scale]:
    """Return the engine's bins and the reference's scale for a style's features."""
    return bins_for(moments(tensor(style))), reference.scale([(style, 1.0)], directions(style.shape[2]).numpy())


@pytest.mark.parametrize(("channels", "count"), [(1, 1), (6, 6), (16, 8), (64, 16), (512, 64)])
def test_directions_are_orthonormal_few_and_always_the_same(channels: int, count: int) -> None:
    chosen = directions(channels)
    assert_close((chosen @ chosen.T).numpy(), np.eye(count), 1e-12)
    assert torch.equal(chosen, directions(channels))


@pytest.mark.parametrize("weighted", [False, True])
def test_value_and_gradient(weighted: bool) -> None:
    style, own = features(1), features(2)
    bins, scale = both(style)
    weight = np.random.default_rng(4).uniform(0.0, 2.0, own.shape[:2]) * (np.arange(own.shape[1]) > 3)
    x = tensor(own)
    heavy = torch.tensor(weight)[None, None] if weighted else None
    positions = float(weight.sum()) if weighted else own.shape[0] * own.shape[1]
    target = bins.matrix(bins.sums(tensor(style)), style.shape[0] * style.shape[1])
    sums = bins.sums(x, heavy).requires_grad_()
    value = (bins.matrix(sums, positions) - target).square().sum()
    gradient = bins.backward(x, torch.autograd.grad(value, sums)[0], heavy)
    given = weight if weighted else None
    assert float(value.detach()) == pytest.approx(reference.distance(own, style, scale, given), rel=1e-12)
    assert_close(array(gradient), reference.distance_gradient(own, style, scale, given), 1e-10)


def test_the_references_gradient_equals_finite_differences() -> None:
    style, own = features(1), features(2)
    _, scale = both(style)
    gradient = reference.distance_gradient(own, style, scale)
    for seed in range(3):
        direction, step = np.random.default_rng(seed).standard_normal(own.shape), 1e-7
        ends = [reference.distance(own + side * step * direction, style, scale) for side in (-1.0, 1.0)]
        assert np.sum(gradient * direction) == pytest.approx((ends[1] - ends[0]) / (2.0 * step), rel=1e-4)


def test_it_approximates_cramers_distance_of_the_sorted_values() -> None:
    style, own = features(1, (60, 70)), features(1, (50, 40)) * 1.1 + 0.3
    bins, scale = both(style)
    spread = [(reference.rows(picture) @ scale.directions.T - scale.mean) / scale.deviation for picture in (own, style)]
    grid = np.linspace(-12.0, 12.0, 24001)
    inner = np.abs(grid) <= SPAN
    expected = 0.0
    for one, other in zip(*(projected.T for projected in spread), strict=True):
        apart = [np.searchsorted(np.sort(values), grid) / len(values) for values in (one, other)]
        expected += float(np.sum((apart[0] - apart[1])[inner] ** 2)) * (grid[1] - grid[0]) / len(scale.directions)
    measured = [bins.matrix(bins.sums(tensor(p)), p.shape[0] * p.shape[1])[:, 1:-1] for p in (own, style)]
    assert float((measured[0] - measured[1]).square().sum()) == pytest.approx(expected, rel=0.02)


def test_values_beyond_the_bins_are_pulled_back() -> None:
    style = features(1)
    bins, _ = both(style)
    x = tensor(style) + 1e3
    sums, last = bins.sums(x), torch.zeros(len(bins.directions), BINS + 2, dtype=torch.float64)
    last[:, -1] = 1.0
    drawn = bins.backward(x, last)[0, :, 5, 7]
    assert_close(drawn.numpy(), -bins.directions[sums[:, -1] < 0.0].sum(dim=0).numpy(), 1e-9)


@pytest.mark.parametrize("constant", [0.0, 40.0])
def test_a_style_without_variance_has_bins(constant: float) -> None:
    flat = torch.full((1, 6, 9, 9), constant, dtype=torch.float64)
    bins = bins_for(moments(flat))
    x = flat + torch.rand(flat.shape, dtype=torch.float64)
    sums = bins.sums(x).requires_grad_()
    apart = bins.matrix(sums, 81) - bins.matrix(bins.sums(flat), 81)
    gradient = bins.backward(x, torch.autograd.grad(apart.square().sum(), sums)[0])
    assert bool(gradient.isfinite().all())
    assert bool((gradient != 0.0).any())


@pytest.mark.parametrize("wrong", [torch.nan, torch.inf, -torch.inf])
def test_nan_and_infinity_appear_in_the_sums(wrong: float) -> None:
    bins, _ = both(features(1))
    x = tensor(features(2))
    x[0, 2, 3, 4] = wrong
    assert not bool(bins.sums(x).isfinite().all())


def test_blocks_add_up(monkeypatch: pytest.MonkeyPatch) -> None:
    bins, _ = both(features(1))
    x = tensor(features(2))
    found = []
    for block in (2**18, 64):
        monkeypatch.setattr("gramarye.engine.loss.histogram.PROJECTION_BLOCK", block)
        sums = bins.sums(x)
        found += [sums.numpy(), array(bins.backward(x, 2.0 * sums))]
    assert_close(found[2], found[0], 1e-12)
    assert_close(found[3], found[1], 1e-12)


@pytest.mark.parametrize(("dtype", "tolerance"), [TOLERANCES[0], (torch.float32, 1e-4)])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("weights", [(), (3.0, 0.0, 1.0)])
def test_the_term_in_an_objective(
    weights: Sequence[float], size: tuple[int, int], dtype: torch.dtype, tolerance: float
) -> None:
    x, styles = pixels(size, 2), [pixels((21, 34), 3), pixels(size, 4)]
    taps, found = vgg.forward(REFERENCE, x, "relu5_1"), [tap(REFERENCE, one, LAYERS) for one in styles]
    value, bin_gradients = 0.0, {}
    for layer, factor in zip(LAYERS, weights or (1.0, 1.0, 1.0), strict=True):
        factor *= 5.0 / (sum(weights) or 3.0)
        mixture = [(one[layer], share) for one, share in zip(found, SHARES, strict=True)]
        scale = reference.scale(mixture, directions(taps[layer].shape[2]).numpy())
        bin_gradients[layer] = np.zeros_like(taps[layer])
        for one, share in mixture:
            value += factor * share * reference.distance(taps[layer], one, scale)
            bin_gradients[layer] += factor * share * reference.distance_gradient(taps[layer], one, scale)
    network = engine_network(REFERENCE, dtype)
    actual = WholeImage(network, objective_for(network, dtype, size, style_layer_weights=weights)).evaluate(
        tensor(x, dtype)
    )
    assert actual.parts == {"histogram": pytest.approx(value, rel=tolerance)}
    if dtype == torch.float64:  # rounding to float32 moves a few positions to another bin
        assert_close(array(actual.gradient), vgg.backward(REFERENCE, taps, bin_gradients), tolerance)


@pytest.mark.parametrize("size", [(131, 149), (17, 200)])
def test_tiles_give_the_value_and_gradient_of_the_whole_picture(size: tuple[int, int]) -> None:
    network = engine_network(REFERENCE)
    objective, x = objective_for(network, torch.float64, size), tensor(pixels(size, 2))
    expected = WholeImage(network, objective).evaluate(x)
    actual = TiledEvaluator(
        network, objective, cut_segments(LAYERS, ("pool1", "pool3"), 32, keeps_last=False)
    ).evaluate(x)
    assert actual.loss == pytest.approx(expected.loss, rel=1e-10)
    assert_close(array(actual.gradient), array(expected.gradient), 1e-10)


def test_bfloat16_features_give_the_float32_value_and_direction() -> None:
    exact, rounded = (
        WholeImage(network, objective_for(network, torch.float32, (96, 128))).evaluate(
            tensor(pixels((96, 128), 2), torch.float32)
        )
        for network in (engine_network(REFERENCE, dtype) for dtype in (torch.float32, torch.bfloat16))
    )
    assert rounded.gradient.dtype == torch.float32
    assert rounded.loss == pytest.approx(exact.loss, rel=0.01)
    cosine = torch.nn.functional.cosine_similarity(rounded.gradient.flatten(), exact.gradient.flatten(), dim=0)
    assert cosine > 0.9  # rounding changes some ReLUs, maxima and bins, which adds noise


@pytest.mark.parametrize("first", ["moments", "gram"])
def test_the_statistic_and_the_histogram_share_cached_style_moments(first: str) -> None:
    network, x = engine_network(REFERENCE, torch.float32), tensor(pixels((32, 48), 2), torch.float32)
    objective_for(network, torch.float32, statistic=first, style_weight=5.0)
    both = objective_for(network, torch.float32, statistic="moments", style_weight=5.0)
    fresh = engine_network(REFERENCE, torch.float32)
    expected = objective_for(fresh, torch.float32, statistic="moments", style_weight=5.0)
    assert WholeImage(network, both).evaluate(x).parts == WholeImage(fresh, expected).evaluate(x).parts


def test_a_style_has_distance_zero_from_itself() -> None:
    network, style = engine_network(REFERENCE), tensor(pixels((40, 52), 3))
    chosen = recipe(content_weight=0.0, style_weight=0.0, tv_weight=0.0, histogram_weight=1.0)
    evaluation = WholeImage(network, build_objective(chosen, network, style, [StylePicture(style, 1.0)])).evaluate(
        style
    )
    assert evaluation.loss < 1e-20


def test_a_painting_with_every_term_improves_and_is_deterministic() -> None:
    chosen = recipe(steps=12, scales=1, statistic="moments", histogram_weight=1e4, laplacian_weight=30.0)
    runs = [
        list(paint(picture((64, 72)), [StyleInput(picture((40, 52), 1))], chosen, small_network())) for _ in range(2)
    ]
    assert torch.equal(runs[0][-1].best, runs[1][-1].best)
    assert sorted(runs[0][0].parts) == ["content", "histogram", "laplacian", "style", "tv"]
    first, last = runs[0][0].parts["histogram"], runs[0][-1].parts["histogram"]
    assert last < 0.9 * first


@pytest.mark.parametrize("free", [None, 10**8])
def test_the_memory_budget_includes_a_second_gradient_of_the_style_features(
    free: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "free_bytes", lambda _device: free)
    network, there = small_network(), torch.device("cpu")
    plain, read_twice, alone = (
        memory.feature_budget(there, network, 64, 96, recipe("painting", **values), FLOAT32)
        for values in ({}, {"histogram_weight": 1.0}, {"histogram_weight": 1.0, "style_weight": 0.0})
    )
    assert read_twice == pytest.approx(plain / memory.HISTOGRAM_FACTOR, abs=1)
    assert alone == plain > 0


def test_the_shape_of_the_sums_does_not_depend_on_the_picture() -> None:
    bins, _ = both(features(1))
    assert bins.sums(tensor(features(2, (90, 110)))).shape == (6, BINS + 2)
