"""`paint`: streams of iterates, their pictures, and errors."""

import gc
import math
import weakref
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch

from engine.support import array, assert_close, engine_network, picture, recipe, small_network
from gramarye.engine import paint as paint_module
from gramarye.engine.images.pictures import Picture, to_levels
from gramarye.engine.images.resize import resize
from gramarye.engine.optimise.evaluator import Evaluator
from gramarye.engine.optimise.lbfgs import LBFGS
from gramarye.engine.paint import Iterate, StyleInput, paint
from gramarye.engine.pyramid import schedule
from gramarye.errors import DeviceError, GramaryeError, InputError, JobError, WeightsError
from reference import vgg
from reference.seed_recipe import run_seed

SIZE = (48, 66)
NETWORK = small_network()


def run(styles: Sequence[StyleInput] | None = None, content: Picture | None = None, **values: Any) -> list[Iterate]:
    """The iterates of a painting of few steps, in float32 on every machine."""
    given = [StyleInput(picture((40, 52), 1))] if styles is None else styles
    layer = picture(SIZE) if content is None else content
    return list(paint(layer, given, recipe(**{"steps": 6, "precision": "float32", **values}), NETWORK))


def code_of(*args: Any, **options: Any) -> str:
    """The code of the error that `paint` raises before any iterate."""
    with pytest.raises(GramaryeError) as caught:
        paint(*args, **options)
    assert caught.value.message
    assert caught.value.hint
    return caught.value.code


@pytest.mark.parametrize("size", [(32, 32), (37, 45)])
def test_seed_preset_matches_the_reference_loop(size: tuple[int, int]) -> None:
    network = vgg.random_network()
    content, style = picture(size, 1), picture((21, 34), 2)
    (start,) = paint(
        content, [StyleInput(style)], recipe("seed", steps=0, seed=7), engine_network(network), dtype=torch.float64
    )
    iterates = list(
        paint(
            content, [StyleInput(style)], recipe("seed", steps=12, seed=7), engine_network(network), dtype=torch.float64
        )
    )
    expected = run_seed(network, 255.0 * content.astype(float), [255.0 * style.astype(float)], array(start.current), 12)
    assert [i.loss for i in iterates] == pytest.approx(expected.losses, rel=1e-9)
    assert_close(array(iterates[-1].best), expected.best, 1e-9)
    assert_close(array(iterates[-1].current), expected.last, 1e-9)
    written = np.clip((expected.best + 128.0) / 255.0, 0.0, 1.0)
    np.testing.assert_allclose(iterates[-1].best_picture(), written, atol=1e-6)


def test_seed_preset_starts_from_standard_normal_noise_around_half() -> None:
    content = picture((64, 64), 1)
    (start,) = paint(content, [StyleInput(content)], recipe("seed", steps=0), NETWORK)
    assert float(start.current.std()) == pytest.approx(1.0, abs=0.05)
    assert float(start.picture().mean()) == pytest.approx(128 / 255, abs=1e-3)


@pytest.mark.parametrize("preset", ["painting", "gatys", "neural-style", "seed"])
def test_every_preset_improves_the_picture(preset: str) -> None:
    iterates = list(
        paint(picture(SIZE), [StyleInput(picture((40, 52), 1))], recipe(preset, steps=8, scales=1), NETWORK)
    )
    assert [i.step for i in iterates] == list(range(1, 9))
    first, last = iterates[0].loss, iterates[-1].best_loss
    assert first is not None
    assert last is not None
    assert last < first


def test_iterates_are_numbered_across_scales() -> None:
    content = picture((150, 131))
    iterates = run(content=content, steps=9, scales=2)
    levels = schedule(recipe(steps=9, scales=2), 150, 131)
    assert [i.step for i in iterates] == list(range(1, 10))
    assert [(i.height, i.width) for i in iterates] == [(75, 66)] * levels[0].steps + [(150, 131)] * levels[1].steps
    assert [i.scale for i in iterates] == [0] * levels[0].steps + [1] * levels[1].steps
    assert all(i.total == 9 and i.scales == 2 for i in iterates)
    assert iterates[0].picture().shape == (75, 66, 3)
    assert iterates[0].best_picture().shape == (150, 131, 3)
    assert iterates[-1].picture(max_side=30).shape == (30, 26, 3)
    assert iterates[-1].picture(max_side=3000).shape == (150, 131, 3)
    assert all(later.seconds >= sooner.seconds for sooner, later in pairwise(iterates))


def test_parts_add_up_to_the_loss() -> None:
    for iterate in run(tv_weight=5.0):
        assert set(iterate.parts) == {"content", "style", "tv"}
        assert sum(iterate.parts.values()) == pytest.approx(iterate.loss)


def test_no_steps_yield_the_start_without_losses() -> None:
    content = picture(SIZE)
    (iterate,) = run(content=content, steps=0, init="content")
    assert (iterate.step, iterate.total, iterate.loss, iterate.best_loss) == (0, 0, None, None)
    np.testing.assert_allclose(iterate.best_picture(), content, atol=1e-6)


