"""Installs a published network from the first of its addresses that works."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from ..errors import WeightsError
from .cache import networks_dir, unwritable
from .download import Progress, check_address, download
from .importing import Imported, import_network
from .manifest import PublishedNetwork, Release, published_network, recommended_network
from .store import find_network, installed_networks


def fetch(name: str | None, url: str | None, progress: Progress) -> Imported:
    """Download the published network ``name`` (None: the recommended one), install it, and delete the original file.

    The addresses are tried in order; ``url`` replaces them. A partial download is kept and resumed by the next call.
    An installed network is not downloaded again, and one that comes with the installation is never downloaded. Errors:
    ``unknown-network``, ``fetch-busy``, those of `download`, `import_network` and `find_packaged`.
    """
    network = recommended_network() if name is None else published_network(name)
    if network.package is not None:
        return Imported(find_network(network.name), was_installed=True)
    if url is not None:
        check_address(url)
    for info in installed_networks():
        if info.name == network.name:
            return Imported(info, was_installed=True)
    folder = networks_dir() / "downloads"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / f"{network.name}.lock", timeout=0):
            return _fetch(network, url, folder, progress)
    except Timeout as error:
        raise WeightsError(
            "fetch-busy", f"{network.name} is already being downloaded.", "Wait until the other command ends."
        ) from error
    except OSError as error:
        raise unwritable(folder, error) from error


def _fetch(network: PublishedNetwork, url: str | None, folder: Path, progress: Progress) -> Imported:
    first: WeightsError | None = None
    for release, address in _addresses(network, url):
        part = folder / f"{network.name}-{(release.sha256 or release.sha256_prefix or release.md5)[:8]}.part"
        try:
            download(release, address, part, progress)
        except WeightsError as error:
            if error.code == "weights-unwritable":
                raise
            first = first or error
            continue
        imported = import_network(part, source_name=release.file)
        part.unlink()
        return imported
    assert first is not None, "every published network has an address"
    raise first


def _addresses(network: PublishedNetwork, url: str | None) -> Iterator[tuple[Release, str]]:
    """Yield the addresses to try, in order. ``url`` is expected to have the current release."""
    if url is not None:
        yield network.releases[0], url
        return
    for release in network.releases:
        for address in release.urls:
            yield release, address
