"""Which layers can be painted, and the messages for those that cannot."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from editors.krita.editor import Editor

pytestmark = [pytest.mark.krita, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def results(editor: Editor) -> Any:
    picture = editor.root / "kinds.png"
    Image.linear_gradient("L").resize((48, 40)).convert("RGB").save(picture)
    return editor.run("kinds", picture=str(picture))


@pytest.mark.parametrize("kind", ["paint", "group", "inside", "vector", "clone", "file", "fill"])
def test_every_kind_of_layer_is_painted_as_it_appears(results: Any, kind: str) -> None:
    seen = results[kind]
    assert seen["painted"], seen
    assert seen["exact"], seen


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("mask", "is a mask, which has no colours. Choose the layer"),
        ("filter", "is a filter layer, which has no pixels of its own. Choose a paint layer"),
        ("empty", "There is nothing on empty. Choose a layer"),
        ("unselected", "Nothing of noise is selected. Select some of it"),
    ],
)
def test_a_layer_that_cannot_be_painted_is_refused_with_a_reason(results: Any, kind: str, words: str) -> None:
    assert words in results[kind]["said"]


def test_only_the_selection_is_painted_and_its_feather_becomes_the_paintings_alpha(results: Any) -> None:
    seen = results["selection"]
    assert seen["feathered"]
    assert seen["alpha"] <= 0.5, seen
    assert seen["colour"] == 0, seen
    assert seen["outside"], seen


def test_profiles_reach_the_daemon(results: Any) -> None:
    assert results["icc sRGB-elle-V2-srgbtrc.icc"] == [0, ""]
    for name in ("sRGB-elle-V2-g10.icc", "Gray-D50-elle-V2-g10.icc"):
        size, magic = results[f"icc {name}"]
        assert size > 300
        assert magic == "acsp"
