"""Checkpoints of a running job, from which another process can resume it."""

from __future__ import annotations

import logging
import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from ...engine.resume_state import FORMAT, ResumeState, as_plain, from_plain, nbytes
from ..store.durable import durable_write

log = logging.getLogger(__name__)

MIN_INTERVAL = 5.0
"""Minimum seconds between two checkpoints."""

WRITE_TIME_FACTOR = 20.0
"""Minimum interval as a multiple of the time that the last checkpoint took: at most 5% of the time goes to writing."""

MAX_BYTES_PER_SECOND = 20e6
"""Maximum average write rate in bytes per second: a large job's checkpoint has gigabytes, and disks wear."""


class CheckpointWriter:
    """Writes ``resume_state``, which the running painting keeps up to date, to ``path`` at intervals."""

    def __init__(self, path: Path, resume_state: ResumeState, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._resume_state = resume_state
        self._clock = clock
        self._began = clock()
        self._write_seconds = 0.0
        """Duration of the last write."""

    def after_step(self) -> None:
        """Write a checkpoint if one is due."""
        elapsed = self._clock() - self._began
        if elapsed < MIN_INTERVAL or self._resume_state.best_pixels is None:
            return
        if elapsed >= max(
            WRITE_TIME_FACTOR * self._write_seconds, nbytes(as_plain(self._resume_state)) / MAX_BYTES_PER_SECOND
        ):
            self.write()

    def write(self) -> None:
        """Write a checkpoint now, if a step has been taken; a failure is logged, and the job goes on."""
        if self._resume_state.best_pixels is None:
            return
        began = self._clock()
        try:
            with durable_write(self._path) as file:
                torch.save({"format": FORMAT, "bookmark": as_plain(self._resume_state)}, file)
        except (OSError, RuntimeError) as error:  # torch turns some OSErrors into RuntimeErrors
            log.warning("no checkpoint could be written: %s", error)
        self._began = self._clock()
        self._write_seconds = self._began - began


def read_checkpoint(path: Path, device: str) -> ResumeState:
    """Return the state of the job's earlier process; an empty state if there is no readable checkpoint."""
    try:
        stored: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
        if stored["format"] == FORMAT:
            resume_state = from_plain(stored["bookmark"])
            if isinstance(resume_state, ResumeState):
                return resume_state
        log.warning("the checkpoint has another format: the job starts from the beginning")
    except FileNotFoundError:
        pass
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, EOFError, pickle.UnpicklingError) as error:
        log.warning("the checkpoint cannot be read, the job starts from the beginning: %s", error)
    return ResumeState()
