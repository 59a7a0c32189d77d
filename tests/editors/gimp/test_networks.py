"""A script's choice of a network, and a painting by the genuine VGG19."""

from __future__ import annotations

import shutil
from typing import Any

import pytest
from PIL import Image

from editors.gimp.conftest import Gimp
from editors.gimp.screen import SCREENSHOTS
from gramarye_protocol.messages import JobList, Status
from support.homes import FAST_DEFAULT, REPOSITORY
from support.peers import Peer

pytestmark = pytest.mark.gimp

GENUINE = "vgg19-8bit"


@pytest.fixture(scope="module")
def results(bare_gimp: Gimp, _daemon: None) -> dict[str, Any]:
    picture, painted = bare_gimp.place / "small.png", bare_gimp.place / "vgg19.png"
    with Image.open(REPOSITORY / "backend" / "gramarye" / "gallery" / "content.png") as image:
        image.convert("RGB").resize((160, 112)).save(picture)
    found: dict[str, Any] = bare_gimp.run(
        "networks", picture=bare_gimp.inside(picture), painted=bare_gimp.inside(painted)
    )
    with Peer(bare_gimp.home) as peer:
        listed = peer.ask(Status())
    assert isinstance(listed, JobList)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    shutil.copy(painted, SCREENSHOTS / "gimp-vgg19.png")
    return {**found, "networks": [job.network for job in listed.jobs[-3:]]}


def test_the_networks_named_by_a_script_paint(results: dict[str, Any]) -> None:
    assert results["networks"] == ["draft", FAST_DEFAULT, GENUINE]


def test_the_genuine_vgg19_paints_a_layer(results: dict[str, Any]) -> None:
    assert results["name"] == "Gramarye swirls, strength 50"
    assert results["apart"] > 5
