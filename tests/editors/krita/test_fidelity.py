"""A real Krita and a real daemon keep the pixels, position, depth and profile of layers."""

from __future__ import annotations

from typing import Any

import pytest

from editors.krita.editor import Editor

pytestmark = [pytest.mark.krita, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def results(editor: Editor) -> Any:
    return editor.run("fidelity")


@pytest.mark.parametrize("model", ["RGBA", "GRAYA"])
@pytest.mark.parametrize("depth", ["U8", "U16", "F16", "F32"])
def test_every_depth_comes_back_bit_for_bit_in_one_step_to_undo(results: Any, model: str, depth: str) -> None:
    seen = results[f"{model} {depth}"]
    assert seen["added"] == 1, seen
    assert seen["place"], seen
    assert seen["exact"], seen
    assert seen["space"], seen
    assert seen["undone"], seen


@pytest.mark.parametrize("model", ["CMYKA", "LABA", "YCbCrA"])
def test_other_colour_models_are_converted_and_the_user_is_told(results: Any, model: str) -> None:
    seen = results[model]
    assert seen["added"] == 1, seen
    assert seen["space"], seen
    assert seen["mean"] <= 9.0, seen  # Krita's conversion error; for YCbCr 0.06 to 8.5, different at each start
    assert seen["worst"] <= 24, seen
    assert "converted" in seen["said"], seen
