"""One stroke on an empty canvas: position, curvature, and no change elsewhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from gramarye.gallery.strokes import Bristles, Canvas, Stroke, paint, render_lighting

SIDE = 128
RED, GOLD = np.array([0.9, 0.1, 0.1], np.float32), np.array([0.9, 0.8, 0.1], np.float32)
STROKE = Stroke(x=64, y=64, angle=0.0, curvature=0.0, length=60, width=14, colours=(RED, GOLD), load=2.0, dryness=0.0)


@pytest.fixture(scope="module")
def bristles() -> Bristles:
    """A bristle texture."""
    return Bristles(np.random.default_rng(3), spacing=1.3, run=30.0)


def bare() -> Canvas:
    """A blue canvas with no paint on it."""
    return Canvas(np.full((SIDE, SIDE, 3), (0.1, 0.1, 0.9), np.float32), np.zeros((SIDE, SIDE), np.float32))


def painted(stroke: Stroke, bristles: Bristles) -> NDArray[np.bool_]:
    """Return where the stroke covers the canvas (rows, columns)."""
    canvas = bare()
    paint(canvas, stroke, bristles, (5, 9))
    return canvas.colour[..., 2] < 0.5


def test_stroke_is_as_long_and_as_wide_as_asked(bristles: Bristles) -> None:
    rows, columns = np.nonzero(painted(STROKE, bristles))
    assert np.ptp(columns) == pytest.approx(STROKE.length, abs=8)
    assert np.ptp(rows) == pytest.approx(STROKE.width, abs=4)
    assert rows.mean() == pytest.approx(STROKE.y, abs=1)


def test_stroke_runs_along_its_angle(bristles: Bristles) -> None:
    """Down and to the right at 45 degrees: rows and columns grow together."""
    rows, columns = np.nonzero(painted(replace(STROKE, angle=np.pi / 4), bristles))
    assert np.corrcoef(rows, columns)[0, 1] > 0.8


@pytest.mark.parametrize("curvature", [1 / 40, -1 / 40])
def test_stroke_bends_to_the_side_of_its_curvature(bristles: Bristles, curvature: float) -> None:
    """Positive curvature turns a rightward stroke clockwise: its ends are lower than its middle."""
    covered = painted(replace(STROKE, curvature=curvature), bristles)
    rows, columns = np.nonzero(covered)
    ends, middle = rows[np.abs(columns - 64) > 20].mean(), rows[np.abs(columns - 64) < 5].mean()
    sag = 40 - np.sqrt(40**2 - 24**2)
    assert (ends - middle) * np.sign(curvature) == pytest.approx(sag, abs=4)


def test_bent_stroke_keeps_its_width(bristles: Bristles) -> None:
    straight = painted(STROKE, bristles).sum()
    assert painted(replace(STROKE, curvature=1 / 30), bristles).sum() == pytest.approx(straight, rel=0.1)


def test_stroke_uses_both_of_its_colours(bristles: Bristles) -> None:
    canvas = bare()
    paint(canvas, STROKE, bristles, (5, 9))
    green = canvas.colour[60:69, 50:78, 1]
    assert green.max() - green.min() > 0.15


def test_dry_brush_runs_out_of_paint_towards_the_lift(bristles: Bristles) -> None:
    wet, dry = painted(STROKE, bristles), painted(replace(STROKE, dryness=0.9), bristles)
    assert dry[:, :50].sum() == pytest.approx(wet[:, :50].sum(), rel=0.1)
    assert dry[:, 78:].sum() < 0.8 * wet[:, 78:].sum()


def test_stroke_off_the_canvas_leaves_it_bare(bristles: Bristles) -> None:
    assert not painted(replace(STROKE, x=-200.0), bristles).any()


def test_stroke_over_the_border_is_cut_there(bristles: Bristles) -> None:
    covered = painted(replace(STROKE, x=0.0), bristles)
    assert covered[:, :20].any()
    assert not covered[:, 40:].any()


def test_flat_canvas_keeps_its_colours_in_the_light() -> None:
    canvas = bare()
    np.testing.assert_allclose(render_lighting(canvas), canvas.colour, atol=1e-6)


def test_light_comes_from_above() -> None:
    """A ridge of paint is brighter on its upper flank than on its lower one."""
    canvas = bare()
    canvas.relief[60:68] = 3.0
    brightness = render_lighting(canvas).mean(axis=(1, 2))
    assert brightness[60] > brightness[30] > brightness[67]
