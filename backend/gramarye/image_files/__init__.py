"""Picture files to `PixelBuffer` and back: PNG, JPEG, TIFF, WebP, of 8 and 16 bits and of floats.

Orientation is obeyed on reading; the ICC profile travels in the buffer and is written again, wherever it fits the
pixels beside it.
"""

from .downscale import to_eight_bits
from .output_path import FORMATS, check_writable
from .pillow_modes import from_image, to_image
from .reading import read_picture
from .writing import write_picture

__all__ = ["FORMATS", "check_writable", "from_image", "read_picture", "to_eight_bits", "to_image", "write_picture"]
