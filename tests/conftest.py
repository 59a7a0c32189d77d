"""Fixtures that tests of several areas use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.homes import SHARED, Home, install_random_network, use_home

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # spinning threads would take CPU time from other processes


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A home with a small random network; the test's process uses its folders too."""
    made = Home(tmp_path / "home")
    made.root.mkdir()
    install_random_network(made)
    use_home(made, monkeypatch)
    yield made
    made.close()


@pytest.fixture(scope="package")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home with a running daemon, for tests that change neither and cause no internal error."""
    made = Home(tmp_path_factory.mktemp("shared-home"))
    install_random_network(made)
    made.start_daemon()
    yield made
    made.close()
    for trace in ("unexpectedly", "Traceback", "Exception in callback"):
        assert trace not in made.log(), made.log()


@pytest.fixture
def shared() -> Path:
    """Folder of pictures and weights that are not part of the project; CI has it."""
    if not SHARED.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"CI must have {SHARED.name} to run these tests, but it is missing")
        pytest.skip(f"needs the pictures and weights of {SHARED.name}, which are not part of the project")
    return SHARED
