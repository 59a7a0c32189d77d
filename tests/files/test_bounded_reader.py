"""Reads allocate no more than the file's size."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

from gramarye.files.bounded_reader import BoundedReader


def test_a_read_beyond_the_end_allocates_no_more_than_the_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"abc" * 1000)
    with BoundedReader(path) as file:
        tracemalloc.start()
        try:
            assert file.read(1 << 30) == b"abc" * 1000
            assert tracemalloc.get_traced_memory()[1] < 1 << 20
        finally:
            tracemalloc.stop()
        assert file.seek(3) == 3
        assert file.read() == b"abc" * 999
