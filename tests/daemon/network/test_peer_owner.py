"""The owner of a loopback connection."""

from __future__ import annotations

import os
import socket
import sys

import pytest

from gramarye.daemon.network.peer_owner import peer_uid

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux reports the owner")


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6], ids=["plain", "mapped"])
def test_the_owner_of_the_other_end_is_found(family: socket.AddressFamily) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(family, socket.SOCK_STREAM) as client:
        port = server.getsockname()[1]
        if family == socket.AF_INET6:
            try:
                client.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
                client.connect(("::ffff:127.0.0.1", port))
            except OSError:
                pytest.skip("this machine has no IPv6")
        else:
            client.connect(("127.0.0.1", port))
        connection, remote = server.accept()
        with connection:
            assert peer_uid(remote, ("127.0.0.1", port)) == os.getuid()


def test_an_unknown_connection_has_no_owner() -> None:
    assert peer_uid(("127.0.0.1", 1), ("127.0.0.1", 2)) is None
