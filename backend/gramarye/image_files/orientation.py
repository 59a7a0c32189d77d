"""Which way up a picture is (TIFF 6.0, tag 274, "Orientation"; EXIF 2.32 has the same)."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

ORIENTATION_TAG = 274


def apply_orientation(array: NDArray[Any], orientation: int) -> NDArray[Any]:
    """(H, W, C), or (W, H, C) where it lay on its side; what is no orientation turns nothing."""
    if orientation in (5, 6, 7, 8):  # row 0 is a side: left, right, right, left
        array = array.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):  # column 0 is on the right
        array = array[:, ::-1]
    if orientation in (3, 4, 7, 8):  # row 0 is at the bottom
        array = array[::-1]
    return array
