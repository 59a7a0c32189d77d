"""Guides at every layer, and statistics weighted by them, against the reference."""

import numpy as np
import pytest
import torch

from engine.support import array, assert_close, pixels, tensor
from gramarye.engine.loss.guides import guide_sum, propagate_guides
from gramarye.engine.loss.statistics import STATISTICS
from gramarye.engine.vgg.layers import LAYERS
from reference import guides as reference
from reference.arrays import Array

SIZES = [(32, 48), (37, 45)]
TAPS = ("relu1_1", "conv1_2", "pool1", "relu2_1", "relu3_3", "relu5_1")


def mask(size: tuple[int, int], seed: int = 0) -> Array:
    """Return a mask with soft and hard edges, zeros and ones."""
    generator = np.random.default_rng(seed)
    values: Array = np.clip(generator.normal(0.5, 0.6, size), 0.0, 1.0)
    values[:, : size[1] // 3] = 0.0
    values[size[0] // 2 :, -size[1] // 4 :] = 1.0
    return values


@pytest.mark.parametrize("size", SIZES)
def test_a_guide_is_the_mean_of_the_mask_over_what_a_position_sees(size: tuple[int, int]) -> None:
    found = propagate_guides(tensor(mask(size)[..., None]), ["relu1_1", "relu2_1", "relu3_3", "relu5_1"])
    for tap, (block, convolution) in {
        "relu1_1": (1, 1), "relu2_1": (2, 1), "relu3_3": (3, 3), "relu5_1": (5, 1),
    }.items():  # fmt: skip
        assert_close(array(found[tap])[..., 0], reference.guide(mask(size), block, convolution), 1e-12)


@pytest.mark.parametrize("size", SIZES)
def test_masks_that_sum_to_one_do_so_at_every_layer(size: tuple[int, int]) -> None:
    one = tensor(mask(size)[..., None])
    together = zip(propagate_guides(one, LAYERS).values(), propagate_guides(1.0 - one, LAYERS).values(), strict=True)
    for own, others in together:
        torch.testing.assert_close(own + others, torch.ones_like(own))


@pytest.mark.parametrize("kind", ["gram", "covariance"])
def test_a_weighted_statistic_equals_the_reference(kind: str) -> None:
    features, weight = pixels((19, 23), 5), mask((19, 23), 6)
    statistic = STATISTICS[kind]
    weights = tensor(weight[..., None])
    found = statistic.matrix(statistic.sums(tensor(features), weights), guide_sum(weights))
    expected = {"gram": reference.gram, "covariance": reference.covariance}[kind](features, weight)
    assert_close(found.numpy(), expected, 1e-12)


@pytest.mark.parametrize("kind", ["gram", "covariance", "moments"])
def test_weights_of_one_change_nothing(kind: str) -> None:
    features = tensor(pixels((19, 23), 5))
    statistic = STATISTICS[kind]
    torch.testing.assert_close(statistic.sums(features, torch.ones(1, 1, 19, 23).double()), statistic.sums(features))


def test_the_gram_sums_of_regions_add_up_to_those_of_the_picture() -> None:
    features, weight = tensor(pixels((19, 23), 5)), tensor(mask((19, 23), 6)[..., None])
    sums = STATISTICS["gram"].sums
    torch.testing.assert_close(sums(features, weight) + sums(features, 1.0 - weight), sums(features))


def test_guides_of_float32_masks_are_stored_in_float16() -> None:
    found = propagate_guides(torch.rand(1, 1, 40, 40), ["relu1_1", "relu4_1"])
    assert {guide.dtype for guide in found.values()} == {torch.float16}
