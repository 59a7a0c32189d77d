"""Fixtures: an empty cache, and a data package for tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gramarye.weights.manifest import manifest
from support.weight_files import manifest_of, small_network, write_h5


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of installed networks, which does not exist yet."""
    monkeypatch.setenv("GRAMARYE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return tmp_path / "cache" / "networks"


@pytest.fixture
def published(tmp_path: Path) -> bytes:
    """The file published by `data`: a small Keras network."""
    write_h5(tmp_path / "published.h5", small_network())
    return (tmp_path / "published.h5").read_bytes()


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, published: bytes) -> Iterator[Path]:
    """A data package ``gramarye_weights`` that replaces the project's: one published network ``small``, no draft."""
    folder = tmp_path / "data" / "gramarye_weights"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    manifest_text = manifest_of("small", "https://nowhere.invalid/small.h5", published)
    (folder / "manifest.toml").write_text(manifest_text)
    monkeypatch.syspath_prepend(str(folder.parent))
    monkeypatch.delitem(sys.modules, "gramarye_weights", raising=False)
    manifest.cache_clear()
    yield folder
    manifest.cache_clear()
    sys.modules.pop("gramarye_weights", None)
