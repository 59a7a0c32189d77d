"""The Laplacian term against the reference, alone and together with other pixel terms."""

from __future__ import annotations

import pytest
import torch

from engine.support import TOLERANCES, WholeImage, array, assert_close, engine_network, pixels, recipe, tensor
from gramarye.engine.loss.laplacian import POOLS, build_laplacian_term
from gramarye.engine.loss.objective import Objective, build_objective
from gramarye.engine.optimise.evaluator import TiledEvaluator
from gramarye.engine.tiling.segments import cut_segments
from reference import terms, vgg
from reference.finite_differences import derivative
from reference.laplacian import laplacian_loss
from reference.terms import Normalisation

NORMALISATIONS: list[Normalisation] = ["sum", "mean", "relative"]
NETWORK = vgg.random_network()


def objective_for(size: tuple[int, int], dtype: torch.dtype, **values: object) -> Objective:
    weights = {"content_weight": 0.0, "style_weight": 0.0, "tv_weight": 0.0, "laplacian_weight": 3.0}
    chosen = recipe("painting", **{**weights, **values})
    return build_objective(chosen, engine_network(NETWORK, dtype), tensor(pixels(size, 1), dtype), [])


@pytest.mark.parametrize(("dtype", "tolerance"), TOLERANCES)
@pytest.mark.parametrize("normalisation", NORMALISATIONS)
@pytest.mark.parametrize(
    ("size", "pools"), [((96, 64), (4, 16)), ((71, 50), (4, 16)), ((47, 200), (4,)), ((16, 17), (4,))]
)
def test_value_and_gradient(
    size: tuple[int, int], pools: tuple[int, ...], normalisation: Normalisation, dtype: torch.dtype, tolerance: float
) -> None:
    x = pixels(size, 2)
    expected = laplacian_loss(x, pixels(size, 1), pools, normalisation)
    objective = objective_for(size, dtype, normalisation=normalisation)
    actual = WholeImage(engine_network(NETWORK, dtype), objective).evaluate(tensor(x, dtype))
    assert actual.parts == {"laplacian": pytest.approx(3.0 * expected.value, rel=tolerance)}
    assert_close(array(actual.gradient), 3.0 * expected.gradient, tolerance)


@pytest.mark.parametrize("normalisation", NORMALISATIONS)
def test_the_references_gradient_equals_finite_differences(normalisation: Normalisation) -> None:
    content, x, direction = pixels((71, 50), 1), pixels((71, 50), 2), pixels((71, 50), 3)
    derivative_along = derivative(
        lambda at: laplacian_loss(at, content, POOLS, normalisation).value, x, direction, 0.01
    )
    assert float((laplacian_loss(x, content, POOLS, normalisation).gradient * direction).sum()) == pytest.approx(
        derivative_along
    )


def test_uniform_colour_shifts_and_linear_brightness_changes_cost_nothing() -> None:
    x = tensor(pixels((64, 80), 1))
    rows = torch.arange(64, dtype=torch.float64)[None, None, :, None]
    lit = x + torch.tensor([9.0, -40.0, 2.0], dtype=torch.float64)[None, :, None, None] + 0.5 * rows
    gradient = torch.zeros_like(x)
    assert float(build_laplacian_term(x, "relative").add_gradient(lit, 1.0, gradient).sum()) < 1e-20
    assert float(gradient.abs().max()) < 1e-12


def test_a_flat_content_gives_a_finite_loss_and_gradient() -> None:
    flat, x = torch.zeros((1, 3, 48, 48)), tensor(pixels((48, 48), 2), torch.float32)
    gradient = torch.zeros_like(x)
    assert bool(build_laplacian_term(flat, "relative").add_gradient(x, 1.0, gradient).isfinite().all())
    assert bool(gradient.isfinite().all())


@pytest.mark.parametrize("tiled", [False, True])
def test_pixel_terms_are_summed_and_reported_by_name(tiled: bool) -> None:
    size = (71, 50)
    x, network = pixels(size, 2), engine_network(NETWORK)
    objective = objective_for(size, torch.float64, tv_weight=5.0, content_weight=2.0)
    edges = laplacian_loss(x, pixels(size, 1), POOLS, "relative")
    variation = terms.total_variation(x, "relative")
    without = objective_for(size, torch.float64, tv_weight=0.0, laplacian_weight=0.0, content_weight=2.0)
    segments = cut_segments(objective.taps, ["pool1", "pool3"], 32, keeps_last=False)
    if tiled:
        actual, rest = (TiledEvaluator(network, one, segments).evaluate(tensor(x)) for one in (objective, without))
    else:
        actual, rest = (WholeImage(network, one).evaluate(tensor(x)) for one in (objective, without))
    assert list(actual.parts) == ["content", "tv", "laplacian"]
    assert actual.parts["tv"] == pytest.approx(5.0 * variation.value, rel=1e-10)
    assert actual.parts["laplacian"] == pytest.approx(3.0 * edges.value, rel=1e-10)
    expected = array(rest.gradient) + 5.0 * variation.gradient + 3.0 * edges.gradient
    assert_close(array(actual.gradient), expected, 1e-10)
