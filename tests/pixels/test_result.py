"""Results and previews: mask, alpha and kept colours."""

from __future__ import annotations

import numpy as np
import pytest

from gramarye.colour.oklab import from_srgb
from gramarye.colour.spaces import OKLAB
from gramarye.errors import InputError
from gramarye.pixels.masks import check_mask
from gramarye.pixels.result import ResultCompositor
from gramarye_protocol.pixels import PixelBuffer

SIDE = 32


def layer(layout: str = "RGBA", alpha: int = 255, depth: str = "u8") -> PixelBuffer:
    values = np.random.default_rng(6).integers(80, 170, (SIDE, SIDE, len(layout))).astype(np.uint8)
    if layout.endswith("A"):
        values[..., -1] = alpha
    wide = values.astype("<u2") * 257 if depth == "u16" else values
    return PixelBuffer(SIDE, SIDE, layout, depth, wide.tobytes())


def feathered() -> PixelBuffer:
    ramp = np.tile(np.linspace(0, 255, SIDE).round().astype(np.uint8), (SIDE, 1))
    return PixelBuffer(SIDE, SIDE, "GRAY", "u8", ramp.tobytes())


def array(pixels: PixelBuffer) -> np.ndarray:
    dtype = {"u8": "u1", "u16": "<u2"}[pixels.depth]
    return np.frombuffer(pixels.data, dtype).reshape(pixels.height, pixels.width, pixels.channels)


GREY = np.full((SIDE, SIDE, 3), 0.5, np.float32)


@pytest.mark.parametrize(("depth", "full"), [("u8", 255), ("u16", 65535)])
def test_a_masks_feather_becomes_alpha(depth: str, full: int) -> None:
    result = array(ResultCompositor(layer(depth=depth), feathered()).result(GREY))
    expected = np.rint(np.arange(SIDE) * 255 / (SIDE - 1)).astype(int) * full / 255
    np.testing.assert_array_equal(result[3, :, -1], np.rint(expected))


def test_without_a_mask_alpha_is_the_layers() -> None:
    assert set(array(ResultCompositor(layer(alpha=77)).result(GREY))[..., -1].flat) == {77}


def test_previews_are_as_transparent_as_the_painting_will_be() -> None:
    small = np.full((8, 8, 3), 0.5, np.float32)
    assert ResultCompositor(layer("RGB")).preview(small).layout == "RGB"
    assert ResultCompositor(layer()).preview(small).layout == "RGB"
    seen = ResultCompositor(layer(), feathered()).preview(small)
    assert seen.layout == "RGBA"
    alpha = array(seen)[0, :, -1].astype(int)
    assert np.all(np.diff(alpha) > 0)
    assert alpha[0] < 20 < 235 < alpha[-1]


def test_kept_colours_are_the_layers_in_the_painting_and_its_previews() -> None:
    source = layer()
    compositor = ResultCompositor(source, chroma_space=OKLAB)
    wanted = from_srgb(array(source)[..., :3].astype(np.float32) / np.float32(255))[..., 1:]
    found = from_srgb(array(compositor.result(GREY))[..., :3].astype(np.float32) / np.float32(255))
    np.testing.assert_allclose(found[..., 1:], wanted, atol=8e-3)
    np.testing.assert_allclose(found[..., 0], from_srgb(GREY)[..., 0], atol=8e-3)
    preview = array(compositor.preview(np.full((8, 8, 3), 0.5, np.float32))).astype(np.float32) / np.float32(255)
    np.testing.assert_allclose(from_srgb(preview)[..., 1:].mean(), wanted.mean(), atol=8e-3)


@pytest.mark.parametrize(
    "mask",
    [
        PixelBuffer(SIDE, 1, "GRAY", "u8", bytes(SIDE)),
        PixelBuffer(SIDE, SIDE, "GRAY", "u16", bytes(2 * SIDE * SIDE)),
        PixelBuffer(SIDE, SIDE, "GRAYA", "u8", bytes(2 * SIDE * SIDE)),
    ],
)
def test_a_mask_that_does_not_fit_is_refused(mask: PixelBuffer) -> None:
    with pytest.raises(InputError) as caught:
        check_mask(layer(), mask)
    assert caught.value.code == "mask-unfit"


def test_a_mask_needs_a_layer_with_alpha() -> None:
    with pytest.raises(InputError):
        check_mask(layer("RGB"), feathered())
