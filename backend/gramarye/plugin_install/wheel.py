"""The wheel of this installation and the versions that it runs with, for an archive that sets Gramarye up elsewhere."""

from __future__ import annotations

import base64
import csv
import hashlib
import importlib.metadata
import io
import re
import zipfile
from importlib.metadata import Distribution
from pathlib import Path, PurePosixPath

from ..errors import InputError
from .files import zip_entry

DISTRIBUTION = "gramarye"
NOT_IN_WHEELS = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
"""What pip adds to a wheel's metadata when it installs the wheel."""


def read_wheel(path: Path) -> tuple[str, bytes]:
    """Return a wheel's file name and contents. Errors: ``wheel-unreadable``."""
    try:
        return path.name, path.read_bytes()
    except OSError as error:
        raise InputError(
            "wheel-unreadable", f"{path} cannot be read: {error.strerror}.", "Name a wheel of Gramarye."
        ) from None


def installed_wheel(distribution: Distribution | None = None) -> tuple[str, bytes]:
    """Return the file name and contents of the wheel that an installation, by default this one, was made from.

    It is packed again from the installed files (PyPA specification "Binary distribution format"); the same files give
    the same bytes. Errors: ``wheel-editable``.
    """
    distribution = distribution or importlib.metadata.distribution(DISTRIBUTION)
    contents = {
        PurePosixPath(file.as_posix()): Path(str(file.locate())).read_bytes()
        for file in distribution.files or ()
        if ".." not in file.parts and "__pycache__" not in file.parts and file.name not in NOT_IN_WHEELS
    }
    if not any(path.parts[0] == DISTRIBUTION for path in contents):
        raise InputError(
            "wheel-editable",
            "This is an editable installation, of which no wheel can be made.",
            "Make a wheel of its folder, pip wheel --no-deps FOLDER, and name it: --wheel FILE.",
        )
    metadata_folder = next(path.parts[0] for path in contents if path.parts[0].endswith(".dist-info"))
    record = PurePosixPath(metadata_folder, "RECORD")
    contents[record] = _record(contents, record)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(contents):
            archive.writestr(zip_entry(str(path), 0o100644), contents[path])
    return f"{DISTRIBUTION}-{distribution.version}-py3-none-any.whl", buffer.getvalue()


def constraints() -> str:
    """Return pip constraints with the versions of all packages that this installation needs and has."""
    versions: dict[str, str] = {}
    names = [DISTRIBUTION]
    while names:
        distribution = _find(names.pop())
        if distribution is None or _normal(distribution.name) in versions:
            continue
        versions[_normal(distribution.name)] = distribution.version.split("+")[0]  # +cpu and the like are builds of one
        names += [_name(line) for line in distribution.requires or () if "extra ==" not in line]
    del versions[DISTRIBUTION]
    return "".join(f"{name}=={versions[name]}\n" for name in sorted(versions))


def _record(contents: dict[PurePosixPath, bytes], record: PurePosixPath) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for path in sorted(contents):
        digest = base64.urlsafe_b64encode(hashlib.sha256(contents[path]).digest()).rstrip(b"=").decode()
        writer.writerow((path, f"sha256={digest}", len(contents[path])))
    writer.writerow((record, "", ""))
    return text.getvalue().encode()


def _find(name: str) -> Distribution | None:
    try:
        return importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:  # not needed on this system
        return None


def _name(requirement: str) -> str:
    """Return the name in a requirement, e.g. ``torch`` in ``torch>=2.13; python_version > '3'``."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    return found.group() if found else ""


def _normal(name: str) -> str:
    """Return a package's normalised name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
