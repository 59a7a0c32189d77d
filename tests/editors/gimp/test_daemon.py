"""Daemons that are missing, start, hang or die, as seen by a user of GIMP."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from editors.gimp.conftest import Gimp
from gramarye.daemon.retries import MAX_CRASHES
from gramarye_protocol.messages import JobList, JobSummary, Status
from support.homes import REPOSITORY, Home, install_fast_default
from support.peers import Peer

pytestmark = pytest.mark.gimp

UNCHANGED = '{"steps": 0, "sketch": 0}'
ENDLESS = '{"steps": 100000, "optimiser": "adam", "init": "noise", "sketch": 0, "scales": 1}'
LONG = '{"steps": 400, "optimiser": "adam", "init": "noise", "sketch": 0, "scales": 1}'
LAYER_UNTOUCHED = {"untouched": True, "layers": ["layer"]}


@pytest.fixture
def isolated_gimp(bare_gimp: Gimp) -> Iterator[Gimp]:
    """GIMP with a separate home, in which no daemon runs."""
    home = Home(bare_gimp.place / "own")
    home.root.mkdir()
    install_fast_default(home)
    backend = bare_gimp.plugin / "backend.json"
    before = backend.read_text()
    yield Gimp(bare_gimp.root, bare_gimp.place, home)
    backend.write_text(before)
    home.close()
    shutil.rmtree(home.root)


def layer_state(found: dict[str, Any]) -> dict[str, Any]:
    return {name: found[name] for name in LAYER_UNTOUCHED}


def test_without_a_backend_the_message_tells_how_to_install_one(isolated_gimp: Gimp) -> None:
    (isolated_gimp.plugin / "backend.json").write_text('{"python": "/nowhere/python"}')
    found = isolated_gimp.run("once", recipe=UNCHANGED)
    assert "no longer installed at /nowhere/python" in found["said"]
    assert "gramarye plugin install" in found["said"]
    assert layer_state(found) == LAYER_UNTOUCHED


def install_fake_backend(gimp: Gimp, script: str) -> Path:
    """Install a shell script as the backend, because the chroot has no Python with Gramarye; return its path."""
    python = gimp.home.root / "python"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(stat.S_IRWXU)
    (gimp.plugin / "backend.json").write_text(json.dumps({"python": gimp.inside(python)}))
    return python


def announce_later(gimp: Gimp) -> str:
    """Start a daemon outside the chroot; return shell commands that announce it as ready after half a second."""
    gimp.home.start_daemon()
    file = gimp.home.connection_file
    file.rename(file.with_suffix(".later"))
    inside = gimp.inside(file)
    return f"sleep 0.5; cp -p {inside.replace('.json', '.later')} {inside}; echo '{{\"ready\": true}}'"


def test_a_daemon_is_started_with_its_own_python_and_a_clean_environment(isolated_gimp: Gimp) -> None:
    script = announce_later(isolated_gimp)
    recorded_arguments = isolated_gimp.home.root / "seen"
    record = isolated_gimp.inside(recorded_arguments)
    install_fake_backend(
        isolated_gimp,
        f'echo "$@" > {record}; env >> {record}; {script}; exec sleep 5',
    )
    found = isolated_gimp.run("once", environ={"PYTHONPATH": "/editor", "LD_LIBRARY_PATH": "/editor"}, recipe=UNCHANGED)
    assert found["said"] == ""
    assert found["layers"] == ["Gramarye swirls, strength 50", "layer"]
    lines = recorded_arguments.read_text().splitlines()
    assert lines[0].startswith("-m gramarye serve --idle-exit")
    assert not any(line.startswith(("PYTHONPATH=", "LD_LIBRARY_PATH=")) for line in lines)


def test_a_killed_daemons_connection_file_does_not_prevent_a_start(isolated_gimp: Gimp) -> None:
    killed = isolated_gimp.home.start_daemon()
    killed.kill()
    killed.wait()
    leftover = isolated_gimp.home.connection_file
    kept = leftover.read_bytes()
    script = announce_later(isolated_gimp)
    leftover.write_bytes(kept)
    leftover.chmod(0o600)
    install_fake_backend(isolated_gimp, f"{script}; exec sleep 5")
    assert isolated_gimp.run("once", recipe=UNCHANGED)["said"] == ""


def test_a_daemon_that_cannot_start_gives_its_reason(isolated_gimp: Gimp) -> None:
    reason = {"ready": False, "error": {"code": "ledger-unreadable", "message": "It is broken.", "hint": "Move it."}}
    install_fake_backend(isolated_gimp, f"echo '{json.dumps(reason)}'; exit 5")
    found = isolated_gimp.run("once", recipe=UNCHANGED)
    assert found["said"] == "It is broken. Move it."
    assert layer_state(found) == LAYER_UNTOUCHED


def test_a_daemon_that_dies_at_once_is_reported(isolated_gimp: Gimp) -> None:
    install_fake_backend(isolated_gimp, "exit 1")
    assert "did not start" in isolated_gimp.run("once", recipe=UNCHANGED)["said"]


def test_a_daemon_that_hangs_is_given_up(isolated_gimp: Gimp) -> None:
    daemon = isolated_gimp.home.start_daemon()
    daemon.send_signal(signal.SIGSTOP)
    try:
        found = isolated_gimp.run("once", recipe=UNCHANGED)
    finally:
        daemon.send_signal(signal.SIGCONT)
    assert "does not answer" in found["said"]
    assert found["seconds"] < 20
    assert layer_state(found) == LAYER_UNTOUCHED


def test_a_daemon_that_is_killed_while_it_paints_is_replaced_and_the_next_finishes(isolated_gimp: Gimp) -> None:
    """The plugin starts a backend, which announces the daemon that the test starts when it is asked for one."""
    home = isolated_gimp.home
    asked, there = home.root / "asked", home.root / "there"
    inside = isolated_gimp.inside
    wait = f"touch {inside(asked)}; while [ ! -e {inside(there)} ]; do sleep 0.1; done"
    install_fake_backend(isolated_gimp, f"{wait}; echo '{{\"ready\": true}}'; exec sleep 5")
    daemon = home.start_daemon()
    running = isolated_gimp.start("once", recipe=LONG)
    job = wait_for_job(home)
    daemon.kill()
    daemon.wait()
    deadline = time.monotonic() + 30
    while not asked.exists():
        assert time.monotonic() < deadline, isolated_gimp.log()
        time.sleep(0.05)
    home.start_daemon()
    there.touch()
    found = running.result()
    assert (found["said"], found["layers"]) == ("", ["Gramarye swirls, strength 50", "layer"])
    with Peer(home) as peer:
        assert summary(peer, job).state == "done"


def test_a_daemon_that_is_killed_and_cannot_be_replaced_is_reported(isolated_gimp: Gimp) -> None:
    install_fake_backend(isolated_gimp, "exit 1")
    daemon = isolated_gimp.home.start_daemon()
    running = isolated_gimp.start("once", recipe=ENDLESS)
    wait_for_job(isolated_gimp.home)
    daemon.kill()
    found = running.result()
    assert "did not start" in found["said"]
    assert layer_state(found) == LAYER_UNTOUCHED


def test_an_error_of_the_daemon_is_reported_in_its_own_sentence(isolated_gimp: Gimp) -> None:
    """The worker is killed until the daemon gives the job up."""
    daemon = isolated_gimp.home.start_daemon()
    running = isolated_gimp.start("once", recipe=ENDLESS)
    wait_for_job(isolated_gimp.home)
    killed = ""
    for _ in range(MAX_CRASHES):
        killed = wait_for_next_worker(daemon.pid, killed)
        os.kill(int(killed), signal.SIGKILL)
    found = running.result()
    assert "The painting process died" in found["said"]
    assert layer_state(found) == LAYER_UNTOUCHED


def wait_for_next_worker(daemon: int, before: str) -> str:
    """Wait for a worker process of the daemon other than ``before``; return its id."""
    while True:
        for child in Path(f"/proc/{daemon}/task/{daemon}/children").read_text().split():
            if child != before:
                return child
        time.sleep(0.02)


def test_a_plugin_that_gimp_kills_leaves_nothing_and_its_job_ends_within_two_seconds(isolated_gimp: Gimp) -> None:
    """GIMP kills the plugin when the user cancels its progress bar."""
    isolated_gimp.home.start_daemon()
    running = isolated_gimp.start("once", recipe=ENDLESS)
    job = wait_for_job(isolated_gimp.home)
    os.kill(isolated_gimp.plugin_process(), signal.SIGKILL)
    killed_at = time.monotonic()
    with Peer(isolated_gimp.home) as peer:
        while summary(peer, job).state == "running":
            time.sleep(0.05)
        assert time.monotonic() - killed_at < 2.0
        assert summary(peer, job).state == "cancelled"
    assert layer_state(running.result()) == LAYER_UNTOUCHED


def wait_for_job(home: Home) -> str:
    """Wait until a job has done a step; return the job."""
    with Peer(home) as peer:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            listed = peer.ask(Status())
            assert isinstance(listed, JobList)
            for job in listed.jobs:
                if job.step:
                    return job.job
            time.sleep(0.05)
    raise AssertionError("no job has started")


def summary(peer: Peer, job: str) -> JobSummary:
    listed = peer.ask(Status(job))
    assert isinstance(listed, JobList)
    return listed.jobs[0]


def documented(name: str) -> str:
    """Return the example of docs/gimp-scripts.md that this comment precedes."""
    text = (REPOSITORY / "docs" / "gimp-scripts.md").read_text(encoding="utf-8")
    return text.split(f"<!-- gimp {name} -->\n```sh\n", 1)[1].split("```", 1)[0]


def test_the_documented_batch_script_paints(gimp: Gimp) -> None:
    command = documented("batch")
    folder = gimp.place / "batch"
    photo = photo_in(folder)
    shell = gimp.spawn("sh", "-c", f"cd {gimp.inside(folder)}\n{command}")
    assert shell.wait(110) == 0, gimp.log()
    with Peer(gimp.home) as peer:
        listed = peer.ask(Status())
    assert isinstance(listed, JobList)
    assert (listed.jobs[-1].title, listed.jobs[-1].state) == ("Gramarye swirls, strength 60", "done")
    assert is_painted(photo, folder / "painted.png")
    log = gimp.log()
    assert "Gramarye swirls, strength 60: Step" in log, "progress is printed"


def photo_in(folder: Path, name: str = "photo.png") -> Image.Image:
    """Write a small photo; return it."""
    with Image.open(REPOSITORY / "backend" / "gramarye" / "gallery" / "content.png") as harbour:
        photo = harbour.convert("RGB").resize((96, 64))
    folder.mkdir(parents=True, exist_ok=True)
    photo.save(folder / name)
    return photo


def is_painted(photo: Image.Image, file: Path) -> bool:
    with Image.open(file) as painted:
        return bool(np.abs(np.asarray(painted.convert("RGB"), float) - np.asarray(photo, float)).mean() > 10)


def test_the_documented_script_fu_paints(gimp: Gimp) -> None:
    folder = gimp.place / "script-fu"
    photo = photo_in(folder)
    shell = gimp.spawn("sh", "-c", f"cd {gimp.inside(folder)}\n{documented('script-fu')}")
    assert shell.wait(110) == 0, gimp.log()
    assert is_painted(photo, folder / "painted.png")


def test_the_documented_script_paints_a_folder(gimp: Gimp) -> None:
    folder = gimp.place / "folder"
    photos = {name: photo_in(folder / "photos", name) for name in ("a.png", "b c.png")}
    shell = gimp.spawn("sh", "-c", f"cd {gimp.inside(folder)}\n{documented('folder')}")
    assert shell.wait(110) == 0, gimp.log()
    for name, photo in photos.items():
        assert is_painted(photo, folder / "painted" / name)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("swirls", "swirlz"), "Known styles: charcoal"),
        (("photo.png", "nothing.png"), "nothing.png"),
        (("strength=60", "strength=600"), "Choose a value from 0 to 100."),
    ],
)
def test_the_documented_batch_script_says_what_is_wrong_and_writes_nothing(
    gimp: Gimp, wrong: tuple[str, str], said: str
) -> None:
    folder = gimp.place / "wrong-batch"
    shutil.rmtree(folder, ignore_errors=True)
    photo_in(folder)
    command = documented("batch").replace(*wrong)
    shell = gimp.spawn("sh", "-c", f"cd {gimp.inside(folder)}\n{command}")
    assert shell.wait(110) != 0, gimp.log()
    assert said in gimp.log()
    assert not (folder / "painted.png").exists()


def test_the_documented_batch_script_fails_without_a_daemon(isolated_gimp: Gimp) -> None:
    install_fake_backend(isolated_gimp, "exit 1")
    folder = isolated_gimp.home.root / "batch"
    photo_in(folder)
    shell = isolated_gimp.spawn("sh", "-c", f"cd {isolated_gimp.inside(folder)}\n{documented('batch')}")
    assert shell.wait(110) != 0, isolated_gimp.log()
    assert "did not start" in isolated_gimp.log()
    assert not (folder / "painted.png").exists()
