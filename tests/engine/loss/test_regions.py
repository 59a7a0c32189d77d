"""Style masks, partly covered styles and transparent pixels: against the reference, in tiles, and in paintings."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import torch

from engine.loss.test_guides import mask
from engine.support import (
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
from gramarye.engine.images.inputs import StyleInput
from gramarye.engine.images.pictures import Cover, Picture
from gramarye.engine.loss.objective import Objective, build_objective
from gramarye.engine.loss.regions import StylePicture, painted_regions
from gramarye.engine.optimise.evaluator import TiledEvaluator
from gramarye.engine.paint import paint
from gramarye.engine.tiling.segments import cut_segments
from gramarye.errors import InputError
from reference import guides as reference
from reference import vgg
from reference.arrays import Array

NETWORK = vgg.random_network()
LAYERS = {"relu1_1": (1, 1), "relu2_1": (2, 1), "relu4_1": (4, 1)}
SIZE, STYLE = (37, 45), (29, 34)
CONTENT, X = pixels(SIZE, 1), pixels(SIZE, 2)


def masked(*masks: Array | None, weights: Sequence[float] = (1.0, 1.0, 1.0)) -> list[StylePicture]:
    shown = [None if values is None else tensor(values[..., None]) for values in masks]
    styles = [tensor(pixels(STYLE, 3 + number)) for number in range(len(masks))]
    return [StylePicture(x, w, mask=m) for x, w, m in zip(styles, weights, shown, strict=False)]


def objective_of(styles: Sequence[StylePicture], cover: Array | None = None, **values: Any) -> Objective:
    chosen = recipe(**{"style_layers": list(LAYERS), "content_weight": 0.0, "tv_weight": 0.0, **values})
    seen = None if cover is None else tensor(cover[..., None])
    return build_objective(chosen, engine_network(NETWORK), tensor(CONTENT), styles, cover=seen)


def expected(parts: Sequence[tuple[Array, float, Array]], style_weight: float) -> tuple[float, Array]:
    """Return value and gradient of sum strength/3 ||G_r - A||^2 / ||A||^2 over (mask, strength, style), at X."""
    taps = vgg.forward(NETWORK, X, "relu4_1")
    by_tap = {name: np.zeros_like(taps[name]) for name in LAYERS}
    value = 0.0
    for values, strength, style in parts:
        of_style = vgg.forward(NETWORK, style, "relu4_1")
        for name, place in LAYERS.items():
            weight = reference.guide(values, *place)
            target = reference.gram(of_style[name], np.ones(of_style[name].shape[:2]))
            difference = reference.gram(taps[name], weight) - target
            factor = style_weight * strength / len(LAYERS) / (target**2).sum()
            value += factor * (difference**2).sum()
            by_tap[name] += reference.gram_gradient(taps[name], weight, 2.0 * factor * difference)
    return value, vgg.backward(NETWORK, taps, by_tap)


def test_the_rounding_error_of_a_full_mask_is_not_a_region() -> None:
    """Such errors come from resizing. The unmasked style has no region then, and no weight."""
    for left in (3e-7, 0.0):
        (region,) = painted_regions(masked(np.full(SIZE, 1.0 - left), None), None)
        assert region.share == pytest.approx(1.0)
    assert len(painted_regions(masked(np.full(SIZE, 254.0 / 255.0), None), None)) == 2


def test_a_region_below_the_least_mask_value_is_left_out() -> None:
    speck = np.zeros(SIZE)
    speck[20, 20] = 1e-3
    objective = objective_of(masked(speck), content_weight=1.0)
    assert [term.name for term in objective.terms] == ["content"]


def test_each_region_is_normalised_and_weighted_by_its_area() -> None:
    one = mask(SIZE, 7)
    styles = masked(one, None, weights=(1.7, 1.0))
    found = WholeImage(engine_network(NETWORK), objective_of(styles, style_weight=10.0)).evaluate(tensor(X))
    rest = 1.0 - one
    parts = [(one, 1.7 * one.mean(), pixels(STYLE, 3)), (rest, rest.mean(), pixels(STYLE, 4))]
    value, gradient = expected(parts, 10.0)
    assert found.loss == pytest.approx(value, rel=1e-10)
    assert_close(array(found.gradient), gradient, 1e-10)
    assert set(found.parts) == {"style 1", "style 2"}


def test_transparent_pixels_count_in_no_term() -> None:
    cover = mask(SIZE, 8)
    evaluated = WholeImage(engine_network(NETWORK), objective_of(masked(None), cover, style_weight=10.0))
    value, gradient = expected([(cover, 1.0, pixels(STYLE, 3))], 10.0)
    found = evaluated.evaluate(tensor(X))
    assert found.loss == pytest.approx(value, rel=1e-10)
    assert_close(array(found.gradient), gradient, 1e-10)


@pytest.mark.parametrize("keeps_last", [False, True])
@pytest.mark.parametrize("statistic", ["gram", "covariance"])
def test_tiles_give_the_value_and_gradient_of_the_whole_picture(statistic: str, keeps_last: bool) -> None:
    styles = masked(mask(SIZE, 7), mask(SIZE, 9), None)
    values: dict[str, Any] = {"statistic": statistic, "content_weight": 3.0, "tv_weight": 2.0}
    built = objective_of(styles, mask(SIZE, 8), **values)
    network = engine_network(NETWORK)
    whole = WholeImage(network, built).evaluate(tensor(X))
    tiled = TiledEvaluator(network, built, cut_segments(built.taps, ("pool1", "pool3"), 32, keeps_last)).evaluate(
        tensor(X)
    )
    assert tiled.loss == pytest.approx(whole.loss, rel=1e-10)
    assert_close(array(tiled.gradient), array(whole.gradient), 1e-10)


def test_regions_in_bfloat16_are_close_to_float32() -> None:
    styles = [
        StylePicture(style.x.float(), style.weight, mask=None if style.mask is None else style.mask.float())
        for style in masked(mask(SIZE, 7), None)
    ]
    chosen = recipe(style_layers=list(LAYERS), content_layers=["relu3_1"])
    losses = {}
    for kind in (torch.float32, torch.bfloat16):
        network = engine_network(NETWORK, kind)
        built = build_objective(chosen, network, tensor(CONTENT, torch.float32), styles, cover=None)
        losses[kind] = WholeImage(network, built).evaluate(tensor(X, torch.float32)).loss
    assert losses[torch.bfloat16] == pytest.approx(losses[torch.float32], rel=0.02)


def test_a_style_is_measured_within_its_cover() -> None:
    cover = mask(STYLE, 5)
    one = [StylePicture(tensor(pixels(STYLE, 3)), 1.0, cover=tensor(cover[..., None]))]
    built = objective_of(one)
    (term,) = (weighted.term for weighted in built.terms)
    features = vgg.forward(NETWORK, pixels(STYLE, 3), "relu4_1")
    for name, place in LAYERS.items():
        target = term.targets[name][0].value.numpy()  # type: ignore[attr-defined]  # a StyleTerm
        assert_close(target, reference.gram(features[name], reference.guide(cover, *place)), 1e-10)


def test_any_direction_averages_the_style_over_its_rotations() -> None:
    style = pixels(STYLE, 3)
    rotated = [StylePicture(tensor(np.rot90(style, quarter).copy()), 1.0) for quarter in range(4)]
    found = [
        [target.value for (target,) in objective_of([each], any_direction=True).terms[0].term.targets.values()]  # type: ignore[attr-defined]
        for each in rotated
    ]
    for others in found[1:]:
        torch.testing.assert_close(others, found[0])
    features = [vgg.forward(NETWORK, np.rot90(style, quarter).copy(), "relu4_1")["relu4_1"] for quarter in range(4)]
    grams = [reference.gram(each, np.ones(each.shape[:2])) for each in features]
    assert_close(found[0][2].numpy(), np.mean(grams, axis=0), 1e-10)


@pytest.mark.parametrize("normalisation", ["mean", "sum"])
def test_separate_and_blended_targets_differ_by_a_constant_under_mean_and_sum(
    normalisation: str,
) -> None:
    network = engine_network(NETWORK)
    styles = [StylePicture(tensor(pixels(STYLE, seed)), weight) for seed, weight in ((3, 0.7), (4, 0.3))]
    evaluators = {
        blend: WholeImage(network, objective_of(styles, normalisation=normalisation, blend=blend))
        for blend in ("each", "one")
    }
    other = tensor(pixels(SIZE, 6))
    each, one = (evaluators[blend].evaluate(tensor(X)) for blend in ("each", "one"))
    assert_close(array(each.gradient), array(one.gradient), 1e-10)
    moved = [evaluators[blend].evaluate(other).loss for blend in ("each", "one")]
    assert each.loss - one.loss == pytest.approx(moved[0] - moved[1], rel=1e-9)
    assert each.loss > one.loss


def test_separate_relative_targets_favour_the_style_of_low_contrast_and_a_blended_one_does_not() -> None:
    strong, plain = pixels(STYLE, 3), 0.2 * pixels(STYLE, 4)
    styles = [StylePicture(tensor(style), 1.0) for style in (strong, plain)]
    targets = {
        blend: next(iter(objective_of(styles, normalisation="relative", blend=blend).terms[0].term.targets.values()))  # type: ignore[attr-defined]
        for blend in ("each", "one")
    }
    best = sum(t.factor * t.value for t in targets["each"]) / sum(t.factor for t in targets["each"])
    (blended,) = targets["one"]
    assert torch.linalg.norm(best) < 0.5 * torch.linalg.norm(blended.value)


def test_stroke_sizes_are_assigned_to_layers_from_fine_to_deep() -> None:
    layers = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"]
    assert recipe(style_layers=layers, stroke_sizes=[0.5, 1.5]).stroke_layers() == [
        (0.5, ("relu1_1", "relu2_1")),
        (1.5, ("relu3_1", "relu4_1", "relu5_1")),
    ]
    assert recipe(style_layers=layers).stroke_layers() == [(1.0, tuple(layers))]
    many = recipe(style_layers=["relu1_1"], stroke_sizes=[0.5, 1.0, 2.0]).stroke_layers()
    assert [layers for _, layers in many] == [("relu1_1",)]


def test_an_empty_list_of_stroke_sizes_is_rejected() -> None:
    with pytest.raises(InputError, match="stroke_sizes") as caught:
        recipe(stroke_sizes=[])
    assert caught.value.code == "recipe-bad-value"


PAINTED = recipe(steps=6, scales=2, sketch=0, margin=8, content_layers=["relu3_1"], style_layers=["relu1_1", "relu3_1"])


def last(content: Picture, styles: Sequence[StyleInput], cover: Cover | None = None, **values: object) -> Picture:
    chosen = recipe(**{**PAINTED.to_dict(), **values})
    *_, iterate = paint(content, styles, chosen, small_network(), cover=cover)
    painted: Picture = iterate.best_picture()
    return painted


@pytest.mark.parametrize("optimiser", ["lbfgs", "adam"])
def test_pixels_without_a_style_stay_unchanged(optimiser: str) -> None:
    content = picture((64, 80), 1)
    left = np.zeros((64, 80), np.float32)
    left[:, :30] = 1.0
    painted = last(content, [StyleInput(picture((40, 40), 3), mask=left)], optimiser=optimiser)
    np.testing.assert_allclose(painted[:, 34:], content[:, 34:], atol=1e-5)
    assert np.abs(painted[:, :28] - content[:, :28]).mean() > 0.01


def test_transparent_pixels_stay_unchanged_and_the_rest_is_painted() -> None:
    content = picture((64, 80), 1)
    cover = np.ones((64, 80), np.float32)
    cover[:, 60:] = 0.0
    painted = last(content, [StyleInput(picture((40, 40), 3))], cover)
    np.testing.assert_allclose(painted[:, 64:], content[:, 64:], atol=1e-5)
    assert np.abs(painted[:, :56] - content[:, :56]).mean() > 0.01


def test_each_mask_is_painted_in_the_colours_of_its_style() -> None:
    content = np.full((64, 96, 3), 0.5, np.float32) + 0.1 * (picture((64, 96), 1) - 0.5)
    red, blue = (np.zeros((48, 48, 3), np.float32) for _ in range(2))
    red[..., 0], blue[..., 2] = (0.3 + 0.6 * picture((48, 48), seed)[..., 0] for seed in (3, 4))
    left = np.zeros((64, 96), np.float32)
    left[:, :48] = 1.0
    painted = last(content, [StyleInput(red, mask=left), StyleInput(blue)], steps=30, content_weight=1.0)
    warmth = painted[..., 0] - painted[..., 2]
    assert warmth[:, :40].mean() > 0.15
    assert warmth[:, 56:].mean() < -0.15


def test_an_empty_mask_is_left_out_and_only_empty_masks_are_rejected() -> None:
    content, nothing = picture((32, 32), 1), np.zeros((32, 32), np.float32)
    style = picture((32, 32), 3)
    alone = last(content, [StyleInput(style)])
    np.testing.assert_array_equal(
        last(content, [StyleInput(style), StyleInput(picture((32, 32), 4), mask=nothing)]), alone
    )
    with pytest.raises(InputError) as caught:
        paint(content, [StyleInput(style, mask=nothing)], PAINTED, small_network())
    assert caught.value.code == "mask-empty"


def test_each_mask_is_a_region_and_the_rest_is_one_more() -> None:
    one, other = (torch.zeros(1, 1, 8, 8) for _ in range(2))
    one[..., :4], other[..., 2:6] = 1.0, 0.5
    styles = [StylePicture(torch.zeros(1, 3, 8, 8), 1.0, mask=m) for m in (one, None, other)]
    found = painted_regions(styles, None)
    assert [region.share for region in found] == pytest.approx([0.5, 0.25, 0.375])
    rest = found[-1].map
    assert rest is not None
    torch.testing.assert_close(rest[0, 0, 0], torch.tensor([0.0, 0.0, 0.0, 0.0, 0.5, 0.5, 1.0, 1.0]))


def test_histogram_terms_are_guided_by_region_and_the_same_in_tiles() -> None:
    styles = masked(mask(SIZE, 7), None)
    built = objective_of(styles, mask(SIZE, 8), style_weight=0.0, histogram_weight=5.0)
    assert [weighted.name for weighted in built.terms] == ["histogram 1", "histogram 2"]
    network = engine_network(NETWORK)
    whole = WholeImage(network, built).evaluate(tensor(X))
    tiled = TiledEvaluator(network, built, cut_segments(built.taps, ("pool1", "pool3"), 32, False)).evaluate(tensor(X))
    assert tiled.loss == pytest.approx(whole.loss, rel=1e-10)
    assert_close(array(tiled.gradient), array(whole.gradient), 1e-10)
    everywhere = objective_of(masked(None), style_weight=0.0, histogram_weight=5.0)
    ones = objective_of(masked(np.ones(SIZE)), style_weight=0.0, histogram_weight=5.0)
    alike = [WholeImage(network, each).evaluate(tensor(X)).loss for each in (everywhere, ones)]
    assert alike[0] == pytest.approx(alike[1], rel=1e-10)
