"""Tests that 16-bit and float pictures keep their depth through the command line and a real daemon."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gramarye.colour import oklab
from gramarye.image_files import read_picture, write_picture
from gramarye.pixels.formats import array_to_buffer, buffer_to_array, to_unit
from support.homes import Home

QUICK = ("--network", "tiny", "--steps", "3", "--scales", "1", "--sketch", "0")


def _gradients(depth: str) -> np.ndarray:
    """Return smooth gradients with many levels, of shape (64, 80, 3)."""
    rows, columns = np.mgrid[:64, :80] / 80.0
    values = np.stack([0.3 + 0.3 * rows, 0.4 + 0.2 * columns, 0.5 - 0.2 * rows * columns], axis=2)
    return np.rint(values * 65535) if depth == "u16" else values


def _stylize(home: Home, *arguments: str | Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gramarye", "stylize", *map(str, arguments), *QUICK],
        env=home.environ,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("ending", "depth"), [("png", "u16"), ("tif", "u16"), ("tif", "f32")])
def test_a_deep_picture_keeps_its_depth(shared_home: Home, tmp_path: Path, ending: str, depth: str) -> None:
    write_picture(array_to_buffer(_gradients(depth), "RGB", depth), tmp_path / f"in.{ending}")
    out = tmp_path / f"out.{ending}"
    _stylize(shared_home, tmp_path / f"in.{ending}", "-s", "waves", "-o", out)
    painted = read_picture(out)
    assert (painted.width, painted.height, painted.layout, painted.depth) == (80, 64, "RGB", depth)
    values = to_unit(buffer_to_array(painted), depth)
    assert not np.array_equal(values, to_unit(buffer_to_array(read_picture(tmp_path / f"in.{ending}")), depth))
    assert len(np.unique(np.rint(values[..., 1] * 65535))) > 1000
    assert np.mean(np.rint(values * 65535) % 257 == 0) < 0.1, "the values were rounded to 8 bits"


def test_a_deep_picture_keeps_its_own_colours_at_its_own_depth(shared_home: Home, tmp_path: Path) -> None:
    write_picture(array_to_buffer(_gradients("u16"), "RGB", "u16"), tmp_path / "in.png")
    out = tmp_path / "out.png"
    _stylize(shared_home, tmp_path / "in.png", "-s", "waves", "-o", out, "--colour", "luminance")
    found, wanted = (
        oklab.from_srgb(to_unit(buffer_to_array(read_picture(path)), "u16")) for path in (out, tmp_path / "in.png")
    )
    np.testing.assert_allclose(found[..., 1:], wanted[..., 1:], atol=2e-4)
    assert np.abs(found[..., 0] - wanted[..., 0]).max() > 0.01
