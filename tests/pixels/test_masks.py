"""Masks: checks, conversion, combination."""

from __future__ import annotations

import numpy as np
import pytest

from gramarye.errors import InputError
from gramarye.pixels.masks import (
    check_part,
    check_region,
    combined_coverage,
    has_same_proportions,
    mask_from_picture,
    mask_to_coverage,
    resize_coverage,
)
from gramarye_protocol.pixels import PixelBuffer


def buffer(array: np.ndarray, layout: str) -> PixelBuffer:
    return PixelBuffer(array.shape[1], array.shape[0], layout, "u8", array.astype(np.uint8).tobytes())


def grey(width: int, height: int) -> PixelBuffer:
    return buffer(np.zeros((height, width)), "GRAY")


def test_a_mask_is_a_pictures_alpha_or_its_grey_where_that_is_full() -> None:
    levels = np.arange(12).reshape(3, 4) * 20
    opaque = np.dstack([levels, levels, levels, np.full((3, 4), 255)])
    clear = np.dstack([np.full((3, 4, 3), 90), levels])
    for mask in (
        mask_from_picture(buffer(opaque, "RGBA")),
        mask_from_picture(buffer(clear, "RGBA")),
        mask_from_picture(buffer(levels, "GRAY")),
    ):
        assert (mask.layout, mask.depth) == ("GRAY", "u8")
        np.testing.assert_array_equal(np.frombuffer(mask.data, np.uint8).reshape(3, 4), levels)


def test_masks_of_another_size_or_format_are_refused() -> None:
    layer = buffer(np.zeros((20, 30, 3)), "RGB")
    check_region(layer, grey(30, 20))
    for unfit in (grey(31, 20), buffer(np.zeros((20, 30, 3)), "RGB")):
        with pytest.raises(InputError) as caught:
            check_region(layer, unfit)
        assert caught.value.code == "mask-unfit"
    check_part(layer, grey(15, 10))
    check_part(None, grey(15, 15))
    with pytest.raises(InputError) as caught:
        check_part(layer, grey(15, 15))
    assert caught.value.code == "mask-unfit"


def test_proportions_agree_up_to_rounding() -> None:
    assert has_same_proportions(grey(100, 67), 300, 200)
    assert not has_same_proportions(grey(100, 60), 300, 200)


def test_coverage_is_the_sum_of_masks_and_full_if_a_style_has_none() -> None:
    one, other = np.full((2, 3), 0.7, np.float32), np.array([[0.0, 0.5, 0.2]] * 2, np.float32)
    found = combined_coverage([one, other])
    assert found is not None
    np.testing.assert_allclose(found[0], [0.7, 1.0, 0.9], rtol=1e-6)
    assert combined_coverage([one, None]) is None
    assert combined_coverage([np.ones((2, 3), np.float32)]) is None


def test_a_stretched_mask_keeps_its_range() -> None:
    cover = mask_to_coverage(buffer(np.array([[0, 255], [255, 0]]), "GRAY"))
    found = resize_coverage(cover, 9, 7)
    assert found.shape == (7, 9)
    assert found.min() == 0.0
    assert found.max() == 1.0
