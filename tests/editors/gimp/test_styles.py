"""Picture files and layers as styles."""

from __future__ import annotations

import pytest

from editors.gimp.conftest import Gimp

pytestmark = pytest.mark.gimp


def test_files_and_layers_of_every_mode_are_styles(gimp: Gimp) -> None:
    found = gimp.run("styles", folder=gimp.inside(gimp.place))
    assert found["names"] == {
        "layer": "Gramarye red paper, strength 100",
        "file": "Gramarye green paper, strength 100",
        "indexed layer": "Gramarye indexed, strength 100",
        "group": "Gramarye red group, strength 50",
        "itself": "Gramarye layer, strength 50",
        "layer before file and name": "Gramarye red paper, strength 100 #1",
    }
    reds, greens, blues = zip(*(found["means"][name] for name in ("layer", "file", "indexed layer")), strict=True)
    assert reds[0] > max(reds[1:]) + 10
    assert greens[1] > max(greens[0], greens[2]) + 10
    assert blues[2] > max(blues[:2]) + 10
    assert found["images left"] == 0
