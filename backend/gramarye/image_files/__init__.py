"""Reads and writes picture files (PNG, JPEG, TIFF, WebP; 8 bits, 16 bits, floats) as `PixelBuffer`.

Reading applies the EXIF or TIFF orientation. ICC profiles are read and written if they match the pixels.

- ``reading``: reads a file
- ``writing``: writes a file
- ``output_path``: checks a path before it is written
- ``limits``: limits on the size of files and pictures
- ``pillow_modes``: Pillow images as buffers, and back
- ``deep_png``: PNG with 16 bits per channel
- ``deep_tiff``: TIFF with 16 bits or floats per channel
- ``orientation``: EXIF and TIFF orientation
- ``downscale``: fewer pixels, 8 bits, no alpha
"""

from .downscale import to_eight_bits
from .output_path import FORMATS, check_writable
from .pillow_modes import from_image, to_image
from .reading import read_picture
from .writing import write_picture

__all__ = ["FORMATS", "check_writable", "from_image", "read_picture", "to_eight_bits", "to_image", "write_picture"]
