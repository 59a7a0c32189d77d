"""Tests of ``gramarye keys`` and ``--daemon`` as separate processes."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import zmq

from support.homes import Home

pytestmark = pytest.mark.skipif(not zmq.has("curve"), reason="this libzmq has no CURVE")


def _run(home: Home, *arguments: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gramarye", *map(str, arguments)]
    done = subprocess.run(command, env={**home.environ, **environ}, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_another_machine_paints_with_a_pass_until_it_is_revoked(
    home: Home, pictures: tuple[Path, Path], tmp_path: Path
) -> None:
    """Follows the steps of docs/security.md in order; a second home stands for the other machine."""
    first = tmp_path / "first.json"
    assert _run(home, "keys", "add", "first", "--address", "tcp://127.0.0.1:7707", "-o", first).returncode == 0
    home.start_daemon("--listen", "tcp://127.0.0.1:*")
    away = Home(tmp_path / "away")
    away.root.mkdir()
    file, painted = tmp_path / "laptop.json", tmp_path / "painted.png"
    added = _run(home, "keys", "add", "laptop", "--address", home.ready_message["remote"], "-o", file)
    assert (added.returncode, added.stdout.strip()) == (0, str(file))
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    names = [client["name"] for client in json.loads(_run(home, "keys", "list", "--json").stdout)]
    assert names == ["first", "laptop"]

    options = ("stylize", pictures[0], "--style", pictures[1], "-o", painted, "--network", "tiny", "--steps", "2")
    done = _run(away, "--daemon", file, *options)
    assert done.returncode == 0, done.stderr
    assert painted.exists()
    jobs = json.loads(_run(away, "jobs", "--json", GRAMARYE_DAEMON=str(file)).stdout)
    assert [job["state"] for job in jobs] == ["done"]
    assert not (away.root / "runtime").exists()  # no daemon was started there

    weights = tmp_path / "vgg19.pth"
    weights.touch()
    for network, code in ((str(weights), "network-elsewhere"), ("nonesuch", "unknown-network")):
        refused = _run(away, "--daemon", file, *options, "--network", network)
        assert f"[{code}]" in refused.stderr
    mine = home.root / "data" / "styles" / "only-there.png"  # a style that only the daemon knows
    mine.parent.mkdir()
    mine.write_bytes(pictures[1].read_bytes())
    named = [option if option != pictures[1] else "only-there" for option in options]
    assert _run(away, "--daemon", file, *named).returncode == 0

    assert _run(home, "keys", "remove", "laptop").returncode == 0
    locked = _run(away, "--daemon", file, "status", "--json")
    assert (locked.returncode, json.loads(locked.stdout)["error"]["code"]) == (5, "daemon-locked")
    stopped = _run(away, "--daemon", file, "stop")
    assert stopped.returncode == 5
    assert home.processes[-1].poll() is None


def test_stop_with_a_pass_stops_the_daemon_that_it_names(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "laptop.json"
    _run(home, "keys", "add", "first", "--address", "tcp://127.0.0.1:7707", "-o", tmp_path / "first.json")
    home.start_daemon("--listen", "tcp://127.0.0.1:*")
    _run(home, "keys", "add", "laptop", "--address", home.ready_message["remote"], "-o", file)
    away = Home(tmp_path / "away")
    away.root.mkdir()
    assert _run(away, "--daemon", file, "stop").stdout.strip() == "stopped"
    assert home.processes[-1].wait(20) == 0


def test_errors_have_a_code_and_an_exit_status(home: Home, tmp_path: Path) -> None:
    address, file = ("--address", "tcp://studio:7707"), tmp_path / "pass.json"
    assert _run(home, "keys", "add", "laptop", *address, "-o", file).returncode == 0
    for arguments, status, code in (
        (("add", "laptop", *address, "-o", tmp_path / "other.json"), 3, "client-exists"),
        (("add", "tablet", *address, "-o", file), 3, "pass-exists"),
        (("add", "tablet", *address, "-o", tmp_path / "none" / "pass.json"), 3, "pass-failed"),
        (("add", "tablet", "--address", "studio", "-o", tmp_path / "other.json"), 5, "address-malformed"),
        (("add", "../tablet", *address, "-o", tmp_path / "other.json"), 3, "client-bad-name"),
        (("remove", "tablet"), 3, "client-unknown"),
    ):
        done = _run(home, "keys", *arguments)
        assert (done.returncode, f"[{code}]" in done.stderr) == (status, True), done.stderr
    assert [client["name"] for client in json.loads(_run(home, "keys", "list", "--json").stdout)] == ["laptop"]
    assert not (tmp_path / "other.json").exists()
