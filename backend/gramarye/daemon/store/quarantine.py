"""Quarantine: state that is damaged when the daemon starts is moved to a dated folder, never deleted."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from itertools import count
from pathlib import Path

from ...errors import DaemonError

QUARANTINE_FOLDER = "set-aside"


def quarantine(state: Path, names: Sequence[str], now: datetime) -> Path:
    """Move the existing ``names`` from the ``state`` folder to a new folder inside it; return that folder.

    Errors: ``state-stuck``; files that were moved before the error are not moved back.
    """
    try:
        folder = _new_folder(state / QUARANTINE_FOLDER, now.strftime("%Y-%m-%dT%H-%M-%S"))
        for name in names:
            if (state / name).exists():
                os.rename(state / name, folder / name)
    except OSError as error:
        raise DaemonError(
            "state-stuck",
            f"The damaged files in {state} cannot be set aside: {error.strerror}.",
            "Move that folder away and start the daemon again.",
        ) from None
    return folder


def quarantined_folders(state: Path) -> list[Path]:
    """Return the quarantined folders, oldest first."""
    folder = state / QUARANTINE_FOLDER
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _new_folder(parent: Path, stamp: str) -> Path:
    for number in count(1):
        folder = parent / (stamp if number == 1 else f"{stamp}-{number}")
        try:
            folder.mkdir(mode=0o700, parents=True)
        except FileExistsError:
            continue
        return folder
    raise AssertionError("unreachable: count() is infinite")
