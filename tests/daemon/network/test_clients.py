"""Which clients are remembered, and for how long."""

from __future__ import annotations

from gramarye.daemon.network.clients import ClientConnections
from gramarye.daemon.network.keyring import LOCAL_USER
from gramarye.daemon.network.receive import IncomingMessage


def _from(client: bytes, user: str = LOCAL_USER, fd: int = 7) -> IncomingMessage:
    return IncomingMessage(client, [b""], user, fd)


def test_a_client_keeps_its_count() -> None:
    connections = ClientConnections()
    first = connections.get_or_add(_from(b"a"), 0.0)
    assert connections.get_or_add(_from(b"a"), 1.0) is first
    assert connections.get_or_add(_from(b"b"), 1.0) is not first


def test_another_user_under_the_same_name_is_another_client() -> None:
    connections = ClientConnections()
    first = connections.get_or_add(_from(b"a"), 0.0)
    assert connections.get_or_add(_from(b"a", user="x" * 40), 1.0) is not first


def test_a_disconnected_client_keeps_its_count_on_a_new_connection() -> None:
    connections = ClientConnections()
    first = connections.get_or_add(_from(b"a"), 0.0)
    first.is_disconnecting = True
    assert connections.get_or_add(_from(b"a"), 1.0).is_disconnecting
    again = connections.get_or_add(_from(b"a", fd=8), 2.0)
    assert again is first
    assert not again.is_disconnecting


def test_silent_clients_are_forgotten_unless_they_await_something() -> None:
    connections = ClientConnections()
    for name in (b"a", b"b", b"c"):
        connections.get_or_add(_from(name), 0.0)
    connections.get_or_add(_from(b"c"), 100.0)
    connections.forget_idle(130.0, {b"b"})
    assert {connection.client for connection in connections.all()} == {b"b", b"c"}
