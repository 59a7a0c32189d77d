"""Daemons that are missing, start, stand still and die, as the user of GIMP meets them."""

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
from gramarye.daemon.dispatcher import MAX_CRASHES
from gramarye_protocol.messages import JobList, JobSummary, Status
from support.homes import REPOSITORY, Home
from support.peers import Peer

pytestmark = pytest.mark.gimp

UNCHANGED = '{"steps": 0, "sketch": 0}'
ENDLESS = '{"steps": 100000, "optimiser": "adam", "init": "noise", "sketch": 0, "scales": 1}'
LAYER_ALONE = {"untouched": True, "layers": ["layer"]}


@pytest.fixture
def own(bare_gimp: Gimp) -> Iterator[Gimp]:
    """GIMP with a home of the test's own, in which no daemon runs."""
    home = Home(bare_gimp.place / "own")
    home.root.mkdir()
    backend = bare_gimp.plugin / "backend.json"
    before = backend.read_text()
    yield Gimp(bare_gimp.root, bare_gimp.place, home)
    backend.write_text(before)
    home.close()
    shutil.rmtree(home.root)


def left(found: dict[str, Any]) -> dict[str, Any]:
    return {name: found[name] for name in LAYER_ALONE}


def test_without_a_backend_it_is_said_how_to_install_one(own: Gimp) -> None:
    (own.plugin / "backend.json").write_text('{"python": "/nowhere/python"}')
    found = own.run("once", recipe=UNCHANGED)
    assert "no longer installed at /nowhere/python" in found["said"]
    assert "gramarye plugin install" in found["said"]
    assert left(found) == LAYER_ALONE


def stand_in(gimp: Gimp, script: str) -> Path:
    """A backend inside GIMP's root, which has no Python of Gramarye's: a script that plays its part."""
    python = gimp.home.root / "python"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(stat.S_IRWXU)
    (gimp.plugin / "backend.json").write_text(json.dumps({"python": gimp.inside(python)}))
    return python


def announced_later(gimp: Gimp) -> str:
    """Shell words that announce a daemon that runs outside as one that is only now ready."""
    gimp.home.start_daemon()
    file = gimp.home.connection_file
    file.rename(file.with_suffix(".later"))
    inside = gimp.inside(file)
    return f"sleep 0.5; cp -p {inside.replace('.json', '.later')} {inside}; echo '{{\"ready\": true}}'"


def test_a_daemon_is_started_with_its_own_python_and_a_clean_environment(own: Gimp) -> None:
    script = announced_later(own)
    seen = own.home.root / "seen"
    stand_in(own, f'echo "$@" > {own.inside(seen)}; env >> {own.inside(seen)}; {script}; exec sleep 5')
    found = own.run("once", environ={"PYTHONPATH": "/editor", "LD_LIBRARY_PATH": "/editor"}, recipe=UNCHANGED)
    assert found["said"] == ""
    assert found["layers"] == ["Gramarye swirls, strength 50", "layer"]
    lines = seen.read_text().splitlines()
    assert lines[0].startswith("-m gramarye serve --idle-exit")
    assert not any(line.startswith(("PYTHONPATH=", "LD_LIBRARY_PATH=")) for line in lines)


def test_a_killed_daemons_connection_file_is_no_obstacle(own: Gimp) -> None:
    killed = own.home.start_daemon()
    killed.kill()
    killed.wait()
    leftover = own.home.connection_file
    kept = leftover.read_bytes()
    script = announced_later(own)
    leftover.write_bytes(kept)
    leftover.chmod(0o600)
    stand_in(own, f"{script}; exec sleep 5")
    assert own.run("once", recipe=UNCHANGED)["said"] == ""


def test_a_daemon_that_cannot_start_gives_its_reason(own: Gimp) -> None:
    reason = {"ready": False, "error": {"code": "ledger-unreadable", "message": "It is broken.", "hint": "Move it."}}
    stand_in(own, f"echo '{json.dumps(reason)}'; exit 5")
    found = own.run("once", recipe=UNCHANGED)
    assert found["said"] == "It is broken. Move it."
    assert left(found) == LAYER_ALONE


