"""What a network has made of style and content pictures, so that the next painting of them need not."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping

from torch import Tensor

MAX_PICTURES = 64
"""Pictures remembered, each at one size."""

MAX_BYTES = 2**28
"""What their measurements may take together: a style's are a few megabytes at VGG19's width, whatever its size, a
content picture's about 30 bytes a pixel, or half of that in bfloat16."""

MAX_ENTRY_BYTES = MAX_BYTES // 4
"""What those of one picture may take to be remembered: content of two to eight megapixels, by network and format."""

Measurements = Mapping[str, Tensor]
"""By tap."""


class FeatureCache:
    """The latest measurements, by what was asked for and the pixels' digest. Nobody changes them."""

    def __init__(self) -> None:
        self._entries: OrderedDict[Hashable, Measurements] = OrderedDict()
        self._bytes = 0

    def get_or_measure(self, request_key: Hashable, x: Tensor, measure: Callable[[], Measurements]) -> Measurements:
        """Of the pixels x, measured now if they were not before. ``request_key`` is all else that they depend on."""
        pixels = x.detach().cpu().contiguous().numpy()
        key = (request_key, x.device, x.dtype, x.shape, hashlib.blake2b(pixels.data, digest_size=16).digest())
        if key in self._entries:
            self._entries.move_to_end(key)
            return self._entries[key]
        measured = measure()
        if _bytes(measured) <= MAX_ENTRY_BYTES:
            self._entries[key] = measured
            self._bytes += _bytes(measured)
        while len(self._entries) > MAX_PICTURES or self._bytes > MAX_BYTES:
            _, forgotten = self._entries.popitem(last=False)
            self._bytes -= _bytes(forgotten)
        return measured


def _bytes(measured: Measurements) -> int:
    return sum(values.numel() * values.element_size() for values in measured.values())
