"""Fixtures that several rooms use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.homes import SHARED, Home, install_random_network, use_home

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that spin while they wait take the other process's core


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A home with a small random network; this process lives there too."""
    made = Home(tmp_path / "home")
    made.root.mkdir()
    install_random_network(made)
    use_home(made, monkeypatch)
    yield made
    made.close()


@pytest.fixture(scope="package")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home whose daemon runs, for tests that leave both as they found them and log no mistake."""
    made = Home(tmp_path_factory.mktemp("shared-home"))
    install_random_network(made)
    made.start_daemon()
    yield made
    made.close()
    for trace in ("unexpectedly", "Traceback", "Exception in callback"):
        assert trace not in made.log(), made.log()


@pytest.fixture
def shared() -> Path:
    """Pictures and weights that are not part of the project; CI has them."""
    if not SHARED.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"CI has {SHARED.name}, so that these tests run, but it is not there")
        pytest.skip(f"needs the pictures and weights of {SHARED.name}, which are not part of the project")
    return SHARED
