"""Spool: the pictures and the description of each job, as files in one folder per job.

A picture file is one line of JSON padded with spaces to 512 bytes, then the pixels, then the colour profile. It is
mapped into memory, not read. Front and workers exchange file names, so that pixels do not pass through the pipe.
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
from ..job_spec import JobSpec
from .durable import durable_write, fsync_folder

RESULT = "result"
"""File of the result that the client fetches: the painting in the layer's format, with mask and alpha applied."""

PAINTING = "painting"
"""File of the painting itself, RGB u16, from which another job can continue."""

START = "start"
"""File of the picture that a job starts from."""

MASK = "mask"
"""File of the mask of the area to paint."""

CHECKPOINT = "checkpoint"
"""File of the checkpoint from which an interrupted job resumes."""

SPEC = "job.json"
"""File of the `JobSpec`, stored without its folder's path."""

LAYER = "layer"
"""File of the layer."""

_HEADER = 512


class Spool:
    """The folder that holds one folder per job."""

    def __init__(self, root: Path) -> None:
        """Open or create the folder. Errors: ``spool-failed``."""
        self._root = root
        try:
            root.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(error) from None

    def folder(self, job: str) -> Path:
        """Return the folder of ``job``; creates it if necessary. Errors: ``spool-failed``."""
        path = self._root / job
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(error) from None
        return path

    def write_spec(self, spec: JobSpec) -> None:
        """Write the description of a job; its pictures must be written before. A later daemon can then resume it.

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
        """Return the description of ``job``. Errors: ``spool-missing``."""
        path = self._root / job / SPEC
        try:
            spec: JobSpec = decode(JobSpec, parse_json(path.read_bytes(), SPEC), (), SPEC)
        except (OSError, ProtocolError):
            raise _gone(path) from None
        return replace(spec, folder=str(path.parent))

    def result_path(self, job: str) -> Path:
        """Return the path of the result of ``job``."""
        return self._root / job / RESULT

    def link_painting(self, job: str, to: Path) -> None:
        """Hard-link (or copy) the painting of ``job`` to ``to``, where it outlives that job.

        A job that had nothing to paint has no painting: its result is used. Errors: ``spool-missing``,
        ``spool-failed``.
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
        """Delete all files of ``job`` but its result and its painting."""
        for path in (self._root / job).glob("*"):
            if path.name not in (RESULT, PAINTING):
                with contextlib.suppress(OSError):  # Windows cannot delete a mapped file
                    path.unlink()

    def remove(self, job: str) -> None:
        """Delete the folder of ``job``, if there is one."""
        shutil.rmtree(self._root / job, ignore_errors=True)

    def jobs(self) -> Iterator[str]:
        """Return the jobs that have a folder."""
        return (path.name for path in self._root.iterdir() if path.is_dir())

    def size(self, job: str) -> int:
        """Return the bytes of all files of ``job``; a painting linked to two jobs counts for both."""
        try:
            return sum(entry.stat().st_size for entry in os.scandir(self._root / job))
        except OSError:  # no folder, or it is being deleted
            return 0


def stored_size(pixels: PixelBuffer) -> int:
    """Return the size of the file that `write_pixels` writes."""
    return _HEADER + pixels.nbytes + memoryview(pixels.profile).nbytes


def write_pixels(pixels: PixelBuffer, path: Path) -> None:
    """Write a picture atomically and durably. Errors: ``spool-failed`` (disk full, read-only)."""
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
    """Map a picture into memory; pages are read on first use. Errors: ``spool-missing``."""
    try:
        with open(path, "rb") as file:
            return _mapped(memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)))
    except (OSError, ValueError, KeyError, ProtocolError):
        raise _gone(path) from None


@dataclass(frozen=True)
class _Meta:
    """The header of a picture file."""

    width: int
    height: int
    layout: str
    depth: str
    offset: tuple[int, int]


def _mapped(whole: memoryview) -> PixelBuffer:
    meta = decode(_Meta, parse_json(whole[:_HEADER], "header"), (), "header")
    end = _HEADER + meta.width * meta.height * CHANNELS[meta.layout] * DEPTH_BYTES[meta.depth]
    shape = (meta.width, meta.height, meta.layout, meta.depth)
    return PixelBuffer(*shape, whole[_HEADER:end], bytes(whole[end:]), meta.offset)


def _gone(path: Path) -> DaemonError:
    return DaemonError("spool-missing", f"The picture {path.name} of the job is gone or damaged.", "Paint again.")


def _unwritable(error: OSError) -> DaemonError:
    is_full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    hint = "Free some disk space." if is_full else "Check that you can write to the state folder (GRAMARYE_STATE_DIR)."
    return DaemonError("spool-failed", f"The daemon cannot store the picture: {error.strerror}.", hint)
