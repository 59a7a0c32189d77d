"""Installs weights files: reads, converts, names and stores a network, once for the same content."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import WeightsError
from .cache import read_header, write
from .digests import compute_digests
from .manifest import PublishedNetwork, find_by_digests, manifest
from .read import read_first_bytes, read_network
from .store import DRAFT, NetworkInfo, find_network, installed_networks, network_info

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True)
class Imported:
    """The result of an import. ``was_installed``: the same content was already installed, and nothing was changed."""

    info: NetworkInfo
    was_installed: bool


def resolve(name_or_path: str | os.PathLike[str] | None = None) -> NetworkInfo:
    """Return the network of that name, or import the file at that path; None means the best installed network.

    Errors: those of `find_network` and `import_file`.
    """
    if name_or_path is None or (isinstance(name_or_path, str) and not _is_path(name_or_path)):
        return find_network(name_or_path)
    return import_file(name_or_path)


def import_file(path: str | os.PathLike[str], name: str | None = None) -> NetworkInfo:
    """Like `import_network`, but return only the network. Errors: those of `import_network`."""
    return import_network(Path(path), name).info


def import_network(path: Path, name: str | None = None, expected_input: str = "", source_name: str = "") -> Imported:
    """Install the network in a file of any known format; importing the same content again changes nothing.

    Without ``name`` the network gets its published name, or one made from the file's name. ``expected_input``, a key
    of `infer_convention.INPUT_CONVENTIONS`, overrides the input convention inferred from the file. ``source_name`` is
    the file's original name, if it differs. Errors: those of `read_network`, ``weights-name``, ``name-taken``,
    ``weights-unwritable``.
    """
    read_first_bytes(path)
    digests = compute_digests(path)
    published = find_by_digests(digests)
    same = [info for info in installed_networks() if info.source_sha256 == digests.sha256 and name in (None, info.name)]
    if same and not expected_input:
        return Imported(same[0], was_installed=True)
    chosen = _choose_name(path, name, digests.sha256, published)
    network = read_network(path, expected_input or (published.input if published else ""))
    if published and not expected_input:
        network = replace(network, lineage=published.lineage)
    stored = write(network, chosen, digests.sha256, source_name or path.name)
    return Imported(network_info(read_header(stored)), was_installed=False)


def _is_path(text: str) -> bool:
    """Whether ``text`` is a path: it has a folder, or it names an existing file and no installed network."""
    if Path(text).name != text:
        return True
    return Path(text).is_file() and all(info.name != text for info in installed_networks())


def _choose_name(path: Path, name: str | None, sha256: str, published: PublishedNetwork | None) -> str:
    """Return ``name`` if given, else the published name, else a free name made from the file's name.

    Errors: ``weights-name``, ``name-taken``.
    """
    taken = {info.name for info in installed_networks() if info.source_sha256 != sha256}
    reserved = {network.name for network in manifest()} | {DRAFT}
    if name is None and published:
        return published.name
    if name is None:
        slug = re.sub(r"[^a-z0-9._-]+", "-", path.stem.lower()).strip("-._")[:48] or "network"
        return slug if slug not in taken | reserved else f"{slug}-{sha256[:6]}"
    if not _NAME.fullmatch(name):
        hint = "Use up to 64 of a-z, 0-9, dot, underscore and hyphen, starting with a letter or digit."
        raise WeightsError("weights-name", f"{name!r} is not a valid network name.", hint)
    if name in taken | (reserved - {published.name if published else ""}):
        raise WeightsError("name-taken", f"Another network is already called {name}.", "Choose another --name.")
    return name
