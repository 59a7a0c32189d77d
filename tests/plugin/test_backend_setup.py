"""Setting Gramarye up from an editor: the Python that is taken, the commands, and pip's progress."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gramarye_plugin.backend_setup import (
    CHECK,
    CPU_INDEX,
    PipProgress,
    environment_folder,
    environment_python,
    find_wheel,
    has_cuda,
    parse_check,
    python_candidates,
    remaining_seconds,
    setup_steps,
    size_text,
)


def _make_program(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_newer_pythons_are_tried_first_and_the_path_before_the_usual_places(tmp_path: Path) -> None:
    old = _make_program(tmp_path / "a" / "python3.10")
    new = _make_program(tmp_path / "b" / "python3.13")
    plain = _make_program(tmp_path / "a" / "python3")
    (tmp_path / "a" / "python3.12").write_text("not a program")
    candidates = python_candidates({"PATH": f"{tmp_path / 'a'}{os.pathsep}{tmp_path / 'b'}"}, "linux")
    ours = [command for (command,) in candidates if command.startswith(str(tmp_path))]
    assert ours == [new, old, plain]
    assert candidates.index((plain,)) < next(
        (place for place, (command,) in enumerate(candidates) if command == "/usr/bin/python3"), len(candidates)
    )


def test_the_launcher_of_windows_is_tried_first() -> None:
    candidates = python_candidates({"LOCALAPPDATA": "C:\\Local"}, "win32")
    assert candidates[0] == ("py", "-3.14")
    assert candidates[-1] == ("python",)
    assert any("Python311" in command[0] for command in candidates)


def test_this_python_is_suitable_and_others_are_not() -> None:
    output = subprocess.run([sys.executable, "-c", CHECK], capture_output=True, text=True, check=True).stdout
    assert parse_check(output) == sys.version_info[:2]
    assert parse_check("python 3 9\n") is None
    assert parse_check("python 2 7\n") is None
    assert parse_check("No module named ensurepip") is None


@pytest.mark.parametrize(
    ("environ", "platform", "has_index"),
    [({}, "linux", True), ({"PIP_INDEX_URL": "x"}, "linux", False), ({}, "darwin", False), ({}, "win32", False)],
)
def test_pytorch_comes_without_cuda_where_there_is_no_driver(
    environ: dict[str, str], platform: str, has_index: bool
) -> None:
    steps = setup_steps(("py", "-3.12"), "/new", "/plugin/setup/gramarye.whl", environ, platform)
    assert steps[0].command == ("py", "-3.12", "-m", "venv", "--clear", "/new")
    install = steps[-1].command
    assert install[0] == environment_python("/new", platform)
    assert install[-1] == "/plugin/setup/gramarye.whl"
    assert install[install.index("--constraint") + 1] == os.path.join("/plugin/setup", "constraints.txt")
    assert (CPU_INDEX in install) is (has_index and not has_cuda("linux"))


def test_cuda_is_wanted_with_a_driver_on_linux_alone() -> None:
    assert has_cuda("linux", lambda _path: True)
    assert not has_cuda("linux", lambda _path: False)
    assert not has_cuda("win32", lambda _path: True)


def test_the_environment_is_in_the_users_data_folder() -> None:
    assert environment_folder({"XDG_DATA_HOME": "/data"}, "linux") == os.path.join("/data", "gramarye", "environment")
    assert "Application Support" in environment_folder({}, "darwin")
    assert environment_folder({"LOCALAPPDATA": "L"}, "win32").startswith("L")


def test_the_wheel_is_found_if_there_is_one(tmp_path: Path) -> None:
    assert find_wheel(str(tmp_path)) == ""
    (tmp_path / "setup").mkdir()
    (tmp_path / "setup" / "constraints.txt").write_text("")
    assert find_wheel(str(tmp_path)) == ""
    (tmp_path / "setup" / "gramarye-1-py3-none-any.whl").write_bytes(b"")
    assert find_wheel(str(tmp_path)) == str(tmp_path / "setup" / "gramarye-1-py3-none-any.whl")


def test_pips_progress_is_understood() -> None:
    progress = PipProgress()
    for line in ("Collecting torch", "  Downloading torch-2.13.0-cp311.whl (190 MB)", "Progress 0 of 1000"):
        progress.feed(line)
    progress.feed("Progress 400 of 1000")
    assert (progress.sentence, progress.done, progress.total, progress.received) == (
        "Downloading torch.",
        400,
        1000,
        400,
    )
    for line in ("Progress 1000 of 1000", "Downloading https://host/numpy-2.0-cp311.whl (17 MB)", "Progress 50 of 500"):
        progress.feed(line)
    assert (progress.sentence, progress.done, progress.received) == ("Downloading numpy.", 50, 1050)
    progress.feed("Installing collected packages: numpy, torch")
    assert (progress.sentence, progress.total) == ("Installing the packages.", 0)
    progress.feed("ERROR: No matching distribution found for torch")
    assert progress.error == "No matching distribution found for torch"


def test_the_remaining_time_follows_from_the_rate() -> None:
    assert remaining_seconds(100, 400, 10.0) == 30.0
    assert remaining_seconds(100, 400, 0.5) < 0
    assert remaining_seconds(0, 400, 10.0) < 0
    assert remaining_seconds(500, 400, 10.0) == 0.0


def test_sizes_are_readable() -> None:
    assert (size_text(350 * 10**6), size_text(3 * 10**9), size_text(2_540_000_000)) == ("350 MB", "3 GB", "2.54 GB")
