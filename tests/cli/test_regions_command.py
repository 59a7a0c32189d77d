"""Tests of ``gramarye stylize`` with regions, parts of styles and mixes: real processes and files."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from gramarye.cli.style_argument import mix_styles, parse_region, parse_style
from gramarye.client import Style
from gramarye.errors import InputError
from support.homes import Home

QUICK = ("--network", "tiny", "--steps", "4", "--scales", "1")


def _stylize(home: Home, photo: Path, out: Path, *arguments: str | Path) -> tuple[np.ndarray, dict[str, object]]:
    command = [sys.executable, "-m", "gramarye", "stylize", photo, "-o", out, "--json", *QUICK, *arguments]
    done = subprocess.run(list(map(str, command)), env=home.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with Image.open(out) as painting:
        return np.asarray(painting), json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def portrait_inputs(pictures: tuple[Path, Path], tmp_path: Path) -> tuple[Path, Path, Path]:
    """A photograph, a style, and a mask of twice the photograph's size with a white left third."""
    photo, style = tmp_path / "upright.png", pictures[1]
    Image.fromarray(np.rot90(np.asarray(Image.open(pictures[0])), -1)).save(photo)
    values = np.zeros((96, 72), np.uint8)
    values[:, :24] = 255
    Image.fromarray(values).save(tmp_path / "left=.png")
    return photo, style, tmp_path / "left=.png"


def test_only_the_region_is_painted_and_the_rest_is_unchanged(
    shared_home: Home, portrait_inputs: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    photo, style, mask = portrait_inputs
    painted, _ = _stylize(shared_home, photo, tmp_path / "out.png", "--region", f"{mask}={style}:2")
    before = np.asarray(Image.open(photo))
    np.testing.assert_array_equal(painted[:, 13:], before[:, 13:])
    assert (painted[:, :11] != before[:, :11]).mean() > 0.5


def test_a_style_without_a_mask_paints_the_rest(
    shared_home: Home, portrait_inputs: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    photo, style, mask = portrait_inputs
    painted, _ = _stylize(
        shared_home, photo, tmp_path / "out.png", "--region", f"{mask}={style}", "-s", f"{photo}@{mask}"
    )
    before = np.asarray(Image.open(photo))
    assert (painted[:, 13:] != before[:, 13:]).mean() > 0.5


def test_a_mix_is_painted_and_its_recipe_reported(
    shared_home: Home, portrait_inputs: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    photo, style, _ = portrait_inputs
    mix = ("-s", style, "-s", photo, "--mix", "30", "--blend", "one", "--any-direction", "--stroke-sizes", "0.7,1.2")
    _, told = _stylize(shared_home, photo, tmp_path / "out.png", *mix)
    recipe = told["recipe"]
    assert isinstance(recipe, dict)
    assert (recipe["blend"], recipe["any_direction"], recipe["stroke_sizes"]) == ("one", True, [0.7, 1.2])


def test_style_arguments_are_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a=b.png", "with@sign.png", "sky.png"):
        (tmp_path / name).touch()
    assert parse_region("sky.png=s.png:2:0.5") == Style(Path("s.png"), weight=2.0, scale=0.5, mask=Path("sky.png"))
    assert parse_region("a=b.png=s.png").mask == Path("a=b.png")
    assert parse_style("with@sign.png") == Style(Path("with@sign.png"))
    assert parse_style("with@sign.png:2:0.5") == Style(Path("with@sign.png"), weight=2.0, scale=0.5)
    assert parse_style("with@sign.png:2@sky.png") == Style(Path("with@sign.png"), weight=2.0, part=Path("sky.png"))
    assert parse_style("s.png:2@sky.png") == Style(Path("s.png"), weight=2.0, part=Path("sky.png"))
    two = [Style(Path("a.png")), Style(Path("b.png"))]
    assert [style.weight for style in mix_styles(two, 30.0)] == [0.7, 0.3]
    assert [style.picture for style in mix_styles(two, 100.0)] == [Path("b.png")]
    with pytest.raises(InputError):
        mix_styles(two[:1], 30.0)
