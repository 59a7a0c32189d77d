"""Installed networks: lists them, finds one by name, and loads its arrays.

They are files in the user's cache, the draft, and VGG19 as it comes with the installation (`packaged`).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..engine.vgg.layers import CHANNELS_PER_BLOCK, CONVOLUTIONS
from ..errors import WeightsError
from . import cache
from .cache import NetworkHeader, networks_dir, read_header
from .convention import OXFORD_MEAN, Network, Triple
from .layout import READOUT, describe, is_full_depth, widths
from .manifest import PublishedNetwork, data_folder, manifest
from .packaged import PackagedNetwork, expand, find_packaged

log = logging.getLogger(__name__)

DRAFT = "draft"
"""Name of the small network that comes with Gramarye, preferred after all others of full depth."""

FULL_NETWORK = "vgg19"
"""Alias of the best installed published network."""


@dataclass(frozen=True)
class NetworkInfo:
    """An installed network.

    ``depth`` is its deepest convolution, ``widths`` the number of channels at the end of each block, ``mean`` the RGB
    colour (0..255) subtracted from the picture, ``sha256`` the checksum of its values (empty if none is recorded).
    """

    name: str
    path: Path
    lineage: str
    depth: str
    widths: tuple[int, ...]
    mean: Triple
    sha256: str
    source_sha256: str
    source_name: str

    @property
    def is_full_depth(self) -> bool:
        """Whether the network reaches conv5_1, which all recipes of the papers need."""
        return is_full_depth(self.depth)

    @property
    def description(self) -> str:
        """Such as ``13 convolutions through conv5_1, widths 16/32/64/128/128``."""
        return describe(self.depth, self.widths)


@dataclass(frozen=True)
class DamagedNetwork:
    """A network that should be there and cannot be used, with its file and the error."""

    name: str
    path: Path
    error: WeightsError


@dataclass(frozen=True)
class DefaultNetwork:
    """The network that paints if none is named. ``problem``: why it is not VGG19, if it is not."""

    info: NetworkInfo
    problem: WeightsError | None = None


def installed_networks() -> list[NetworkInfo]:
    """Return the usable networks by preference: published, others of full depth, draft, shallow."""
    return scan_networks()[0]


def scan_networks() -> tuple[list[NetworkInfo], list[DamagedNetwork]]:
    """Return the usable and the damaged networks; reads headers only, and one checksum until VGG19 is expanded."""
    usable: list[NetworkInfo] = []
    damaged: list[DamagedNetwork] = []
    for path in _network_files():
        try:
            usable.append(network_info(read_header(path)))
        except WeightsError as error:
            damaged.append(DamagedNetwork(path.stem, path, error))
    for published in _packaged_networks():
        if all(info.name != published.name for info in usable):
            damaged = [broken for broken in damaged if broken.name != published.name]  # it is expanded again
            try:
                usable.append(_packaged_info(find_packaged(published)))
            except WeightsError as error:
                damaged.append(DamagedNetwork(published.name, _file_name(published), error))
    return sorted(usable, key=_preference), damaged


def find_network(name: str | None = None) -> NetworkInfo:
    """Return the installed network called ``name``; None means the best one.

    ``name`` is never taken as a path, so clients cannot make the daemon open other files.

    Errors: ``no-network``, ``unknown-network``, and those of a damaged network.
    """
    return find_default().info if name is None else _find_installed(name)


def find_default() -> DefaultNetwork:
    """Return the best installed network, and why it is not VGG19, if it is not. Errors: ``no-network``."""
    return choose_default(*scan_networks())


def choose_default(usable: Sequence[NetworkInfo], damaged: Sequence[DamagedNetwork]) -> DefaultNetwork:
    """Choose the network of `find_default` among those that `scan_networks` found. Errors: ``no-network``."""
    published = {network.name for network in manifest()}
    best = next((info for info in usable if info.is_full_depth), None)
    if best is None:
        raise WeightsError(
            "no-network",
            "No network is installed that reaches conv5_1.",
            "Run: gramarye weights fetch   (or, with a VGG19 file at hand: gramarye weights import FILE)",
        )
    if best.name in published:
        return DefaultNetwork(best)
    packaged = {network.name for network in _packaged_networks()}
    return DefaultNetwork(best, next((broken.error for broken in damaged if broken.name in packaged), None))


def load(info: NetworkInfo) -> dict[str, NDArray[np.float32]]:
    """Return the arrays by key: ``conv1_1.weight`` (out, in, 3, 3), ``conv1_1.bias`` (out,) and so on.

    Some networks also have ``relu1_1.readout`` (out, out). All arrays are finite float32, with verified checksum. The
    network acts on RGB 0..255 minus ``info.mean``, zero-padded. A network that comes with the installation is expanded
    into the cache the first time, and again if its file there is damaged. Errors: ``weights-checksum``,
    ``weights-malformed``, ``weights-unreadable``, and those of `find_packaged`.
    """
    network = _read(info)
    arrays: dict[str, NDArray[np.float32]] = {f"{tap}{READOUT}": matrix for tap, matrix in network.readouts.items()}
    for name, layer in network.convolutions.items():
        arrays[f"{name}.weight"], arrays[f"{name}.bias"] = layer.weight, layer.bias
    return arrays


def _read(info: NetworkInfo) -> Network:
    published = next((network for network in _packaged_networks() if network.name == info.name), None)
    if published is None:
        return cache.read(read_header(info.path))
    if info.path.parent == networks_dir():
        try:
            return cache.read(read_header(info.path))
        except WeightsError as error:
            log.warning("%s is expanded again: %s", info.name, error.message)
    return expand(find_packaged(published))


def _packaged_networks() -> list[PublishedNetwork]:
    return [network for network in manifest() if network.package is not None]


def _packaged_info(packaged: PackagedNetwork) -> NetworkInfo:
    published = packaged.published
    return NetworkInfo(
        published.name,
        packaged.path,
        published.lineage,
        CONVOLUTIONS[-1],
        CHANNELS_PER_BLOCK,
        OXFORD_MEAN,
        "",
        packaged.package.sha256,
        packaged.path.name,
    )


def _file_name(published: PublishedNetwork) -> Path:
    return Path(published.package.file if published.package is not None else "")


def _network_files() -> list[Path]:
    found = sorted(path for path in networks_dir().glob(f"*{cache.SUFFIX}") if not path.name.startswith("."))
    draft = data_folder() / "draft" / "draft.safetensors"
    return [*found, draft] if draft.is_file() else found


def network_info(stored: NetworkHeader) -> NetworkInfo:
    """Return the description of an installed network from its file's header."""
    return NetworkInfo(
        stored.name,
        stored.path,
        stored.lineage,
        next(reversed(stored.outputs)),
        widths(stored.outputs),
        stored.mean,
        stored.sha256,
        stored.source_sha256,
        stored.source_name,
    )


