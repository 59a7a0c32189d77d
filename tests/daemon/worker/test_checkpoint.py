"""Checkpoints: written when due, read back; no failure of a checkpoint fails the job."""

from __future__ import annotations

import logging
import pickle
from pathlib import Path

import pytest
import torch

from engine.support import picture, recipe, small_network
from gramarye.daemon.worker import checkpoint
from gramarye.daemon.worker.checkpoint import MIN_INTERVAL, WRITE_TIME_FACTOR, CheckpointWriter, read_checkpoint
from gramarye.engine.paint import StyleInput, paint
from gramarye.engine.resume_state import FORMAT, ResumeState, as_plain, nbytes

NETWORK = small_network()


class Clock:
    """A clock that the test sets."""

    now = 0.0

    def __call__(self) -> float:
        """Return the current time."""
        return self.now


def start_painting(resume_state: ResumeState) -> object:
    """Take one step and return the iterates; keep them alive, because closing them clears ``resume_state``."""
    values = recipe(steps=5, scales=1, precision="float32")
    iterates = paint(picture((48, 66)), [StyleInput(picture((40, 52), 1))], values, NETWORK, resume_state=resume_state)
    next(iterates)
    return iterates


def test_a_checkpoint_is_read_back(tmp_path: Path) -> None:
    resume_state = ResumeState()
    kept = start_painting(resume_state)
    CheckpointWriter(tmp_path / "checkpoint", resume_state).write()
    found = read_checkpoint(tmp_path / "checkpoint", "cpu")
    assert found.best_pixels is not None
    assert resume_state.best_pixels is not None
    assert torch.equal(found.best_pixels, resume_state.best_pixels)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint"]
    del kept


def test_one_is_due_after_a_while_and_then_after_twenty_times_what_it_took(tmp_path: Path) -> None:
    resume_state, clock, path = ResumeState(), Clock(), tmp_path / "checkpoint"
    kept = start_painting(resume_state)
    checkpoints = CheckpointWriter(path, resume_state, clock)
    clock.now = MIN_INTERVAL - 0.1
    checkpoints.after_step()
    assert not path.exists()
    clock.now = MIN_INTERVAL + 0.1
    checkpoints.after_step()
    assert path.exists()
    path.unlink()
    checkpoints._write_seconds = 2.0  # a slow disk
    clock.now += WRITE_TIME_FACTOR * 2.0 - 1.0
    checkpoints.after_step()
    assert not path.exists()
    clock.now += 2.0
    checkpoints.after_step()
    assert path.exists()
    del kept


def test_a_large_checkpoint_is_written_less_often(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resume_state, clock, path = ResumeState(), Clock(), tmp_path / "checkpoint"
    kept = start_painting(resume_state)
    checkpoints = CheckpointWriter(path, resume_state, clock)
    monkeypatch.setattr(checkpoint, "MAX_BYTES_PER_SECOND", nbytes(as_plain(resume_state)) / 60.0)
    clock.now = 59.0
    checkpoints.after_step()
    assert not path.exists()
    clock.now = 61.0
    checkpoints.after_step()
    assert path.exists()
    del kept


def test_before_the_first_step_nothing_is_written(tmp_path: Path) -> None:
    CheckpointWriter(tmp_path / "checkpoint", ResumeState()).write()
    assert list(tmp_path.iterdir()) == []


def test_a_failed_write_is_logged_and_keeps_the_last_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    resume_state = ResumeState()
    kept = start_painting(resume_state)
    checkpoints = CheckpointWriter(tmp_path / "checkpoint", resume_state)
    checkpoints.write()
    before = (tmp_path / "checkpoint").read_bytes()

    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with caplog.at_level(logging.WARNING):
        checkpoints.write()
    assert "No space left" in caplog.text
    assert (tmp_path / "checkpoint").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint"]
    del kept


@pytest.mark.parametrize("what", ["nothing", "garbage", "cut", "pickle", "other", "version"])
def test_what_cannot_be_gone_on_from_is_an_empty_bookmark(tmp_path: Path, what: str) -> None:
    path, resume_state = tmp_path / "checkpoint", ResumeState()
    kept = start_painting(resume_state)
    CheckpointWriter(path, resume_state).write()
    whole = path.read_bytes()
    if what == "nothing":
        path.unlink()
    elif what == "garbage":
        path.write_bytes(b"\0garbage" * 100)
    elif what == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    elif what == "pickle":
        path.write_bytes(pickle.dumps({"format": MaliciousPickle(tmp_path / "ran")}, protocol=2))
    elif what == "other":
        torch.save({"format": FORMAT, "bookmark": {"kind": "Popen"}}, path)
    else:
        torch.save({**torch.load(path, weights_only=True), "format": FORMAT - 1}, path)
    assert read_checkpoint(path, "cpu").best_pixels is None
    assert not (tmp_path / "ran").exists()
    del kept


class MaliciousPickle:
    """An object whose pickle creates a file if it is loaded unsafely."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self._path,)
