"""Fixture for a client of the shared daemon."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gramarye import Client
from support.homes import Home, use_home


@pytest.fixture
def client(shared_home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A connection to the shared home's daemon."""
    use_home(shared_home, monkeypatch)
    with Client(start=False) as made:
        yield made