def _preference(info: NetworkInfo) -> tuple[int, int, int, str]:
    """Sort key: published networks first, in the manifest's order; among others, wide before narrow."""
    published = [network.name for network in manifest()]
    if not info.is_full_depth:
        return 3, -CONVOLUTIONS.index(info.depth), -sum(info.widths), info.name
    if info.name in published:
        return 0, published.index(info.name), 0, info.name
    return 2 if info.name == DRAFT else 1, 0, -sum(info.widths), info.name


def _best_published(usable: Sequence[NetworkInfo], damaged: Sequence[DamagedNetwork]) -> NetworkInfo:
    published = {network.name for network in manifest()}
    for info in usable:
        if info.name in published:
            return info
    for broken in damaged:
        if broken.name in published:
            raise broken.error
    raise WeightsError(
        "unknown-network",
        "The full VGG19 is not installed.",
        "Run: gramarye weights fetch   (or, with a VGG19 file at hand: gramarye weights import FILE)",
    )


def _find_installed(name: str) -> NetworkInfo:
    usable, damaged = scan_networks()
    for info in usable:
        if info.name == name:
            return info
    for broken in damaged:
        if broken.name == name:
            raise broken.error
    if name == FULL_NETWORK:
        return _best_published(usable, damaged)
    if any(network.name == name for network in manifest()):
        raise WeightsError("unknown-network", f"{name} is not installed.", f"Run: gramarye weights fetch {name}")
    names = ", ".join(info.name for info in usable) or "none"
    raise WeightsError("unknown-network", f"No network is called {name}.", f"Installed networks: {names}.")
