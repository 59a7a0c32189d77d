"""Conversion between the colours of an ICC profile and sRGB, in float32.

The engine's networks were trained on sRGB pictures. A layer in another colour space (linear light, a wide gamut) is
converted to sRGB before painting, and the painting is converted back. This uses LittleCMS through imagecodecs, because
Pillow's `ImageCms` supports 8 bits only.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from PIL import ImageCms

from ..errors import InputError

Values = NDArray[np.float32]

COMPARISON_LEVELS = 9
"""Levels of each channel at which a profile is compared with sRGB."""

SRGB_TOLERANCE = 1.0 / 510.0
"""Half a level of 255. A profile that differs by less counts as sRGB, written by another program."""

RENDERING_INTENT = 1
"""Relative colorimetric (ICC.1:2022, table 23): white and colours inside both gamuts are preserved."""

ROWS_PER_BAND = 256
"""Rows converted at a time, which limits the memory for LittleCMS' copies."""


class IccTransform:
    """Converts between a layer's profile and sRGB.

    ``profile`` is the ICC profile, empty for sRGB; ``space`` is "rgb" or "gray". Errors: ``profile-unreadable``.
    """

    def __init__(self, profile: bytes, space: str) -> None:
        self._profile = profile
        self._space = space
        self.is_srgb = not profile or _is_srgb(profile, space)

    def to_srgb(self, values: Values) -> Values:
        """Convert (H, W, 3), or (H, W) for grey, in 0..1 to sRGB (H, W, 3) in 0..1."""
        return self._convert(values, self._profile, self._space, _srgb(), "rgb")

    def from_srgb(self, values: Values) -> Values:
        """Convert sRGB (H, W, 3) in 0..1 to (H, W, 3), or (H, W) for grey, in 0..1."""
        return self._convert(values, _srgb(), "rgb", self._profile, self._space)

    @staticmethod
    def _convert(values: Values, source: bytes, space: str, target: bytes, target_space: str) -> Values:
        shape = values.shape[:2] + ((3,) if target_space == "rgb" else ())
        converted = np.empty(shape, np.float32)
        for top in range(0, values.shape[0], ROWS_PER_BAND):
            band = np.ascontiguousarray(values[top : top + ROWS_PER_BAND])
            converted[top : top + ROWS_PER_BAND] = _transform(band, source, space, target, target_space)
        return np.clip(converted, 0.0, 1.0, out=converted)


def _transform(values: Values, source: bytes, space: str, target: bytes, target_space: str) -> NDArray[Any]:
    try:
        transformed: NDArray[Any] = imagecodecs.cms_transform(
            values,
            source,
            target,
            colorspace=space,
            outcolorspace=target_space,
            outdtype="float32",
            intent=RENDERING_INTENT,
        )
    except imagecodecs.CmsError:
        raise InputError(
            "profile-unreadable",
            "The layer's colour profile cannot be read, or does not match the layer's colour model.",
            "Assign another profile to the layer, such as sRGB.",
        ) from None
    return transformed


@lru_cache(maxsize=32)
def _is_srgb(profile: bytes, space: str) -> bool:
    ramp = np.linspace(0.0, 1.0, COMPARISON_LEVELS, dtype=np.float32)
    if space == "gray":
        grey = np.repeat(ramp[None, :, None], 3, axis=2)
        return bool(np.abs(_transform(ramp[None], profile, space, _srgb(), "rgb") - grey).max() < SRGB_TOLERANCE)
    lattice = np.stack(np.meshgrid(ramp, ramp, ramp), axis=-1).reshape(COMPARISON_LEVELS, -1, 3)
    return bool(np.abs(_transform(lattice, profile, space, _srgb(), "rgb") - lattice).max() < SRGB_TOLERANCE)


@lru_cache(maxsize=32)
def _srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
