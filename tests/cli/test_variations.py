"""Tests of ``gramarye variations`` and ``--continue``: real processes, which also run the printed commands."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from support.homes import Home

QUICK = ("--network", "tiny", "--steps", "8", "--scales", "1", "--sketch", "2")


def _run(home: Home, cwd: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gramarye", *map(str, arguments)]
    done = subprocess.run(command, env=home.environ, cwd=cwd, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A photograph larger than a painting on the sheet, with a space in its name, next to a style."""
    rows, columns = np.mgrid[:280, :320]
    values = np.stack([rows % 256, columns % 256, (rows + columns) // 3 % 256], axis=-1).astype(np.uint8)
    Image.fromarray(values).save(tmp_path / "a photo.png")
    Image.fromarray(values[::-1, ::3].copy()).save(tmp_path / "style.png")
    return tmp_path / "a photo.png"


def test_the_commands_for_the_eight_variations_paint_them_at_full_size(shared_home: Home, photo: Path) -> None:
    folder = photo.parent
    style = ("-s", "style.png:2:0.8", "-s", "waves")
    done = _run(shared_home, folder, "variations", photo.name, *style, "-o", "sheet.png", *QUICK, "--json")
    assert done.returncode == 0, done.stderr
    *told, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert last == {"output": "sheet.png", "paintings": 8}
    assert [one["number"] for one in told] == list(range(1, 9))
    assert {one["recipe"]["steps"] for one in told} == {4}
    with Image.open(folder / "sheet.png") as sheet:
        assert sheet.size[0] > 3 * 256
        assert sheet.size[1] > 3 * 224
    listed = {job["job"]: job for job in json.loads(_run(shared_home, folder, "jobs", "--json").stdout)}
    assert listed[told[0]["job"]]["title"] == "a photo.png in style, waves: more layer, finer strokes"
    words = shlex.split(told[-1]["command"])
    assert words[0] == "gramarye"
    assert _run(shared_home, folder, *words[1:]).returncode == 0
    with Image.open(folder / "sheet-8.png") as painting:
        assert painting.size == (320, 280)
    newest = json.loads(_run(shared_home, folder, "jobs", "--json").stdout)[-1]
    assert (newest["step"], newest["total"]) == (2, 2)


def test_the_printed_commands_can_be_pasted(shared_home: Home, photo: Path) -> None:
    options = (
        "--size",
        "64",
        "--vary",
        "smoothness",
        "--vary",
        "strokes",
        "--no-recolour",
        "--content-layers",
        "relu3_1",
    )
    done = _run(shared_home, photo.parent, "variations", photo.name, "-s", "style.png", "-o", "s.png", *QUICK, *options)
    assert done.returncode == 0, done.stderr
    commands = [line.strip() for line in done.stdout.splitlines() if line.startswith("   gramarye ")]
    assert len(commands) == 8
    assert "5. larger strokes" in done.stdout.splitlines()
    words = shlex.split(commands[0])
    assert words[:3] == ["gramarye", "stylize", "a photo.png"]
    for given in ("--no-recolour", "relu3_1", "--tv-weight", "tiny", "64"):
        assert given in words
    assert _run(shared_home, photo.parent, *words[1:]).returncode == 0
    with Image.open(photo.parent / "s-1.png") as painting:
        assert max(painting.size) == 64


def test_ctrl_c_keeps_the_finished_paintings(shared_home: Home, photo: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "gramarye",
        "variations",
        photo.name,
        "-s",
        "style.png",
        "-o",
        "sheet.png",
        "--json",
    ]
    options = ["--network", "tiny", "--steps", "40", "--optimiser", "adam", "--scales", "1", "--sketch", "0"]
    with subprocess.Popen(
        [*command, *options],
        env=shared_home.environ,
        cwd=photo.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        first = json.loads(running.stdout.readline())
        running.send_signal(signal.SIGINT)
        rest, errors = running.communicate(timeout=60)
    assert running.returncode == 130, errors
    assert first["number"] == 1
    told = [json.loads(line) for line in rest.splitlines()]
    assert 1 <= told[-1]["paintings"] < 8
    assert (photo.parent / "sheet.png").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--vary", "strength"), "two different sliders"),
        (("--vary", "strength", "--vary", "strength"), "two different sliders"),
        (("--vary", "nosuch"), "--vary"),
        (("--content-weight", "0"), "content_weight is 0"),
    ],
)
def test_settings_that_cannot_be_varied_are_a_usage_error(
    shared_home: Home, photo: Path, options: tuple[str, ...], said: str
) -> None:
    done = _run(shared_home, photo.parent, "variations", photo.name, "-s", "style.png", "-o", "s.png", *QUICK, *options)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr


def test_a_painting_is_continued_by_job_or_as_the_last(home: Home, photo: Path) -> None:
    home.start_daemon()
    folder = photo.parent
    paint = ("stylize", photo.name, "-s", "style.png", "-o", "o.png", "--size", "64", *QUICK)
    nothing = _run(home, folder, *paint, "--continue", "last")
    assert (nothing.returncode, "continues-unfit" in nothing.stderr) == (3, True)
    assert _run(home, folder, *paint).returncode == 0
    again = _run(home, folder, *paint, "--continue", "last", "--json")
    assert again.returncode == 0, again.stderr
    events = [json.loads(line) for line in again.stdout.splitlines()]
    assert [event["steps"] for event in events if event.get("event") == "done"] == [2]
    (first, _) = json.loads(_run(home, folder, "jobs", "--json").stdout)
    assert _run(home, folder, *paint, "--continue", first["job"]).returncode == 0
    unknown = _run(home, folder, *paint, "--continue", "nosuch")
    assert (unknown.returncode, "continues-unfit" in unknown.stderr) == (3, True)
    both = _run(home, folder, *paint, "--continue", "last", "--start", "o.png")
    assert (both.returncode, "--start" in both.stderr) == (2, True)