def test_a_daemon_that_dies_at_once_is_told_of(own: Gimp) -> None:
    stand_in(own, "exit 1")
    assert "did not start" in own.run("once", recipe=UNCHANGED)["said"]


def test_a_daemon_that_stands_still_is_given_up(own: Gimp) -> None:
    daemon = own.home.start_daemon()
    daemon.send_signal(signal.SIGSTOP)
    try:
        found = own.run("once", recipe=UNCHANGED)
    finally:
        daemon.send_signal(signal.SIGCONT)
    assert "does not answer" in found["said"]
    assert found["seconds"] < 20
    assert left(found) == LAYER_ALONE


def test_a_daemon_that_is_killed_while_it_paints_is_told_of(own: Gimp) -> None:
    daemon = own.home.start_daemon()
    running = own.start("once", recipe=ENDLESS)
    job_of(own.home)
    daemon.kill()
    found = running.result()
    assert "The daemon has ended." in found["said"]
    assert "Run the filter again" in found["said"]
    assert left(found) == LAYER_ALONE


def test_what_fails_in_the_daemon_is_told_in_its_words(own: Gimp) -> None:
    """A job whose every process dies."""
    daemon = own.home.start_daemon()
    running = own.start("once", recipe=ENDLESS)
    job_of(own.home)
    killed = ""
    for _ in range(MAX_CRASHES):
        killed = next_worker(daemon.pid, killed)
        os.kill(int(killed), signal.SIGKILL)
    found = running.result()
    assert "The painting process died" in found["said"]
    assert left(found) == LAYER_ALONE


def next_worker(daemon: int, before: str) -> str:
    """The process that paints for the daemon, once it is another than that before."""
    while True:
        for child in Path(f"/proc/{daemon}/task/{daemon}/children").read_text().split():
            if child != before:
                return child
        time.sleep(0.02)


def test_a_plugin_that_gimp_kills_leaves_nothing_and_its_job_ends_within_two_seconds(own: Gimp) -> None:
    """As when Cancel is pressed in GIMP's progress bar."""
    own.home.start_daemon()
    running = own.start("once", recipe=ENDLESS)
    job = job_of(own.home)
    os.kill(own.plugin_process(), signal.SIGKILL)
    killed_at = time.monotonic()
    with Peer(own.home) as peer:
        while summary(peer, job).state == "running":
            time.sleep(0.05)
        assert time.monotonic() - killed_at < 2.0
        assert summary(peer, job).state == "cancelled"
    assert left(running.result()) == LAYER_ALONE


def job_of(home: Home) -> str:
    """The job that runs, once it has taken a step."""
    with Peer(home) as peer:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            listed = peer.ask(Status())
            assert isinstance(listed, JobList)
            for job in listed.jobs:
                if job.step:
                    return job.job
            time.sleep(0.05)
    raise AssertionError("no job has begun")


def summary(peer: Peer, job: str) -> JobSummary:
    listed = peer.ask(Status(job))
    assert isinstance(listed, JobList)
    return listed.jobs[0]


def test_the_readmes_batch_script_paints(gimp: Gimp) -> None:
    text = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    command = text.split("<!-- gimp batch -->\n```sh\n", 1)[1].split("```", 1)[0]
    folder = gimp.place / "batch"
    folder.mkdir()
    with Image.open(REPOSITORY / "backend" / "gramarye" / "gallery" / "content.png") as harbour:
        photo = harbour.convert("RGB").resize((160, 112))
    photo.save(folder / "photo.png")
    shell = gimp.spawn("sh", "-c", f"cd {gimp.inside(folder)}\n{command}")
    assert shell.wait(110) == 0, gimp.log()
    with Peer(gimp.home) as peer:
        listed = peer.ask(Status())
    assert isinstance(listed, JobList)
    assert (listed.jobs[-1].title, listed.jobs[-1].state) == ("Gramarye swirls, strength 60", "done")
    with Image.open(folder / "painted.png") as painted:
        apart = np.abs(np.asarray(painted.convert("RGB"), float) - np.asarray(photo, float)).mean()
    assert apart > 10
