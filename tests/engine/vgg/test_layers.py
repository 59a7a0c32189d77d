"""The layer table against the list of the seed recipe."""

import pytest

from gramarye.engine.vgg.layers import CONVOLUTIONS, LAYERS, MIN_SIDE, stride, up_to
from reference import vgg

SEED = """conv1_1 relu1_1 conv1_2 relu1_2 pool1 conv2_1 relu2_1 conv2_2 relu2_2 pool2
conv3_1 relu3_1 conv3_2 relu3_2 conv3_3 relu3_3 conv3_4 relu3_4 pool3
conv4_1 relu4_1 conv4_2 relu4_2 conv4_3 relu4_3 conv4_4 relu4_4 pool4
conv5_1 relu5_1 conv5_2 relu5_2 conv5_3 relu5_3 conv5_4 relu5_4"""


def test_the_table_equals_the_seeds() -> None:
    assert tuple(SEED.split()) == LAYERS == vgg.LAYERS
    assert len(LAYERS) == 36
    assert len(CONVOLUTIONS) == 16


def test_up_to_ends_with_the_deepest_tap() -> None:
    assert up_to(["relu2_1", "conv1_2"]) == LAYERS[:7]
    assert up_to([]) == ()


def test_up_to_rejects_an_unknown_layer() -> None:
    with pytest.raises(ValueError, match="not in tuple"):
        up_to(["relu6_1"])


def test_stride_doubles_with_each_pooling() -> None:
    assert [stride(name) for name in ("relu1_2", "pool1", "conv2_1", "relu3_4", "pool3", "relu5_4")] == [
        1,
        2,
        2,
        4,
        8,
        16,
    ]
    assert stride(LAYERS[-1]) == MIN_SIDE
