"""Tests of ``gramarye styles`` as a separate process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from support.homes import Home


def _styles(home: Home, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gramarye", "styles", *map(str, arguments)]
    done = subprocess.run(command, env=home.environ, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_add_list_remove(home: Home, pictures: tuple[Path, Path]) -> None:
    added = _styles(home, "add", pictures[1], "--name", "mine")
    assert (added.returncode, added.stdout.startswith("mine added")) == (0, True)
    (home.root / "data" / "styles" / "broken.png").write_text("no picture")
    listed = {style["name"]: style for style in json.loads(_styles(home, "list", "--json").stdout)}
    assert listed["swirls"]["built_in"]
    assert (listed["mine"]["width"], listed["mine"]["height"], listed["mine"]["built_in"]) == (48, 36, False)
    assert "not a PNG" in listed["broken"]["error"]
    table = _styles(home, "list")
    assert (table.returncode, "yours" in table.stdout, "built in" in table.stdout) == (0, True, True)
    assert _styles(home, "remove", "mine").returncode == 0
    assert "mine" not in {style["name"] for style in json.loads(_styles(home, "list", "--json").stdout)}


def test_errors_have_a_code_and_an_exit_status(home: Home, tmp_path: Path) -> None:
    for arguments, code in (
        (("add", tmp_path / "none.png"), "picture-missing"),
        (("remove", "swirls"), "style-built-in"),
        (("remove", "nonesuch"), "style-unknown"),
    ):
        done = _styles(home, *arguments, "--json")
        assert done.returncode == 3
        assert json.loads(done.stdout)["error"]["code"] == code


def test_adding_a_style_that_hides_a_built_in_one_says_so(home: Home, pictures: tuple[Path, Path]) -> None:
    assert "hides the built-in one" in _styles(home, "add", pictures[1], "--name", "swirls").stdout
