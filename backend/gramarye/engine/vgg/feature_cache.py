"""LRU cache of style statistics and content features, keyed by a hash of the pixels."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping

from torch import Tensor

MAX_PICTURES = 64
"""Maximum number of entries; each size of a picture is an entry of its own."""

MAX_BYTES = 2**28
"""Maximum total size of the entries.

With VGG19, a style takes a few megabytes whatever its size, a content picture about 30 bytes per pixel, or half of that
in bfloat16.
"""

MAX_ENTRY_BYTES = MAX_BYTES // 4
"""Maximum size of one entry: content of two to eight megapixels, depending on network and dtype."""

Measurements = Mapping[str, Tensor]
"""Tensors by tap."""


class FeatureCache:
    """The most recently used measurements, by request and hash of the pixels. They must not be modified."""

    def __init__(self) -> None:
        self._entries: OrderedDict[Hashable, Measurements] = OrderedDict()
        self._bytes = 0

    def get_or_measure(self, request_key: Hashable, x: Tensor, measure: Callable[[], Measurements]) -> Measurements:
        """Return the measurements of pixels x, calling ``measure`` if they are not cached.

        ``request_key`` must identify everything else that the measurements depend on.
        """
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
            _, evicted = self._entries.popitem(last=False)
            self._bytes -= _bytes(evicted)
        return measured


def _bytes(measured: Measurements) -> int:
    return sum(values.numel() * values.element_size() for values in measured.values())
