"""Pixels at rest: each picture of a job is one self-describing file, mapped rather than read.

A file is one JSON line padded with spaces to 512 bytes, then the pixels, then the colour profile.
Front and workers hand each other file names, so a 48 MB layer crosses no pipe.
"""

from __future__ import annotations

import contextlib
import errno
import json
import mmap
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from gramarye_protocol.codec import decode, dump_json, encode, parse_json
from gramarye_protocol.errors import ProtocolError
from gramarye_protocol.pixels import CHANNELS, DEPTH_BYTES, PixelBuffer

from ...errors import DaemonError
from ..worker_pipe import JobSpec
from .durable import durable_write, fsync_folder

RESULT = "result"
"""The file of a job's painting as its owner gets it."""

PAINTING = "painting"
"""The file of the same as it was painted, RGB u16: what another job can go on from."""

START = "start"
"""The file of the picture that a job starts from."""

MASK = "mask"
"""The file that says where to paint."""

CHECKPOINT = "checkpoint"
"""The file from which a job that was cut short goes on."""

SPEC = "job.json"
"""The file of the job itself, without its folder's place."""
LAYER = "layer"
"""The file of the layer."""

_HEADER = 512


class Spool:
    """The folder of jobs' folders."""

    def __init__(self, root: Path) -> None:
        """Errors: ``spool-failed``."""
        self._root = root
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(error) from None

    def folder(self, job: str) -> Path:
        """The folder of ``job``, made if need be. Errors: ``spool-failed``."""
        path = self._root / job
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(error) from None
        return path

    def write_spec(self, spec: JobSpec) -> None:
        """Write down a job whose pictures are all there: from now on it can be taken up again.

        Errors: ``spool-failed``.
        """
        text = dump_json(encode(replace(spec, folder=""), []))
        try:
            with durable_write(self._root / spec.job / SPEC) as file:
                file.write(text)
            fsync_folder(self._root)
        except OSError as error:
            raise _unwritable(error) from None

    def read_spec(self, job: str) -> JobSpec:
        """The job as it was written down. Errors: ``spool-missing``."""
        path = self._root / job / SPEC
        try:
            spec: JobSpec = decode(JobSpec, parse_json(path.read_bytes(), SPEC), (), SPEC)
        except (OSError, ProtocolError):
            raise _gone(path) from None
        return replace(spec, folder=str(path.parent))

    def result_path(self, job: str) -> Path:
        """Where the painting of ``job`` lies."""
        return self._root / job / RESULT

    def link_painting(self, job: str, to: Path) -> None:
        """Put what ``job`` painted at ``to`` as well; it stays there when that job is forgotten.

        Of a job that had nothing to paint that is its result. Errors: ``spool-missing``, ``spool-failed``.
        """
        folder = self._root / job
        painting = folder / PAINTING if (folder / PAINTING).exists() else folder / RESULT
        try:
            try:
                os.link(painting, to)
            except FileNotFoundError:
                raise
            except OSError:  # a file system without hard links
                shutil.copyfile(painting, to)
        except FileNotFoundError:
            raise _gone(painting) from None
        except OSError as error:
            raise _unwritable(error) from None

    def remove_inputs(self, job: str) -> None:
        """Delete all that ``job`` holds but its painting: nobody reads the rest again."""
        for path in (self._root / job).glob("*"):
            if path.name not in (RESULT, PAINTING):
                with contextlib.suppress(OSError):  # Windows keeps what is still mapped
                    path.unlink()

    def remove(self, job: str) -> None:
        """Delete what ``job`` holds; nothing happens where it holds nothing."""
        shutil.rmtree(self._root / job, ignore_errors=True)

    def jobs(self) -> Iterator[str]:
        """The jobs that hold something."""
        return (path.name for path in self._root.iterdir() if path.is_dir())

    def size(self, job: str) -> int:
        """Bytes that ``job`` holds; a painting that was lent counts for both."""
        try:
            return sum(entry.stat().st_size for entry in os.scandir(self._root / job))
        except OSError:  # it holds nothing, or loses it at this moment
            return 0


def stored_size(pixels: PixelBuffer) -> int:
    """Bytes that `write_pixels` takes for them."""
    return _HEADER + pixels.nbytes + memoryview(pixels.profile).nbytes


def write_pixels(pixels: PixelBuffer, path: Path) -> None:
    """Write ``pixels``, whole or not at all. Errors: ``spool-failed`` (disk full, read-only)."""
    meta = {
        "width": pixels.width,
        "height": pixels.height,
        "layout": pixels.layout,
        "depth": pixels.depth,
        "offset": list(pixels.offset),
    }
    header = json.dumps(meta).encode("ascii").ljust(_HEADER - 1) + b"\n"
    try:
        with durable_write(path) as file:
            file.write(header)
            file.write(pixels.data)
            file.write(pixels.profile)
    except OSError as error:
        raise _unwritable(error) from None


def read_pixels(path: Path) -> PixelBuffer:
    """Map a picture; its pages are read as they are used. Errors: ``spool-missing``."""
    try:
        with open(path, "rb") as file:
            return _mapped(memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)))
    except (OSError, ValueError, KeyError, ProtocolError):
        raise _gone(path) from None


@dataclass(frozen=True)
class _Meta:
    """The header of a file."""

    width: int
    height: int
    layout: str
    depth: str
    offset: tuple[int, int]


def _mapped(whole: memoryview) -> PixelBuffer:
    meta = decode(_Meta, parse_json(whole[:_HEADER], "header"), (), "header")
    end = _HEADER + meta.width * meta.height * CHANNELS[meta.layout] * DEPTH_BYTES[meta.depth]
    place = (meta.width, meta.height, meta.layout, meta.depth)
    return PixelBuffer(*place, whole[_HEADER:end], bytes(whole[end:]), meta.offset)


def _gone(path: Path) -> DaemonError:
    return DaemonError("spool-missing", f"The picture {path.name} of the job is gone or damaged.", "Paint again.")


def _unwritable(error: OSError) -> DaemonError:
    is_full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    hint = "Free some disk space." if is_full else "See that the folder of GRAMARYE_STATE_DIR is yours to write."
    return DaemonError("spool-failed", f"The daemon cannot store the picture: {error.strerror}.", hint)
