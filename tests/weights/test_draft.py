"""The draft network: its file, its features at every tap, and painting with it when nothing else is installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from gramarye.engine.paint import StyleInput, paint
from gramarye.engine.recipe import Recipe, presets
from gramarye.engine.vgg.network import Network
from gramarye.image_files import read_picture
from gramarye.pixels.layer import to_picture
from gramarye.weights.store import DRAFT, NetworkInfo, find_network, load

REPOSITORY = Path(__file__).parents[2]
DEMO = REPOSITORY / "backend" / "gramarye" / "gallery"


@pytest.fixture
def draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NetworkInfo:
    monkeypatch.setenv("GRAMARYE_CACHE_DIR", str(tmp_path))
    return find_network(DRAFT)


def test_it_is_small_and_wide_at_its_taps(draft: NetworkInfo) -> None:
    assert draft.path.stat().st_size < 4 << 20
    shapes = {name: array.shape for name, array in load(draft).items() if name.endswith("weight")}
    assert len(shapes) == 13
    assert shapes["conv1_1.weight"] == (16, 3, 3, 3)
    assert shapes["conv5_1.weight"] == (320, 160, 3, 3)


def test_every_tap_has_a_readout(draft: NetworkInfo) -> None:
    """Readouts are roots (M^T M)^(1/2): symmetric, without negative eigenvalues."""
    readouts = {name: array for name, array in load(draft).items() if name.endswith("readout")}
    assert sorted(readouts) == [f"relu{block}_1.readout" for block in range(1, 6)]
    for matrix in readouts.values():
        np.testing.assert_allclose(matrix, matrix.T, atol=1e-5 * np.abs(matrix).max())
        assert np.linalg.eigvalsh(matrix.astype(np.float64)).min() >= 0


def test_every_tap_has_finite_features_and_few_dead_channels(draft: NetworkInfo) -> None:
    network = Network.from_arrays(draft.name, load(draft), draft.mean)
    levels = torch.from_numpy(to_picture(read_picture(DEMO / "content.png", max_side=256))) * 255
    x = levels.permute(2, 0, 1)[None] - torch.tensor(network.mean).reshape(1, 3, 1, 1)
    for tap, features in network.features(x, presets()["painting"].recipe.style_layers).items():
        assert torch.isfinite(features).all(), tap
        assert (features.amax(dim=(0, 2, 3)) > 0).float().mean() > 0.95, tap


def test_it_moves_a_picture_towards_a_style(draft: NetworkInfo) -> None:
    network = Network.from_arrays(draft.name, load(draft), draft.mean)
    content, style = (
        to_picture(read_picture(DEMO / name, max_side=96)) for name in ("content.png", "style-swirls.png")
    )
    iterates = list(paint(content, [StyleInput(style)], Recipe.from_dict({"steps": 20, "scales": 1}), network))
    assert iterates[-1].parts["style"] < 0.5 * iterates[0].parts["style"]
    assert np.abs(iterates[-1].best_picture() - content).mean() > 0.02


def test_the_training_script_reports_missing_pictures(tmp_path: Path) -> None:
    command = [sys.executable, "train.py", "run", "--work", str(tmp_path / "w"), "--shared", str(tmp_path / "none")]
    done = subprocess.run(
        [*command, "--minutes", "1"], cwd=REPOSITORY / "weights" / "draft", capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert "Training and measuring need" in done.stderr
