"""Layers and arguments that cannot be painted are refused with a hint, and the image is unchanged."""

from __future__ import annotations

import pytest

from editors.gimp.conftest import Gimp

pytestmark = pytest.mark.gimp

EXPECTED_MESSAGES = {
    "no layer": "Click on one",
    "one of several": "A channel cannot be painted",
    "mask": "A layer mask cannot be painted. Click on a layer",
    "channel": "A channel cannot be painted. Click on a layer",
    "group": "The layer group is empty.",
    "small": "at least 16 pixels",
    "no style": "Choose one of the gallery",
    "unknown style": "Known styles: charcoal",
    "missing file": "none.png. Choose another picture, or check the path.",
    "missing second file": "pictures/none.png. Choose another picture, or check the path.",
    "broken file": "Choose another picture",
    "unknown recipe": "Recipes: painting",
    "unknown network": "no-such-network",
    "unknown colour": "must be one of style, layer",
    "bad value": "steps must lie within",
    "strength": "strength is 150, which is out of its range. Choose a value from 0 to 100.",
    "stroke": "stroke is 0, which is out of its range. Choose a value from 0.1 to 4.",
    "mix": "mix is -1, which is out of its range. Choose a value from 0 to 100.",
    "no JSON": 'Write them like {"steps": 60}',
    "no object": 'Write them like {"steps": 60}',
    "selection elsewhere": "Select > None",
    "floating": "Anchor",
    "indexed": "Image > Mode > RGB",
}


@pytest.fixture(scope="module")
def messages(bare_gimp: Gimp, _daemon: None) -> dict[str, str]:
    found: dict[str, str] = bare_gimp.run("refusals", folder=bare_gimp.inside(bare_gimp.place))
    assert set(found) == set(EXPECTED_MESSAGES)
    return found


@pytest.mark.parametrize("what", EXPECTED_MESSAGES)
def test_a_refusal_has_a_hint(messages: dict[str, str], what: str) -> None:
    assert EXPECTED_MESSAGES[what] in messages[what]
    assert "Traceback" not in messages[what]
    assert "made a mistake" not in messages[what]
