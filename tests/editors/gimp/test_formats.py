"""A painting with no steps equals its layer bit for bit, in every format of GIMP."""

from __future__ import annotations

from typing import Any

import pytest

from editors.gimp.conftest import Gimp

pytestmark = pytest.mark.gimp

WIDE = ("U32", "DOUBLE")
"""Precisions that are transferred as 32-bit floats."""


def test_every_format_is_returned_unchanged(gimp: Gimp) -> None:
    found: dict[str, dict[str, Any]] = gimp.run("formats")
    assert len(found) == 6 * 3 * 2 * 2 * 2
    for name, back in found.items():
        assert back["format"], name
        assert back["place"], name
        assert back["precision"], name
        assert back["above"], name
        if name.startswith(WIDE):
            assert back["apart"] < 1e-6, name
        else:
            assert back["same"], (name, back["apart"])
