"""Shapes on a plate: position and size in picture pixels, soft edges, clipping at the border."""

from __future__ import annotations

import numpy as np
import pytest

from gramarye.gallery.harbour.matte import FINE, SHAPE, Plate, curve, ellipse, lay, over, rectangle, shaded, stroked


def test_rectangle_covers_its_area() -> None:
    plate = Plate.clear()
    lay(plate, rectangle(10, 20, 40, 30), (1.0, 0.5, 0.0))
    assert plate.alpha.sum() / FINE**2 == pytest.approx(30 * 10, rel=0.05)
    np.testing.assert_allclose(plate.colour[25 * FINE, 25 * FINE], (1.0, 0.5, 0.0))


def test_ellipse_covers_its_area() -> None:
    plate = Plate.clear()
    lay(plate, ellipse(100, 100, 20, 10), (1.0, 1.0, 1.0))
    assert plate.alpha.sum() / FINE**2 == pytest.approx(np.pi * 20 * 10, rel=0.03)


def test_line_is_as_thick_as_asked() -> None:
    plate = Plate.clear()
    lay(plate, stroked([(50, 60), (150, 60)], 4), (1.0, 1.0, 1.0))
    assert plate.alpha[:, 100 * FINE].sum() / FINE == pytest.approx(4, abs=0.6)


def test_shape_beyond_the_border_is_cut_there() -> None:
    plate = Plate.clear()
    lay(plate, rectangle(-20, -20, 5, 5), (1.0, 1.0, 1.0))
    lay(plate, rectangle(9000, 0, 9010, 10), (1.0, 1.0, 1.0))
    assert plate.alpha.sum() / FINE**2 == pytest.approx(25, rel=0.15)


def test_plate_covers_the_picture_only_where_something_is_on_it() -> None:
    plate = Plate.clear()
    lay(plate, rectangle(10, 10, 20, 20), (1.0, 0.0, 0.0), 0.5)
    picture = over(np.full((*SHAPE, 3), 0.5, np.float32), plate)
    np.testing.assert_allclose(picture[15 * FINE, 15 * FINE], (0.75, 0.25, 0.25), atol=1e-6)
    np.testing.assert_allclose(picture[40 * FINE, 40 * FINE], 0.5)


def test_curve_goes_from_start_to_end_and_bends_halfway_to_the_pull() -> None:
    points = curve((0, 0), (10, 20), (20, 0))
    assert points[0] == (0, 0)
    assert points[-1] == (20, 0)
    assert points[len(points) // 2] == pytest.approx((10, 10))


def test_shade_is_cooler_than_light() -> None:
    dark, plain, bright = shaded((0.5, 0.5, 0.5), np.array([0.5, 1.0, 1.5], np.float32))
    assert dark[2] > dark[0]
    np.testing.assert_allclose(plain, 0.5)
    assert bright[0] > bright[2]
