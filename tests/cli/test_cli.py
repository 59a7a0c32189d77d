"""Tests of the command line as a user runs it: real processes, files and exit statuses."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

import gramarye
from gramarye.cli.main import cli, main
from gramarye.cli.option_groups import SECTIONS
from gramarye.cli.stylize import stylize
from gramarye.cli.variations import variations_command
from support.homes import Home, use_home

QUICK = ("--network", "tiny", "--steps", "4", "--scales", "1")


def _run(home: Home, *arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gramarye", *map(str, arguments)]
    done = subprocess.run(
        command, env=home.environ, cwd=cwd, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_stylize_writes_a_painting_with_profile_and_orientation(
    shared_home: Home, pictures: tuple[Path, Path], tmp_path: Path
) -> None:
    photo, style = pictures
    done = _run(shared_home, "stylize", photo, "--style", f"{style}:2:0.5", "-o", tmp_path / "out.tiff", *QUICK)
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "out.tiff") as painting:
        assert painting.size == (36, 48)
        assert painting.info["icc_profile"]
        assert not np.array_equal(
            np.asarray(painting), np.asarray(Image.open(photo).transpose(Image.Transpose.ROTATE_270))
        )


def test_json_output_has_one_object_per_line_and_names_the_network(
    shared_home: Home, pictures: tuple[Path, Path], tmp_path: Path
) -> None:
    photo, style = pictures
    out = tmp_path / "out.png"
    done = _run(
        shared_home, "stylize", photo, "-s", style, "-o", out, "--json", "--size", "32", "--save-every", "2", *QUICK
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["step"] for line in lines if line.get("event") == "saved"] == [2, 4]
    assert lines[-1]["output"] == str(out)
    assert lines[-1]["network"] == "tiny"
    assert lines[-1]["recipe"]["steps"] == 4
    assert sorted(path.name for path in tmp_path.glob("out*")) == ["out-000002.png", "out-000004.png", "out.png"]
    assert Image.open(out).size == (24, 32)


def test_start_paints_from_the_given_picture(shared_home: Home, pictures: tuple[Path, Path], tmp_path: Path) -> None:
    photo, style = pictures
    start = tmp_path / "start.png"
    Image.new("RGB", (36, 48), "gray").save(start)
    done = _run(
        shared_home,
        "stylize",
        photo,
        "-s",
        style,
        "-o",
        tmp_path / "o.png",
        "--start",
        start,
        *QUICK[:2],
        "--steps",
        "0",
    )
    assert done.returncode == 0, done.stderr
    assert np.ptp(np.asarray(Image.open(tmp_path / "o.png"))) == 0


def test_ctrl_c_keeps_the_best_so_far(shared_home: Home, pictures: tuple[Path, Path], tmp_path: Path) -> None:
    photo, style = pictures
    out = tmp_path / "out.png"
    command = [sys.executable, "-m", "gramarye", "stylize", str(photo), "-s", str(style), "-o", str(out), "--json"]
    options = ["--network", "tiny", "--steps", "100000", "--optimiser", "adam"]
    with subprocess.Popen(
        [*command, *options], env=shared_home.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            if json.loads(line).get("event") == "progress":
                break
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate(timeout=60)
    assert running.returncode == 130, errors
    assert Image.open(out).size == (36, 48)


def _failure(done: subprocess.CompletedProcess[str], status: int, code: str) -> None:
    assert (done.returncode, code in done.stderr) == (status, True), (done.returncode, done.stderr)


NONE, HERE = "none.png", __file__
USER_ERRORS = [
    (("stylize", NONE, "-s", "STYLE", "-o", "OUT"), 3, "picture-missing"),
    (("stylize", HERE, "-s", "STYLE", "-o", "OUT"), 3, "picture-unreadable"),
    (("stylize", "PHOTO", "-s", "nosuchstyle", "-o", "OUT"), 3, "style-unknown"),
    (("stylize", "PHOTO", "-s", NONE, "-o", "OUT"), 3, "picture-missing"),
    (("stylize", "PHOTO", "-s", "STYLE", "-o", "out.gif"), 3, "output-format"),
    (("stylize", "PHOTO", "-s", "STYLE", "-o", "OUT", "--network", "nosuch"), 4, "unknown-network"),
    (("stylize", "PHOTO", "-s", "STYLE", "-o", "OUT", "--network", "STYLE"), 4, "weights-"),
    (("stylize", "PHOTO", "-s", "STYLE", "-o", "OUT", "--style-layers", "relu9_9"), 3, "recipe-bad-value"),
    (("stylize", "PHOTO", "-s", "STYLE", "-o", "OUT", *QUICK, "--content-layers", "relu5_4"), 6, "too-shallow"),
    (("stylize", "PHOTO", "-s", "STYLE", "-o", "OUT", "--steps", "many"), 2, "--steps"),
    (("stylize", "PHOTO", "-o", "OUT"), 3, "no-style"),
    (("stylize", "PHOTO", "-o", "OUT", "--region", "STYLE"), 3, "region-unclear"),
    (("stylize", "PHOTO", "-o", "OUT", "--region", "nosuch.png=STYLE"), 3, "picture-missing"),
    (("stylize", "PHOTO", "-o", "OUT", "--region", "STYLE=nosuchstyle"), 3, "style-unknown"),
    (("stylize", "PHOTO", "-o", "OUT", "--region", "STYLE=STYLE"), 3, "mask-unfit"),
    (("stylize", "PHOTO", "-s", "STYLE@nosuch.png", "-o", "OUT"), 3, "picture-missing"),
    (("stylize", "PHOTO", "-s", "STYLE", "-o", "OUT", "--mix", "30"), 3, "mix-unclear"),
    (("fetch", "nosuch", "-o", "OUT"), 6, "job-unknown"),
    (("cancel", "nosuch"), 6, "job-unknown"),
]


def _filled_in(argument: str, names: dict[str, str]) -> str:
    for name, path in names.items():
        argument = argument.replace(name, path)
    return argument


@pytest.mark.parametrize(("arguments", "status", "said"), USER_ERRORS, ids=lambda value: str(value)[-20:])
def test_user_errors_give_a_message_and_an_exit_status(
    shared_home: Home,
    pictures: tuple[Path, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    status: int,
    said: str,
) -> None:
    """Runs in this process, to save the time that the interpreter takes to start."""
    use_home(shared_home, monkeypatch)
    monkeypatch.chdir(tmp_path)
    names = {"PHOTO": str(pictures[0]), "STYLE": str(pictures[1]), "OUT": "out.png"}
    monkeypatch.setattr(sys, "argv", ["gramarye", *(_filled_in(argument, names) for argument in arguments)])
    with pytest.raises(SystemExit) as exited:
        main()
    errors = capsys.readouterr().err
    assert (exited.value.code, said in errors, "Traceback" in errors) == (status, True, False), errors
    assert not Path("out.png").exists()


@pytest.mark.parametrize(("flags", "expected"), [((), False), (("--debug",), True)])
def test_the_traceback_is_shown_only_with_debug(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...], expected: bool
) -> None:
    monkeypatch.setattr(sys, "argv", ["gramarye", *flags, "stylize", NONE, "-s", NONE, "-o", "out.png"])
    with pytest.raises(SystemExit):
        main()
    assert ("Traceback" in capsys.readouterr().err) is expected


def test_without_a_daemon_commands_say_so(home: Home) -> None:
    for command in (["status"], ["jobs"], ["cancel", "x"], ["stop"]):
        _failure(_run(home, *command), 5, "no-daemon")
    done = _run(home, "status", "--json")
    assert json.loads(done.stdout)["error"]["code"] == "no-daemon"


def test_status_jobs_fetch_cancel_and_stop(home: Home, pictures: tuple[Path, Path], tmp_path: Path) -> None:
    daemon = home.start_daemon()
    photo, style = pictures
    assert _run(home, "stylize", photo, "-s", style, "-o", tmp_path / "a.png", *QUICK).returncode == 0
    listed = json.loads(_run(home, "jobs", "--json").stdout)
    assert [(job["state"], job["title"]) for job in listed] == [("done", "photo.png in style")]
    assert "photo.png in style" in _run(home, "jobs").stdout
    assert _run(home, "fetch", listed[0]["job"], "-o", tmp_path / "b.png").returncode == 0
    assert (tmp_path / "b.png").read_bytes() == (tmp_path / "a.png").read_bytes()
    assert json.loads(_run(home, "status", "--json").stdout)["active"] == 0
    assert "idle" in _run(home, "status").stdout
    assert _run(home, "stop").stdout.strip() == "stopped"
    assert daemon.wait(20) == 0


@pytest.mark.skipif(os.name == "nt", reason="ends the started daemon by its pid, with a POSIX signal")
def test_stylize_starts_a_daemon_that_the_next_command_uses(
    home: Home, pictures: tuple[Path, Path], tmp_path: Path
) -> None:
    photo, style = pictures
    for name in ("a.png", "b.png"):
        done = _run(home, "stylize", photo, "-s", style, "-o", tmp_path / name, *QUICK)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()
    pid = json.loads(_run(home, "status", "--json").stdout)["pid"]
    assert _run(home, "stop").returncode == 0
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and _alive(pid):
        time.sleep(0.05)
    assert not _alive(pid)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2] if Path("/proc").is_dir() else True


def test_doctor_reports_every_check(shared_home: Home, tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise RuntimeError('imported from the folder of a user')")
    done = _run(shared_home, "doctor", "--json", cwd=tmp_path)
    findings = {finding["what"]: finding for finding in json.loads(done.stdout)}
    assert set(findings) == {"Python", "torch", "networks", "daemon", "disk", "jobs", "Krita", "GIMP", "GIMP's Python"}
    assert findings["torch"]["verdict"] == "ok"
    assert findings["daemon"]["found"].startswith("gramarye ")
    assert "tiny" in findings["networks"]["found"]
    assert done.returncode == 0


def test_a_second_daemon_says_why_it_does_not_start(shared_home: Home) -> None:
    done = _run(shared_home, "serve")
    _failure(done, 5, "daemon-running")
    said = json.loads(done.stdout)
    assert (said["ready"], said["error"]["code"]) == (False, "daemon-running")


def test_every_command_has_help(home: Home) -> None:
    overview = _run(home, "--help").stdout
    runner = CliRunner()
    for command in (
        "stylize",
        "variations",
        "demo",
        "serve",
        "status",
        "jobs",
        "fetch",
        "cancel",
        "stop",
        "weights",
        "doctor",
        "diagnostics",
    ):
        assert command in overview
        assert runner.invoke(cli, [command, "--help"]).exit_code == 0


@pytest.mark.parametrize("command", [stylize, variations_command], ids=["stylize", "variations"])
def test_every_painting_option_is_listed_once_under_its_heading(command: click.Command) -> None:
    said = CliRunner().invoke(command, ["--help"]).output
    headings = [line for line in said.splitlines() if line.endswith(":") and not line.startswith(" ")]
    assert headings == [f"{heading}:" for heading in (*SECTIONS, "Options")]
    assert len(said.split("Options:")[1].strip().splitlines()) == 1  # only --help
    flags = [flag for param in command.params for flag in param.opts if flag.startswith("--")]
    assert "--content-weight" in flags
    shown = re.findall(r"^  (?:-\w, )?(--[\w-]+)", said, re.MULTILINE)
    assert sorted(shown) == sorted([*flags, "--help"])


def test_version(home: Home) -> None:
    assert _run(home, "--version").stdout.strip().endswith(gramarye.__version__)
