"""The Orientation tag of TIFF 6.0 (tag 274) and EXIF 2.32."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

ORIENTATION_TAG = 274


def apply_orientation(array: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Return (H, W, C) upright; (W, H, C) for orientations 5 to 8. Invalid values change nothing."""
    if orientation in (5, 6, 7, 8):  # row 0 is the left, right, right, left side
        array = array.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):  # column 0 is on the right
        array = array[:, ::-1]
    if orientation in (3, 4, 7, 8):  # row 0 is at the bottom
        array = array[::-1]
    return array
