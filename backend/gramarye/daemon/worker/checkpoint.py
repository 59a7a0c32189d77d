"""A job's checkpoint, written now and then while it is painted: no end of a process costs more than a little."""

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
"""Seconds between two at least."""

WRITE_TIME_FACTOR = 20.0
"""Times as long as it takes to write one, nothing but painting is done: 5% at most."""

MAX_BYTES_PER_SECOND = 20e6
"""Bytes per second that they come to on average at most: disks wear, and a large picture's are gigabytes."""


class CheckpointWriter:
    """Writes a bookmark, which its owner paints with, to ``path`` whenever that is due."""

    def __init__(self, path: Path, resume_state: ResumeState, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._resume_state = resume_state
        self._clock = clock
        self._began = clock()
        self._write_seconds = 0.0
        """Seconds that the last one took."""

    def after_step(self) -> None:
        """Write one if it is time."""
        elapsed = self._clock() - self._began
        if elapsed < MIN_INTERVAL or self._resume_state.best_pixels is None:
            return
        if elapsed >= max(
            WRITE_TIME_FACTOR * self._write_seconds, nbytes(as_plain(self._resume_state)) / MAX_BYTES_PER_SECOND
        ):
            self.write()

    def write(self) -> None:
        """Write one now; a disk that does not take it costs the checkpoint, not the painting."""
        if self._resume_state.best_pixels is None:
            return
        began = self._clock()
        try:
            with durable_write(self._path) as file:
                torch.save({"format": FORMAT, "bookmark": as_plain(self._resume_state)}, file)
        except (OSError, RuntimeError) as error:  # torch wraps some of the file's errors
            log.warning("no checkpoint could be written: %s", error)
        self._began = self._clock()
        self._write_seconds = self._began - began


def read_checkpoint(path: Path, device: str) -> ResumeState:
    """Where the job's earlier process stood; an empty one where nothing is there that can be gone on from."""
    try:
        stored: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
        if stored["format"] == FORMAT:
            resume_state = from_plain(stored["bookmark"])
            if isinstance(resume_state, ResumeState):
                return resume_state
        log.warning("the checkpoint is of another format: the job begins anew")
    except FileNotFoundError:
        pass
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, EOFError, pickle.UnpicklingError) as error:
        log.warning("the checkpoint cannot be read, the job begins anew: %s", error)
    return ResumeState()