def test_a_start_picture_of_another_size_is_resized() -> None:
    start = picture((96, 132), 5)
    (iterate,) = paint(
        picture(SIZE), [StyleInput(picture(SIZE, 1))], recipe(steps=0, init="picture"), NETWORK, start=start
    )
    assert iterate.best_picture().shape == (*SIZE, 3)
    assert float(np.abs(iterate.best_picture() - start[::2, ::2]).mean()) < 0.1


@pytest.mark.parametrize("preset", ["painting", "seed", "neural-style"])
def test_equal_seeds_are_reproducible_and_other_seeds_differ(preset: str) -> None:
    def painted(seed: int) -> Picture:
        *_, last = paint(
            picture(SIZE), [StyleInput(picture((40, 52), 1))], recipe(preset, steps=5, init="noise", seed=seed), NETWORK
        )
        return last.best_picture()

    assert np.array_equal(painted(3), painted(3))
    assert not np.array_equal(painted(3), painted(4))


def test_clamped_iterates_stay_within_black_and_white() -> None:
    for iterate in run(clamp=True, steps=8, style_weight=1e5):
        levels = iterate.current + iterate.centre
        assert float(levels.min()) >= -1e-4
        assert float(levels.max()) <= 255.0 + 1e-4


def test_style_weights_are_relative() -> None:
    a, b = picture((40, 52), 1), picture((30, 61), 2)
    two = run([StyleInput(a, weight=3.0), StyleInput(b, weight=1.0)])
    scaled = run([StyleInput(a, weight=6.0), StyleInput(b, weight=2.0)])
    only = run([StyleInput(a, weight=3.0), StyleInput(b, weight=0.0)])
    assert np.array_equal(two[-1].best_picture(), scaled[-1].best_picture())
    np.testing.assert_allclose(only[-1].best_picture(), run([StyleInput(a)])[-1].best_picture(), atol=1e-4)
    assert not np.array_equal(two[-1].best_picture(), only[-1].best_picture())


