"""A client of the shared daemon."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gramarye import Client
from support.homes import Home, live_in


@pytest.fixture
def client(shared_home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """A connection to the shared home's daemon."""
    live_in(shared_home, monkeypatch)
    with Client(start=False) as made:
        yield made
