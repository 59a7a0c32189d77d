"""Bytes that arrived, handed out in the sizes the readers ask for, each byte copied once."""

from __future__ import annotations

from .buffers import BytesLike, as_octets


class ReceiveBuffer:
    """Collects exactly the bytes that are asked for and keeps nothing else.

    ``feed`` one read, ``take`` until it returns None, ``release`` the read. A request that one read cannot
    fill gets its memory once, in full, and later reads are written into place: any number of pieces costs
    time and memory proportional to the bytes.
    """

    def __init__(self) -> None:
        self._read = memoryview(b"")
        self._position = 0
        self._partial: bytearray | None = None
        self._filled = 0

    def feed(self, data: BytesLike) -> int:
        """Make ``data`` the current read, once the last was released. Returns its size in bytes."""
        self._read = as_octets(data)
        self._position = 0
        return len(self._read)

    def take(self, count: int) -> bytearray | None:
        """The next ``count`` bytes, or None until they are all there: then ask for the same count again.

        Raises ``MemoryError`` or ``OverflowError`` where so much memory cannot be had.
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
        # Through a view, because a bytearray copies what is assigned to its slice twice.
        with memoryview(partial) as target:
            target[self._filled : self._filled + step] = self._read[self._position : self._position + step]
        self._filled += step
        self._position += step
        if self._filled < len(partial):
            return None
        self._partial = None
        return partial

    def release(self) -> None:
        """Let go of the current read, so that its owner may reuse the memory."""
        self._read = memoryview(b"")
        self._position = 0

    def clear(self) -> None:
        """Drop everything, when a connection is over."""
        self.release()
        self._partial = None
