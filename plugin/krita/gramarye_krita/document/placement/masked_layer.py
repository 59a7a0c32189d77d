"""A painting of a selection as a layer that is painted whole, with the selection as its transparency mask.

The daemon multiplies the selection into the painting's alpha, but it also paints the colours outside. With the alpha
that the layer had, these colours can be seen wherever the user paints white on the mask.

Krita's API can neither give a mask a selection nor write pixels into a mask without one. A mask that was loaded from a
file has one, and so has its copy. Therefore a document of one pixel with a masked layer is written and opened.
"""

from __future__ import annotations

import os
import tempfile
import zipfile
from dataclasses import dataclass, replace
from typing import Any, Optional, Tuple

from gramarye_protocol.pixels import DEPTH_BYTES, PixelBuffer
from krita import Krita

from ...qt import QByteArray
from ...translations import tr
from ..colour_profile import SRGB
from ..source import PaintInput

MIME_TYPE = "application/x-krita"
MAIN_XML = f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE DOC PUBLIC "-//KDE//DTD krita 2.0//EN" "http://www.calligra.org/DTD/krita-2.0.dtd">
<DOC xmlns="http://www.calligra.org/DTD/krita" editor="Krita" syntaxVersion="2.0">
 <IMAGE mime="application/x-kra" name="mask" width="1" height="1" x-res="72" y-res="72" colorspacename="RGBA"
        profile="{SRGB}">
  <layers>
   <layer nodetype="paintlayer" name="layer" filename="layer1" colorspacename="RGBA" compositeop="normal" opacity="255"
          visible="1" x="0" y="0">
    <masks><mask nodetype="transparencymask" name="mask" filename="mask1" visible="1" x="0" y="0"/></masks>
   </layer>
  </layers>
 </IMAGE>
</DOC>
"""
NO_TILES = "VERSION 2\nTILEWIDTH 64\nTILEHEIGHT 64\nPIXELSIZE {size}\nDATA 0\n"
"""A file of pixels without any tile: every pixel has the default value."""


@dataclass(frozen=True)
class Uncut:
    """What the daemon's answer lacks: the mask, and the layer's alpha, one run of bytes for each byte of a value."""

    mask: Any
    alpha: Tuple[bytes, ...]

    @classmethod
    def of(cls, pixels: PaintInput) -> Optional[Uncut]:
        """Return it for pixels that are about to be sent; None if nothing is selected, or Krita makes no mask.

        Krita handles events while it opens the document for the mask, so it must not be done when the painting ends.
        """
        selected, layer = pixels.mask, pixels.layer
        mask = None if selected is None else _new_mask()
        if selected is None or mask is None:
            return None
        mask.setName(tr("Selection"))
        mask.setPixelData(QByteArray(bytes(selected.data)), *layer.offset, selected.width, selected.height)
        return cls(mask, tuple(bytes(layer.data[place]) for place in _alpha_places(layer)))

    def painting(self, pixels: PixelBuffer) -> PixelBuffer:
        """Return the daemon's painting with the layer's alpha."""
        data = bytearray(pixels.data)
        for place, values in zip(_alpha_places(pixels), self.alpha):
            data[place] = values
        return replace(pixels, data=data)


def _alpha_places(pixels: PixelBuffer) -> Tuple[slice, ...]:
    """Return where the bytes of the last channel, which is alpha, are."""
    depth = DEPTH_BYTES[pixels.depth]
    pixel = pixels.channels * depth
    return tuple(slice(pixel - depth + number, None, pixel) for number in range(depth))


def _new_mask() -> Optional[Any]:
    """Return a transparency mask that hides everything, and belongs to no document; None if Krita reads none."""
    handle, path = tempfile.mkstemp(suffix=".kra")
    was_batch = Krita.instance().batchmode()
    Krita.instance().setBatchmode(True)  # no message window if the file cannot be read
    try:
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w") as archive:
            archive.writestr("mimetype", MIME_TYPE)
            archive.writestr("maindoc.xml", MAIN_XML)
            for name, size in (("layer1", 4), ("mask1.pixelselection", 1)):
                archive.writestr(f"mask/layers/{name}", NO_TILES.format(size=size))
                archive.writestr(f"mask/layers/{name}.defaultpixel", bytes(size))
        document = Krita.instance().openDocument(path)
        return None if document is None else _take_mask(document)
    finally:
        Krita.instance().setBatchmode(was_batch)
        os.remove(path)


def _take_mask(document: Any) -> Optional[Any]:
    """Return a copy of the mask of the document's layer, and close the document."""
    root = document.rootNode()
    masks = [mask for layer in root.childNodes() for mask in layer.childNodes()] if root is not None else []
    copy = masks[0].duplicate() if masks else None
    document.close()
    return copy
