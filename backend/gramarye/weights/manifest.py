"""The published VGG19 files, as ``weights/manifest.toml`` lists them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from ..errors import WeightsError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@dataclass(frozen=True)
class Digests:
    """Checksums of a file, lower-case hexadecimal."""

    md5: str
    sha256: str


@dataclass(frozen=True)
class Release:
    """One file as published: where it is, and what identifies it. ``size`` in bytes, 0 where not known."""

    file: str
    urls: tuple[str, ...]
    size: int = 0
    md5: str = ""
    sha256: str = ""
    sha256_prefix: str = ""

    def matches(self, digests: Digests) -> bool:
        """Whether every checksum that is known of this release is that of ``digests``."""
        return (
            self.md5 in ("", digests.md5)
            and self.sha256 in ("", digests.sha256)
            and digests.sha256.startswith(self.sha256_prefix)
        )


@dataclass(frozen=True)
class PublishedNetwork:
    """A published network. ``input`` is a key of `gramarye.weights.infer_convention.INPUT_CONVENTIONS`."""

    name: str
    title: str
    lineage: str
    input: str
    licence: str
    note: str
    recommended: bool
    releases: tuple[Release, ...]


@lru_cache(maxsize=1)
def manifest() -> tuple[PublishedNetwork, ...]:
    """The known networks, best first."""
    text = (data_folder() / "manifest.toml").read_text(encoding="utf-8")
    return tuple(_network(entry) for entry in tomllib.loads(text)["network"])


def recommended_network() -> PublishedNetwork:
    """The network to fetch when none is named."""
    return next(network for network in manifest() if network.recommended)


def published_network(name: str) -> PublishedNetwork:
    """The published network of that name. Errors: ``unknown-network``."""
    for network in manifest():
        if network.name == name:
            return network
    names = ", ".join(network.name for network in manifest())
    raise WeightsError("unknown-network", f"No published network is called {name}.", f"Known are: {names}.")


def find_by_digests(digests: Digests) -> PublishedNetwork | None:
    """The published network whose file has these checksums."""
    for network in manifest():
        if any(release.matches(digests) for release in network.releases):
            return network
    return None


def data_folder() -> Path:
    """The folder of the data package ``gramarye_weights``: installed, or the checkout's own."""
    try:
        return Path(str(resources.files("gramarye_weights")))
    except ModuleNotFoundError:  # run from a checkout that is not installed
        return Path(__file__).parents[3] / "weights"


def _network(entry: dict[str, Any]) -> PublishedNetwork:
    releases = tuple(Release(**{**release, "urls": tuple(release["urls"])}) for release in entry["release"])
    rest = {key: value for key, value in entry.items() if key != "release"}
    return PublishedNetwork(**{"recommended": False, **rest}, releases=releases)
