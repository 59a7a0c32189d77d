"""What a network has made of style and content pictures, so that the next painting of them need not."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping

from torch import Tensor

MOST = 64
"""Pictures remembered, each at one size."""

MOST_BYTES = 2**28
"""What their measurements may take together: a style's are a few megabytes at VGG19's width, whatever its size, a
content picture's about 30 bytes a pixel, or half of that in bfloat16."""

LARGEST = MOST_BYTES // 4
"""What those of one picture may take to be remembered: content of two to eight megapixels, by network and format."""

Measured = Mapping[str, Tensor]
"""By tap."""


class KnownPictures:
    """The latest measurements, by what was asked for and the pixels' digest. Nobody changes them."""

    def __init__(self) -> None:
        self._known: OrderedDict[Hashable, Measured] = OrderedDict()
        self._bytes = 0

    def recall(self, asked: Hashable, x: Tensor, measure: Callable[[], Measured]) -> Measured:
        """Of the pixels x, measured now if they were not before. ``asked`` is all else that they depend on."""
        pixels = x.detach().cpu().contiguous().numpy()
        key = (asked, x.device, x.dtype, x.shape, hashlib.blake2b(pixels.data, digest_size=16).digest())
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        measured = measure()
        if _bytes(measured) <= LARGEST:
            self._known[key] = measured
            self._bytes += _bytes(measured)
        while len(self._known) > MOST or self._bytes > MOST_BYTES:
            _, forgotten = self._known.popitem(last=False)
            self._bytes -= _bytes(forgotten)
        return measured


def _bytes(measured: Measured) -> int:
    return sum(values.numel() * values.element_size() for values in measured.values())
