"""Who is remembered among the clients, and for how long."""

from __future__ import annotations

from gramarye.daemon.network.clients import Callers
from gramarye.daemon.network.keyring import LOCAL
from gramarye.daemon.network.receive import Incoming


def _from(client: bytes, user: str = LOCAL, line: int = 7) -> Incoming:
    return Incoming(client, [b""], user, line)


def test_a_client_keeps_its_count_whatever_it_says() -> None:
    callers = Callers()
    first = callers.of(_from(b"a"), 0.0)
    assert callers.of(_from(b"a"), 1.0) is first
    assert callers.of(_from(b"b"), 1.0) is not first


def test_another_user_under_the_same_name_is_another_client() -> None:
    callers = Callers()
    first = callers.of(_from(b"a"), 0.0)
    assert callers.of(_from(b"a", user="x" * 40), 1.0) is not first


def test_one_that_was_shut_out_may_come_back_on_a_new_connection_with_its_count() -> None:
    callers = Callers()
    first = callers.of(_from(b"a"), 0.0)
    first.is_shut_out = True
    assert callers.of(_from(b"a"), 1.0).is_shut_out
    again = callers.of(_from(b"a", line=8), 2.0)
    assert again is first
    assert not again.is_shut_out


def test_the_silent_are_forgotten_unless_they_await_something() -> None:
    callers = Callers()
    for name in (b"a", b"b", b"c"):
        callers.of(_from(name), 0.0)
    callers.of(_from(b"c"), 100.0)
    callers.tidy(130.0, {b"b"})
    assert {caller.client for caller in callers.all()} == {b"b", b"c"}
