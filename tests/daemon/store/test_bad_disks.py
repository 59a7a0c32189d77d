"""Full and read-only disks (real mounts): error codes, no partial files, and recovery once there is space."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gramarye.daemon.logs import LogFile
from gramarye.daemon.store.deferred_writes import DeferredWriter
from gramarye.daemon.store.ledger import Entry, Ledger
from gramarye.daemon.store.spool import Spool, write_pixels
from gramarye.errors import DaemonError
from gramarye_protocol.messages import Accepted, Done, Failed, Hello, Refused, Welcome
from gramarye_protocol.pixels import PixelBuffer
from support.homes import Home
from support.peers import Peer, small_submit

MEGABYTE = 1 << 20


def _mount(*arguments: str) -> bool:
    done = subprocess.run(["mount", *arguments], capture_output=True, check=False)
    return done.returncode == 0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A mounted disk of one megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if (
        sys.platform != "linux"
        or os.geteuid() != 0
        or not _mount("-t", "tmpfs", "-o", "size=1m,mode=0700", "none", str(folder))
    ):
        pytest.skip("needs the right to mount a disk")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def _fill(disk: Path) -> Path:
    """Fill the disk to the last byte; return the file that fills it."""
    filler = disk / "filler"
    with open(filler, "wb", buffering=0) as file:
        for size in (65536, 4096, 1):
            try:
                while file.write(bytes(size)):
                    pass
            except OSError:
                continue
    return filler


def _make_read_only(disk: Path) -> None:
    assert _mount("-o", "remount,ro", str(disk))


def _pixels(nbytes: int) -> PixelBuffer:
    return PixelBuffer(nbytes, 1, "GRAY", "u8", bytes(nbytes))


def _add_many(ledger: Ledger) -> None:
    """Add more rows than fit into the free pages of the file."""
    for number in range(2000):
        ledger.add(Entry(f"{number}", "x" * 200, "queued", {}, 1.0))


def test_a_picture_that_does_not_fit_is_refused_and_leaves_no_file(disk: Path) -> None:
    with pytest.raises(DaemonError) as caught:
        write_pixels(_pixels(MEGABYTE), disk / "layer")
    assert caught.value.code == "spool-failed"
    assert "No space left" in caught.value.message
    assert "disk space" in caught.value.hint
    assert list(disk.iterdir()) == []
    write_pixels(_pixels(MEGABYTE // 2), disk / "layer")


def test_a_read_only_disk_is_told_from_a_full_one(disk: Path) -> None:
    spool = Spool(disk / "spool")
    _make_read_only(disk)
    with pytest.raises(DaemonError) as caught:
        spool.folder("a")
    assert caught.value.code == "spool-failed"
    assert "Read-only" in caught.value.message
    assert "disk space" not in caught.value.hint
    with pytest.raises(DaemonError) as caught:
        Spool(disk / "other")
    assert caught.value.code == "spool-failed"


def test_updates_that_failed_on_a_full_disk_are_written_later(disk: Path) -> None:
    ledger = Ledger(disk / "jobs.sqlite")
    ledger.add(Entry("a", "", "queued", {}, 1.0))
    writer = DeferredWriter(ledger)
    filler = _fill(disk)
    with pytest.raises(DaemonError) as caught:
        _add_many(ledger)
    assert caught.value.code == "ledger-failed"
    writer.update("a", state="running")
    writer.update("a", state="done", message="x" * 100_000)
    filler.unlink()
    writer.retry()
    found = ledger.find("a")
    assert found is not None
    assert found.state == "done"
    ledger.close()


def test_a_ledger_on_a_read_only_disk_is_unreadable_and_not_damaged(disk: Path) -> None:
    _make_read_only(disk)
    with pytest.raises(DaemonError) as caught:
        Ledger(disk / "jobs.sqlite")
    assert caught.value.code == "ledger-unreadable"


def test_a_log_on_a_full_disk_goes_to_standard_error(disk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    handler = LogFile(disk / "logs" / "daemon.log")
    (disk / "logs").mkdir()
    _fill(disk)
    handler.handle(logging.LogRecord("n", logging.INFO, "", 0, "still logged %s", ("x" * 5000,), None))
    assert "still logged" in capsys.readouterr().err


def _start(home: Home) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gramarye", "serve", "--device", "cpu"]
    return subprocess.run(command, env=home.environ, capture_output=True, text=True, check=False, timeout=60)


def test_a_daemon_with_a_read_only_state_folder_reports_ledger_unreadable(home: Home, disk: Path) -> None:
    (home.root / "state").symlink_to(disk)
    _make_read_only(disk)
    done = _start(home)
    assert done.returncode == 5
    assert json.loads(done.stdout)["error"]["code"] == "ledger-unreadable"
    assert "Traceback" not in done.stderr


def test_a_daemon_with_a_full_runtime_folder_reports_runtime_folder(home: Home, disk: Path) -> None:
    (home.root / "runtime").symlink_to(disk)
    _fill(disk)
    done = _start(home)
    assert done.returncode == 5
    assert json.loads(done.stdout)["error"]["code"] == "runtime-folder"
    assert "Traceback" not in done.stderr


def test_a_daemon_on_a_full_disk_refuses_jobs_and_paints_once_there_is_room(home: Home, disk: Path) -> None:
    (home.root / "state").symlink_to(disk)
    home.start_daemon()
    with Peer(home) as peer:
        filler = _fill(disk)
        refused = peer.ask(small_submit())
        assert isinstance(refused, Refused)
        assert refused.code in ("spool-failed", "ledger-failed")
        assert list((disk / "spool").iterdir()) == []
        assert isinstance(peer.ask(Hello((1,))), Welcome)
        filler.unlink()
        assert isinstance(peer.ask(small_submit()), Accepted)
        assert peer.await_kind(Done, Failed).KIND == "done"
