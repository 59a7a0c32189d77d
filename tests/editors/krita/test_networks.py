"""The choice between the full and the quick network in a real Krita, and a painting by the genuine VGG19."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from editors.krita.editor import SCREENSHOTS, Editor
from gramarye_plugin.labels import QUALITY, QUALITY_HELP
from gramarye_plugin.network_choices import FULL, QUICK
from support.homes import FAST_DEFAULT, REPOSITORY

pytestmark = [pytest.mark.krita, pytest.mark.timeout(400)]

GENUINE = "vgg19-8bit"


@pytest.fixture(scope="module")
def results(editor: Editor) -> Any:
    picture = editor.root / "networks.png"
    with Image.open(REPOSITORY / "backend" / "gramarye" / "gallery" / "content.png") as image:
        image.convert("RGB").resize((160, 112)).save(picture)
    networks = editor.home.root / "cache" / "networks"
    return editor.run("networks", picture=str(picture), style="swirls", networks=str(networks))


def test_full_and_quick_are_offered_in_words_and_others_by_name(results: Any) -> None:
    assert (results["label"], results["help"]) == (QUALITY, QUALITY_HELP)
    assert results["entries"] == [["", FULL], ["draft", QUICK], [GENUINE, GENUINE]]
    assert results["at first"] == FULL


def test_quick_paints_with_the_draft_and_full_with_the_default(results: Any) -> None:
    assert results["quick"] == ["draft", "draft"]
    assert results["full"] == ["", FAST_DEFAULT]


@pytest.mark.parametrize("name", [GENUINE, "vgg19-mat"])
def test_a_stored_network_stays_chosen_even_if_it_is_not_installed(results: Any, name: str) -> None:
    assert results[f"stored {name}"] == [name, name]


def test_a_network_installed_while_the_docker_is_open_is_offered(results: Any) -> None:
    names = [value for value, _ in results["installed meanwhile"]]
    assert sorted(names) == ["", "draft", GENUINE, "vgg19-mat"]


def test_the_genuine_vgg19_paints_a_layer(results: Any) -> None:
    network, difference = results["vgg19"]
    assert network == GENUINE
    assert difference > 5
    with Image.open(SCREENSHOTS / "krita-vgg19.png") as image:
        assert len(image.convert("RGB").getcolors(1 << 24) or ()) > 500
