"""The description of a job that the front gives to a worker and writes to the spool."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class StoredStyle:
    """A style of a job: a ``file`` in the job's folder, or the ``name`` of a known style.

    ``mask`` (where the style is painted) and ``part`` (which part of its picture counts) are names of files too; ""
    if there is none.
    """

    file: str
    name: str
    weight: float
    scale: float
    mask: str = ""
    part: str = ""


@dataclass(frozen=True)
class JobSpec:
    """Everything a worker needs to run a job: the folder of its pixels and the complete recipe.

    ``folder`` holds the files ``layer``, the styles, and optionally ``start`` and ``mask``; the worker adds ``result``
    and ``painting``. ``continues``: ``start`` is the painting of an earlier job, which this job continues.
    ``ends_with_client``: the job is cancelled when its client disconnects.
    """

    job: str
    folder: str
    styles: tuple[StoredStyle, ...]
    recipe: dict[str, Any]
    network: str
    has_start: bool = False
    has_mask: bool = False
    continues: bool = False
    ends_with_client: bool = False
    pixels: int = 0
    """Width times height of the layer."""


@dataclass(frozen=True)
class PreviewRate:
    """A request for previews with a longest side of ``side`` pixels.

    One preview every ``steps`` steps, or if ``steps`` is 0, every ``every`` seconds.
    """

    side: int
    steps: int
    every: float
