"""`Painting`: a finished painting."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gramarye_protocol.pixels import PixelBuffer

from .pixels import buffer_to_array

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from PIL.Image import Image


@dataclass(frozen=True)
class Painting:
    """A finished painting, with the name of its job and of the network, and the complete recipe."""

    job: str
    pixels: PixelBuffer
    network: str
    recipe: dict[str, Any]

    @property
    def array(self) -> npt.NDArray[np.generic]:
        """Array of shape (height, width, channels), in the depth and layout of the layer."""
        return buffer_to_array(self.pixels)

    @property
    def image(self) -> Image:
        """Pillow image."""
        from ..image_files import to_image

        return to_image(self.pixels)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a PNG, JPEG, TIFF or WebP file. Errors: those of `image_files.write_picture`."""
        from ..image_files import write_picture

        write_picture(self.pixels, path)
