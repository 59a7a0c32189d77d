"""A job on VGG19 itself, from an empty home: no network is named and none is in the cache."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gramarye import Client
from gramarye.weights.store import find_network
from support.homes import REPOSITORY, Home, use_home

GALLERY = REPOSITORY / "backend" / "gramarye" / "gallery"


def test_an_empty_home_paints_with_vgg19_and_keeps_it_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(tmp_path / "home")
    home.root.mkdir()
    use_home(home, monkeypatch)
    expanded = home.root / "cache" / "networks" / "vgg19-8bit.safetensors"
    layer = np.asarray(Image.open(GALLERY / "content.png").convert("RGB"))[::10, ::10]
    try:
        home.start_daemon()
        assert not expanded.exists()
        with Client(start=False) as client:
            painting = client.paint(layer, [GALLERY / "style-waves.png"], steps=3, sketch=0)
    finally:
        home.close()
    assert painting.network == "vgg19-8bit"
    assert painting.array.shape == layer.shape
    assert np.abs(painting.array.astype(int) - layer).mean() > 1
    assert find_network().path == expanded