@pytest.mark.parametrize(("fit", "scale", "longest"), [("content", 1.0, 66), ("content", 0.5, 33), ("own", 0.5, 40)])
def test_style_size_follows_style_fit_and_scale(fit: str, scale: float, longest: int) -> None:
    levels = to_levels(picture((40, 80), 1), "style", torch.float64)
    shrunk = resize(levels, longest // 2, longest)[0].permute(1, 2, 0).numpy() / 255.0
    values: dict[str, Any] = {"steps": 1, "scales": 1, "content_weight": 0.0, "tv_weight": 0.0, "recolour": False}
    fitted = run([StyleInput(picture((40, 80), 1), scale=scale)], style_fit=fit, **values)
    expected = run([StyleInput(shrunk)], style_fit="own", **values)
    assert fitted[0].loss == pytest.approx(expected[0].loss, rel=1e-5)


def test_styles_are_downscaled_with_the_painting() -> None:
    coarse = run(
        content=picture((150, 130)),
        styles=[StyleInput(picture((140, 120), 1))],
        steps=9,
        scales=2,
        style_fit="own",
        margin=0,
        recolour=False,
    )
    half = [
        resize(to_levels(p, "picture", torch.float64), h, w)
        for p, h, w in ((picture((150, 130)), 75, 65), (picture((140, 120), 1), 70, 60))
    ]
    content, style = (levels[0].permute(1, 2, 0).numpy() / 255.0 for levels in half)
    alone = run(
        content=content, styles=[StyleInput(style)], steps=1, scales=1, style_fit="own", margin=0, recolour=False
    )
    assert coarse[0].loss == pytest.approx(alone[0].loss, rel=1e-5)


@pytest.mark.parametrize("normalisation", ["sum", "mean", "relative"])
@pytest.mark.parametrize("statistic", ["gram", "covariance"])
@pytest.mark.parametrize("flat", ["content", "style", "both"])
def test_flat_pictures_stay_finite_and_not_black(normalisation: str, statistic: str, flat: str) -> None:
    grey = np.full((*SIZE, 3), 0.6, dtype=np.float32)
    content = picture(SIZE) if flat == "style" else grey
    style = picture((40, 52), 1) if flat == "content" else grey
    values = {"normalisation": normalisation, "statistic": statistic, "scales": 1}
    last = run([StyleInput(style)], content, **values, content_weight=10.0, style_weight=10.0)[-1]
    painted = last.best_picture()
    assert np.isfinite(painted).all()
    assert float(painted.mean()) > 0.2
    assert last.loss is not None
    assert math.isfinite(last.loss)


def test_a_painting_without_structure_is_an_error() -> None:
    grey = np.full((*SIZE, 3), 0.6, dtype=np.float32)
    smoothing = recipe(steps=60, scales=1, content_weight=0.0, style_weight=0.0, tv_weight=1e4, init="picture")
    with pytest.raises(JobError) as caught:
        list(paint(picture(SIZE), [StyleInput(picture(SIZE, 1))], smoothing, NETWORK, start=grey))
    assert caught.value.code == "painting-collapsed"


def test_closing_the_generator_frees_everything_but_the_iterate() -> None:
    network = small_network()
    iterates = paint(picture((150, 131)), [StyleInput(picture(SIZE, 1))], recipe(steps=20, scales=2), network)
    last = next(iterates)
    released = weakref.ref(network)
    iterates.close()
    del network, iterates
    gc.collect()
    assert released() is None
    assert last.best_picture().shape == (150, 131, 3)


def test_invalid_inputs_raise_named_errors() -> None:
    good, chosen = picture((16, 16)), recipe(steps=1)
    style = [StyleInput(picture((16, 16), 1))]
    hole = good.copy()
    hole[3, 4, 1] = np.nan
    deep = recipe(steps=1, style_layers=["relu5_2"])
    tiny = good[:15]
    assert len(list(paint(good, style, chosen, NETWORK))) == 1
    assert code_of(tiny, style, chosen, NETWORK) == "layer-too-small"
    assert code_of(np.zeros((0, 0, 3), np.float32), style, chosen, NETWORK) == "layer-too-small"
    assert code_of(np.zeros((1, 5000, 3), np.float32), style, chosen, NETWORK) == "layer-too-small"
    assert code_of(good[:, :, 0], style, chosen, NETWORK) == "picture-malformed"
    assert code_of((255 * good).astype(np.uint8), style, chosen, NETWORK) == "picture-malformed"
    assert code_of(hole, style, chosen, NETWORK) == "pixels-not-finite"
    assert code_of(good, [], chosen, NETWORK) == "no-style"
    assert code_of(good, [StyleInput(tiny)], chosen, NETWORK) == "style-too-small"
    assert code_of(good, [StyleInput(hole)], chosen, NETWORK) == "pixels-not-finite"
    assert code_of(good, [StyleInput(good, weight=-1.0)], chosen, NETWORK) == "style-bad-value"
    assert code_of(good, [StyleInput(good, weight=0.0)], chosen, NETWORK) == "style-bad-value"
    assert code_of(good, [StyleInput(good, scale=math.nan)], chosen, NETWORK) == "style-bad-value"
    assert code_of(good, style, recipe(steps=1, init="picture"), NETWORK) == "start-missing"
    assert code_of(good, style, deep, NETWORK) == "network-too-shallow"
    assert code_of(good, style, chosen, NETWORK, device="abacus") == "device-unavailable"


def test_errors_have_their_classes() -> None:
    good, style = picture((16, 16)), [StyleInput(picture((16, 16), 1))]
    with pytest.raises(InputError):
        paint(good, [], recipe(), NETWORK)
    with pytest.raises(WeightsError):
        paint(good, style, recipe(style_layers=["relu5_2"]), NETWORK)
    with pytest.raises(DeviceError):
        paint(good, style, recipe(), NETWORK, device="cuda:99")


def test_stalled_scales_end_early_and_a_single_scale_takes_every_step() -> None:
    content = picture((150, 131))
    same: dict[str, Any] = {
        "content": content,
        "styles": [StyleInput(content)],
        "steps": 60,
        "margin": 0,
        "tv_weight": 0.0,
    }
    several, single = run(scales=2, **same), run(scales=1, **same)
    assert several[-1].step == several[-1].total == 60
    assert len(several) < 60
    assert [iterate.step for iterate in single][:-1] == list(range(1, len(single)))


def test_float32_continues_after_bfloat16_is_exhausted(monkeypatch: pytest.MonkeyPatch) -> None:
    formats: list[torch.dtype] = []
    evaluators: list[weakref.ref[Evaluator]] = []
    kept: list[bool] = []
    evaluator = paint_module._build_evaluator

    def recorded(inputs, context, precision, level, frozen):  # type: ignore[no-untyped-def]
        formats.append(precision.features)
        kept.extend(earlier() is not None for earlier in evaluators)
        made = evaluator(inputs, context, precision, level, frozen)
        evaluators.append(weakref.ref(made))
        return made

    class Exhausted(LBFGS):
        """Is exhausted after three steps with bfloat16 features."""

        taken = 0

        def propose(self) -> torch.Tensor | None:
            self.taken += 1
            return None if self.taken > 3 and formats == [torch.bfloat16] else super().propose()

    monkeypatch.setattr(paint_module, "_build_evaluator", recorded)
    monkeypatch.setattr(paint_module, "LBFGS", Exhausted)
    iterates = run(steps=8, scales=1, precision="bfloat16")
    assert formats == [torch.bfloat16, torch.float32]
    assert kept == [False], "the first evaluator is freed before the second is built"
    assert [iterate.step for iterate in iterates] == list(range(1, 9))
    assert (iterates[-1].best_loss or math.inf) < (iterates[2].best_loss or 0.0)
