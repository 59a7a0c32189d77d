"""A picture file or another layer as style."""

from __future__ import annotations

import pytest

from editors.gimp.conftest import Gimp

pytestmark = pytest.mark.gimp


def test_files_and_layers_of_every_mode_are_styles(gimp: Gimp) -> None:
    found = gimp.run("styles", folder=gimp.inside(gimp.place))
    assert found["names"] == {
        "layer": "Gramarye red paper, strength 50",
        "file": "Gramarye green paper, strength 50",
        "indexed layer": "Gramarye indexed, strength 50",
        "itself": "Gramarye layer, strength 50",
        "layer before file and name": "Gramarye red paper, strength 50 #1",
    }
    assert found["strongest"]["layer"] == "R"
    assert found["strongest"]["file"] == "G"
    assert found["strongest"]["indexed layer"] == "B"
    assert found["images left"] == 0
