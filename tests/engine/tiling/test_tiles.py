"""Tiles: the same value and gradient as the whole picture's, for all segments, sizes and dtypes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch

from engine.support import TOLERANCES, WholeImage, array, assert_close, engine_network, pixels, recipe, tensor
from gramarye.engine.loss.objective import Objective, build_objective
from gramarye.engine.loss.regions import StylePicture
from gramarye.engine.optimise.evaluator import TiledEvaluator
from gramarye.engine.tiling.segments import Segment, cut_segments, halve_tiles, uncut
from reference import vgg

REFERENCE = vgg.random_network()
LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
POOLINGS = ("pool1", "pool2", "pool3", "pool4")
SIZES = [(96, 160), (131, 149), (17, 200), (64, 33)]


def objective_for(
    size: tuple[int, int],
    dtype: torch.dtype,
    statistic: str,
    cut_into: Sequence[Segment] | None = None,
    layers: Sequence[str] = LAYERS,
) -> Objective:
    chosen = recipe(
        statistic=statistic,
        style_layers=list(layers),
        content_layers=["relu2_2", "relu4_1"],
        laplacian_weight=30.0 if statistic == "moments" else 0.0,
    )
    styles = [StylePicture(tensor(pixels((70, 61), 3), dtype), 2.0), StylePicture(tensor(pixels(size, 4), dtype), 1.0)]
    content = tensor(pixels(size, 1), dtype)
    if cut_into is None:
        return build_objective(chosen, engine_network(REFERENCE, dtype), content, styles)
    return build_objective(
        chosen,
        engine_network(REFERENCE, dtype),
        content,
        styles,
        lambda _height, _width, taps: cut_segments(taps, POOLINGS[:2], 32, keeps_last=False),
    )


@pytest.mark.parametrize(("dtype", "tolerance"), TOLERANCES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("statistic", ["gram", "covariance", "moments"])
@pytest.mark.parametrize("keeps_last", [False, True])
@pytest.mark.parametrize("poolings", [(), POOLINGS[:1], POOLINGS[2:3], POOLINGS])
def test_tiles_give_the_whole_pictures_value_and_gradient(
    poolings: Sequence[str],
    keeps_last: bool,
    statistic: str,
    size: tuple[int, int],
    dtype: torch.dtype,
    tolerance: float,
) -> None:
    network, objective = engine_network(REFERENCE, dtype), objective_for(size, dtype, statistic)
    x = tensor(pixels(size, 2), dtype)
    expected = WholeImage(network, objective).evaluate(x)
    actual = TiledEvaluator(network, objective, cut_segments(LAYERS, poolings, 32, keeps_last)).evaluate(x)
    assert actual.loss == pytest.approx(expected.loss, rel=tolerance)
    assert actual.parts == pytest.approx(expected.parts, rel=tolerance)
    assert_close(array(actual.gradient), array(expected.gradient), tolerance)


@pytest.mark.parametrize(("poolings", "are_bands"), [(["pool1"], True), (["pool1", "pool2"], True), (["pool3"], False)])
def test_tiles_are_bands_where_halos_allow_it_and_give_the_same(poolings: Sequence[str], are_bands: bool) -> None:
    size = (231, 150)
    segments = cut_segments(LAYERS, poolings, 128, keeps_last=True)
    tiles = list(segments[0].tiles(*size))
    assert all(tile.columns.stop - tile.columns.start == 150 for tile in tiles) == are_bands
    assert len(tiles) == (3 if are_bands else 4)
    rows, columns = segments[0].max_tile_size(*size)
    crops = [[span.last - span.first for span in (tile.rows, tile.columns)] for tile in tiles]
    assert all(height <= rows and width <= columns for height, width in crops)
    network, objective, x = (
        engine_network(REFERENCE),
        objective_for(size, torch.float64, "gram"),
        tensor(pixels(size, 2)),
    )
    expected = WholeImage(network, objective).evaluate(x)
    assert_close(
        array(TiledEvaluator(network, objective, segments).evaluate(x).gradient), array(expected.gradient), 1e-10
    )


def test_the_error_along_tile_borders_is_no_larger_than_elsewhere() -> None:
    size, side = (192, 256), 64
    exact = WholeImage(engine_network(REFERENCE), objective_for(size, torch.float64, "gram"))
    network, objective = engine_network(REFERENCE, torch.float32), objective_for(size, torch.float32, "gram")
    x = pixels(size, 2)
    tiled = TiledEvaluator(network, objective, cut_segments(LAYERS, ["pool3"], side, keeps_last=False))
    error = (tiled.evaluate(tensor(x, torch.float32)).gradient - exact.evaluate(tensor(x)).gradient).abs()
    error = error.amax(dim=1)[0]
    border = torch.zeros(size, dtype=torch.bool)
    for line in range(side, max(size), side):
        border[line - 2 : line + 2] = True
        border[:, line - 2 : line + 2] = True
    assert float(error[border].mean()) < 1.5 * float(error[~border].mean())


@pytest.mark.parametrize("statistic", ["gram", "covariance", "moments"])
def test_targets_measured_in_tiles_are_those_of_the_whole_picture(statistic: str) -> None:
    size = (131, 149)
    x = tensor(pixels(size, 2))
    network = engine_network(REFERENCE)
    expected = WholeImage(network, objective_for(size, torch.float64, statistic)).evaluate(x)
    by_tiles = objective_for(size, torch.float64, statistic, cut_segments(LAYERS, POOLINGS, 32, keeps_last=False))
    actual = WholeImage(network, by_tiles).evaluate(x)
    assert actual.loss == pytest.approx(expected.loss, rel=1e-10)
    assert_close(array(actual.gradient), array(expected.gradient), 1e-10)


def test_a_tile_without_its_halo_would_be_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    size = (96, 160)
    x = tensor(pixels(size, 2))
    network, objective = engine_network(REFERENCE), objective_for(size, torch.float64, "gram")
    expected = WholeImage(network, objective).evaluate(x).gradient
    monkeypatch.setattr(Segment, "halo", property(lambda _: 0))
    actual = (
        TiledEvaluator(network, objective, cut_segments(LAYERS, ["pool3"], 32, keeps_last=False)).evaluate(x).gradient
    )
    assert float((actual - expected).abs().max()) > 1e-3 * float(expected.abs().max())


def test_halos_are_the_receptive_field_and_no_wider() -> None:
    assert uncut(["relu5_1"])[0].halo == 80
    assert [segment.halo for segment in cut_segments(LAYERS, POOLINGS, 64, keeps_last=False)] == [2, 2, 4, 4, 1]


def test_layers_are_cut_into_consecutive_segments() -> None:
    segments = cut_segments(LAYERS, ["pool1", "pool3"], 64, keeps_last=True)
    assert [(s.layers[0], s.layers[-1]) for s in segments] == [
        ("conv1_1", "pool1"),
        ("conv2_1", "pool3"),
        ("conv4_1", "relu5_1"),
    ]
    assert [(s.stride, s.side) for s in segments] == [(1, 64), (2, 32), (8, 0)]


def test_a_device_that_runs_out_of_memory_gets_smaller_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    size = (131, 149)
    x = tensor(pixels(size, 2))
    network, objective = engine_network(REFERENCE), objective_for(size, torch.float64, "gram")
    expected = WholeImage(network, objective).evaluate(x)
    areas: list[int] = []
    forward = type(network).forward

    def short(self, features, layers, wanted):  # type: ignore[no-untyped-def]
        areas.append(features.shape[2] * features.shape[3])
        if areas[-1] > 110 * 110:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        return forward(self, features, layers, wanted)

    monkeypatch.setattr(type(network), "forward", short)
    tiled = TiledEvaluator(network, objective, cut_segments(LAYERS, ["pool3"], 128, keeps_last=True))
    assert_close(array(tiled.evaluate(x).gradient), array(expected.gradient), 1e-10)
    assert max(areas[-8:]) <= 110 * 110
    failed = sum(area > 110 * 110 for area in areas)
    tiled.evaluate(x)
    assert sum(area > 110 * 110 for area in areas) == failed, "the smaller tiles are kept"


def test_tiles_are_halved_down_to_a_least_side() -> None:
    segments: tuple[Segment, ...] | None = cut_segments(LAYERS, ["pool3"], 128, keeps_last=True)
    sides = []
    while segments is not None:
        sides.append([segment.side * segment.stride for segment in segments])
        segments = halve_tiles(segments, 64)
    assert sides == [[128, 0], [128, 128], [64, 64]]
    assert halve_tiles(uncut(LAYERS), 64) == cut_segments(LAYERS, ["pool3"], 512, keeps_last=False)
    assert halve_tiles((), 64) is None
