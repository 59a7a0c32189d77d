"""Atomic writes: failures, concurrent writers and killed processes."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from gramarye.files.atomic_write import PART_SUFFIX, atomic_write

KILLED = """
import os, sys
from pathlib import Path
from gramarye.files.atomic_write import atomic_write
with atomic_write(Path(sys.argv[1]), single_writer=bool(int(sys.argv[2]))) as file:
    file.write(b"half")
    file.flush()
    os._exit(1)
"""

BOTH = pytest.mark.parametrize("single_writer", [False, True])


@BOTH
def test_a_complete_file_replaces_the_old_one(tmp_path: Path, single_writer: bool) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with atomic_write(path, single_writer=single_writer) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@BOTH
@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_after_a_failure_only_the_old_file_remains(
    tmp_path: Path, single_writer: bool, error: type[BaseException]
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with suppress(error), atomic_write(path, single_writer=single_writer) as file:
        file.write(b"half of the n")
        raise error
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_concurrent_writers_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with atomic_write(path) as first:
        first.write(b"first")
        with atomic_write(path) as second:
            second.write(b"second")
        assert path.read_bytes() == b"second"
    assert path.read_bytes() == b"first"


@pytest.mark.parametrize(("single_writer", "parts"), [(True, 1), (False, 3)])
def test_killed_single_writers_leave_one_part(tmp_path: Path, single_writer: bool, parts: int) -> None:
    path = tmp_path / "file"
    for _ in range(3):
        subprocess.run([sys.executable, "-c", KILLED, path, str(int(single_writer))], check=False)
    left = list(tmp_path.iterdir())
    assert len(left) == parts
    assert all(part.name.startswith(".") and part.name.endswith(PART_SUFFIX) for part in left)
    assert {part.read_bytes() for part in left} == {b"half"}
    with atomic_write(path, single_writer=single_writer) as file:
        file.write(b"whole")
    assert path.read_bytes() == b"whole"
    assert path.with_name(f".file{PART_SUFFIX}") not in tmp_path.iterdir()


def test_the_longest_names_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 251 + ".png")
    with atomic_write(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_a_private_file_is_never_readable_by_others(tmp_path: Path) -> None:
    path = tmp_path / "file"
    before = os.umask(0o022)
    try:
        for mode, expected in ((0o600, 0o600), (0o666, 0o644)):
            with atomic_write(path, mode=mode):
                (part,) = tmp_path.glob(f".*{PART_SUFFIX}")
                assert stat.S_IMODE(part.stat().st_mode) == expected
            assert stat.S_IMODE(path.stat().st_mode) == expected
    finally:
        os.umask(before)
