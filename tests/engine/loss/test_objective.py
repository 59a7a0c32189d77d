"""Value and gradient of every term under every normalisation, against the reference."""

from collections.abc import Sequence

import pytest
import torch

from engine.support import SIZES, TOLERANCES, WholeImage, array, assert_close, engine_network, pixels, recipe, tensor
from gramarye.engine.loss.objective import build_objective
from gramarye.engine.loss.regions import StylePicture
from gramarye.engine.optimise.evaluator import Evaluation
from gramarye.engine.recipe import Recipe
from reference import objective, vgg
from reference.arrays import Array
from reference.statistics import Statistic
from reference.terms import Normalisation

NETWORK = vgg.random_network()
NORMALISATIONS: list[Normalisation] = ["sum", "mean", "relative"]
STATISTICS: list[Statistic] = ["gram", "covariance", "moments"]
STYLE_LAYERS = ("relu1_1", "conv2_1", "pool2", "relu4_1", "relu5_1")
CONTENT_LAYERS = ("relu3_2", "relu4_1")
WEIGHTS = (2.0, 0.5)


def evaluate(
    chosen: Recipe, content: Array, styles: Sequence[Array], x: Array, dtype: torch.dtype = torch.float64
) -> Evaluation:
    network = engine_network(NETWORK, dtype)
    pictures = [StylePicture(tensor(style, dtype), weight) for style, weight in zip(styles, WEIGHTS, strict=False)]
    built = build_objective(chosen, network, tensor(content, dtype), pictures)
    return WholeImage(network, built).evaluate(tensor(x, dtype))


@pytest.mark.parametrize(("dtype", "tolerance"), TOLERANCES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("normalisation", NORMALISATIONS)
@pytest.mark.parametrize("statistic", STATISTICS)
@pytest.mark.parametrize("weights", [(7.0, 0.0, 0.0), (0.0, 400.0, 0.0), (0.0, 0.0, 3.0), (7.0, 400.0, 3.0)])
def test_value_and_gradient(
    weights: tuple[float, float, float],
    statistic: Statistic,
    normalisation: Normalisation,
    size: tuple[int, int],
    dtype: torch.dtype,
    tolerance: float,
) -> None:
    content, x, styles = pixels(size, 1), pixels(size, 2), [pixels((21, 34), 3), pixels(size, 4)]
    content_weight, style_weight, tv_weight = weights
    problem = objective.problem(
        NETWORK,
        content,
        styles,
        normalisation=normalisation,
        content_layers=CONTENT_LAYERS,
        style_layers=STYLE_LAYERS,
        style_shares=WEIGHTS,
        statistic=statistic,
        content_weight=content_weight,
        style_weight=style_weight,
        tv_weight=tv_weight,
    )
    expected = objective.evaluate(problem, x)
    chosen = recipe(
        normalisation=normalisation,
        statistic=statistic,
        content_layers=CONTENT_LAYERS,
        style_layers=STYLE_LAYERS,
        style_layer_weights=(),
        content_weight=content_weight,
        style_weight=style_weight,
        tv_weight=tv_weight,
    )
    actual = evaluate(chosen, content, styles, x, dtype)
    assert actual.loss == pytest.approx(expected.total, rel=tolerance)
    assert_close(array(actual.gradient), expected.gradient, tolerance)
    parts = (expected.content, expected.style, expected.total_variation)
    for name, weight, part in zip(("content", "style", "tv"), weights, parts, strict=True):
        assert actual.parts.get(name, 0.0) == pytest.approx(weight * part, rel=tolerance)


@pytest.mark.parametrize("normalisation", NORMALISATIONS)
def test_layer_weights_give_a_weighted_mean_over_layers(normalisation: Normalisation) -> None:
    size, given = (32, 32), (4.0, 1.0, 0.0)
    layers = ("relu1_1", "relu2_1", "relu3_1")
    content, x, style = pixels(size, 1), pixels(size, 2), pixels((21, 34), 3)
    expected = 0.0
    for layer, weight in zip(layers, given, strict=True):
        alone = objective.problem(
            NETWORK, content, [style], normalisation=normalisation, style_layers=[layer], style_shares=[2.0]
        )
        expected += weight / (sum(given) / 3) * objective.evaluate(alone, x).style
    if normalisation != "mean":
        expected /= 3
    chosen = recipe(
        normalisation=normalisation,
        style_layers=layers,
        style_layer_weights=given,
        style_weight=1.0,
        content_weight=0.0,
    )
    assert evaluate(chosen, content, [style], x).parts["style"] == pytest.approx(expected, rel=1e-10)


def test_a_term_without_weight_is_not_computed() -> None:
    chosen = recipe(content_weight=0.0, style_weight=0.0, tv_weight=1.0)
    assert build_objective(chosen, engine_network(NETWORK), tensor(pixels((16, 16))), []).taps == ()


def test_without_terms_loss_and_gradient_are_zero() -> None:
    chosen = recipe(content_weight=0.0, style_weight=0.0, tv_weight=0.0)
    evaluation = evaluate(chosen, pixels((16, 16)), [], pixels((16, 16), 1))
    assert evaluation.loss == 0.0
    assert not evaluation.gradient.any()


def test_sums_of_a_large_bright_picture_stay_within_float32() -> None:
    chosen = recipe("seed", style_layers=["relu1_1"])
    network = {"conv1_1": (1e5 * NETWORK["conv1_1"][0], NETWORK["conv1_1"][1])}
    engine = engine_network(network, torch.float32)
    built = build_objective(
        Recipe.from_dict({**chosen.to_dict(), "content_layers": ["relu1_1"]}),
        engine,
        tensor(pixels((256, 256), 1), torch.float32),
        [StylePicture(tensor(pixels((256, 256), 2), torch.float32), 1.0)],
    )
    evaluation = WholeImage(engine, built).evaluate(tensor(pixels((256, 256), 3), torch.float32))
    assert bool(evaluation.gradient.isfinite().all())
