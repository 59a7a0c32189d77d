"""Number formats: the choice per device, and that bfloat16 features paint as well as float32 ones."""

from __future__ import annotations

import math
from importlib.resources import files
from pathlib import Path

import pytest
import torch

from engine.support import WholeImage, array, assert_close, engine_network, pixels, recipe, tensor
from gramarye.engine.images.inputs import prepare_inputs
from gramarye.engine.loss.objective import build_objective
from gramarye.engine.loss.regions import StylePicture
from gramarye.engine.loss.statistics import STATISTICS
from gramarye.engine.numeric.precision import FLOAT32, Precision, choose_precision, widen
from gramarye.engine.optimise.evaluator import TiledEvaluator
from gramarye.engine.paint import StyleInput, paint
from gramarye.engine.tiling.segments import cut_segments
from gramarye.engine.vgg.network import Network
from gramarye.image_files import read_picture
from gramarye.pixels.layer import to_picture
from gramarye.weights.store import DRAFT, find_network, load
from reference import statistics, vgg
from support.cuda import DEVICES

CPU = torch.device("cpu")
GALLERY = Path(str(files("gramarye.gallery")))
REFERENCE = vgg.random_network()
LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
SIZE = (131, 149)
BFLOAT16 = 2.0**-8
"""Spacing of numbers near 1."""


def evaluator(features: torch.dtype) -> WholeImage:
    network = engine_network(REFERENCE, features)
    styles = [StylePicture(tensor(pixels((70, 61), 3), torch.float32), 1.0)]
    built = build_objective(recipe(), network, tensor(pixels(SIZE, 1), torch.float32), styles)
    return WholeImage(network, built)


def test_auto_is_bfloat16_only_with_native_support(monkeypatch: pytest.MonkeyPatch) -> None:
    for instructions, expected in [
        ({"avx512_bf16": True}, torch.bfloat16),
        ({"amx_bf16": True}, torch.bfloat16),
        ({"avx512_f": True, "avx512_bf16": False}, torch.float32),
    ]:
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda there=instructions: there)
        assert choose_precision("auto", CPU).features == expected
    assert choose_precision("auto", torch.device("mps")).features == torch.float32


def test_an_explicit_format_is_used_on_every_device() -> None:
    assert choose_precision("bfloat16", CPU) == Precision(torch.float32, torch.bfloat16)
    assert choose_precision("float32", CPU) == FLOAT32
    assert choose_precision("tf32", CPU) == Precision(tf32=True)
    assert choose_precision("bfloat16", CPU, torch.float64) == Precision(torch.float64, torch.float64)


def test_only_losses_of_rounded_features_are_noisy() -> None:
    assert choose_precision("bfloat16", CPU).noise == pytest.approx(BFLOAT16 / 4.0)
    assert choose_precision("float32", CPU).noise == choose_precision("tf32", CPU).noise == 0.0


@pytest.mark.parametrize("tf32", [False, True])
def test_float32_precision_is_applied_on_cuda_and_restored(tf32: bool) -> None:
    convolutions, products = torch.backends.cudnn.conv, torch.backends.cuda.matmul  # type: ignore[attr-defined]  # set at run time
    before = convolutions.fp32_precision, products.fp32_precision
    with Precision(tf32=tf32).applied(torch.device("cuda")):
        assert {convolutions.fp32_precision, products.fp32_precision} == {"tf32" if tf32 else "ieee"}
    assert (convolutions.fp32_precision, products.fp32_precision) == before


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("statistic", ["gram", "covariance"])
def test_statistics_of_bfloat16_features_are_summed_in_float32(statistic: statistics.Statistic, device: str) -> None:
    features = (torch.rand((1, 7, 200, 201)) + 1.0).to(torch.bfloat16)  # bfloat16 sums would stall at 512
    measured = STATISTICS[statistic](features.to(device)).cpu()
    assert measured.dtype == torch.float32
    expected = statistics.statistic(array(features), statistic)
    squares = statistics.statistic(array(features), "gram")  # a covariance is a small difference of these
    assert_close(measured.double().numpy(), expected, 1e-5 * float(squares.max() / expected.max()))


def test_bfloat16_features_give_the_float32_value_and_direction() -> None:
    x = tensor(pixels(SIZE, 2), torch.float32)
    exact, rounded = evaluator(torch.float32).evaluate(x), evaluator(torch.bfloat16).evaluate(x)
    assert rounded.gradient.dtype == torch.float32
    assert rounded.parts == pytest.approx(exact.parts, rel=2 * BFLOAT16)
    cosine = torch.nn.functional.cosine_similarity(rounded.gradient.flatten(), exact.gradient.flatten(), dim=0)
    assert cosine > 0.95  # rounding flips ReLUs and maxima that are nearly tied, which adds noise


def test_tiles_of_bfloat16_features_add_up_to_the_whole_picture() -> None:
    x, whole = tensor(pixels(SIZE, 2), torch.float32), evaluator(torch.bfloat16)
    tiled = TiledEvaluator(
        whole.network, whole.objective, cut_segments(LAYERS, ["pool1", "pool3"], 32, keeps_last=False)
    )
    expected, actual = whole.evaluate(x), tiled.evaluate(x)
    assert actual.parts == pytest.approx(expected.parts, rel=1e-4)
    error = float((actual.gradient - expected.gradient).norm() / expected.gradient.norm())
    assert error < 2 * BFLOAT16


@pytest.mark.slow
def test_paintings_in_bfloat16_reach_the_losses_of_float32() -> None:
    info = find_network(DRAFT)
    network = Network.from_arrays(info.name, load(info), info.mean)
    content = to_picture(read_picture(GALLERY / "content.png", max_side=128))
    logarithms = []
    for name in ("waves", "swirls", "woodcut"):  # several: the loss of a single painting is chance
        style = StyleInput(to_picture(read_picture(GALLERY / f"style-{name}.png", max_side=128)))
        inputs = prepare_inputs(content, [style], recipe(margin=0), network, None)
        judge = WholeImage(
            network,
            build_objective(recipe(), network, inputs.content, inputs.style_pictures(*inputs.size, CPU, torch.float32)),
        )
        losses = []
        for precision in ("bfloat16", "float32"):
            *_, last = paint(
                content, [style], recipe(precision=precision, steps=100, scales=1, margin=0), network, str(CPU)
            )
            losses.append(judge.evaluate(last.best).loss)
        logarithms.append(math.log(losses[0] / losses[1]))
    assert abs(sum(logarithms) / len(logarithms)) < 0.01


def test_sums_are_never_narrower_than_float32() -> None:
    for given, expected in [
        (torch.bfloat16, torch.float32),
        (torch.float32, torch.float32),
        (torch.float64, torch.float64),
    ]:
        assert widen(torch.zeros((), dtype=given)).dtype == expected
