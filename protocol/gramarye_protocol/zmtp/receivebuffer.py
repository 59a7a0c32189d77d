"""`ReceiveBuffer` returns received bytes in the sizes that the readers request, copying each byte once."""

from __future__ import annotations

from .buffers import BytesLike, as_octets


class ReceiveBuffer:
    """Collects exactly the requested bytes and keeps nothing else.

    ``feed`` one read, ``take`` until it returns None, then ``release`` the read. If one read cannot fill a request, its
    memory is allocated once, in full, and later reads are written into it: time and memory are proportional to the
    number of bytes, however many pieces they arrive in.
    """

    def __init__(self) -> None:
        self._read = memoryview(b"")
        self._position = 0
        self._partial: bytearray | None = None
        self._filled = 0

    def feed(self, data: BytesLike) -> int:
        """Make ``data`` the current read; return its size in bytes. The previous read must have been released."""
        self._read = as_octets(data)
        self._position = 0
        return len(self._read)

    def take(self, count: int) -> bytearray | None:
        """Return the next ``count`` bytes, or None until all have arrived: call again with the same ``count``.

        Raises ``MemoryError`` or ``OverflowError`` if the memory cannot be allocated.
        """
        if self._partial is None:
            available = len(self._read) - self._position
            if count <= available:
                taken = bytearray(self._read[self._position : self._position + count])
                self._position += count
                return taken
            if available == 0:
                return None
            self._partial = bytearray(count)
            self._filled = 0
        return self._fill(self._partial)

    def _fill(self, partial: bytearray) -> bytearray | None:
        step = min(len(partial) - self._filled, len(self._read) - self._position)
        # Through a view, because assigning to a slice of a bytearray copies the data twice.
        with memoryview(partial) as target:
            target[self._filled : self._filled + step] = self._read[self._position : self._position + step]
        self._filled += step
        self._position += step
        if self._filled < len(partial):
            return None
        self._partial = None
        return partial

    def release(self) -> None:
        """Release the current read, so that its owner may reuse the memory."""
        self._read = memoryview(b"")
        self._position = 0

    def clear(self) -> None:
        """Discard everything, at the end of a connection."""
        self.release()
        self._partial = None
