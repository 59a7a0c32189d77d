"""A connection with an endless message is closed before it fills the memory, and its memory is freed."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from contextlib import suppress

import pytest
import zmq.asyncio

from gramarye.daemon.network import memory_guard
from gramarye.daemon.network.connection_guard import ConnectionGuard
from gramarye.daemon.network.keyring import Keyring
from gramarye.daemon.network.router_socket import bind_local, make_router
from gramarye.daemon.network.zap_auth import ZapAuth
from support.raw_socket import connect_raw, frame, wait_for_close

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux reports how much a connection has sent")

HEADROOM = 256 << 20


def _pour(raw: socket.socket, data: bytes, stop: threading.Event) -> None:
    with suppress(OSError):
        while not stop.is_set():
            raw.sendall(data)


@pytest.mark.parametrize("size", [0, 1 << 20], ids=["tiny parts", "large parts"])
def test_a_message_without_end_is_cut_off(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []  # also those of the guard: the memory may be free again before the test looks
    resident_bytes = memory_guard.resident_bytes

    def look() -> int:
        looks.append(resident_bytes())
        return looks[-1]

    monkeypatch.setattr(memory_guard, "resident_bytes", look)
    most = resident_bytes() + HEADROOM
    data = frame(bytes(size), True) * (1 if size else 10_000)
    stop = threading.Event()

    async def scene() -> None:
        context = zmq.asyncio.Context()
        zap_auth = ZapAuth(context, Keyring(bytes(32)))
        zap_auth.start()
        router = make_router(context)
        port = int(bind_local(router).rpartition(":")[2])
        guard = ConnectionGuard(router, port, most)
        tasks = [asyncio.create_task(guard.watch()), asyncio.create_task(guard.watch_memory())]
        with connect_raw(port) as idle, connect_raw(port) as raw:
            await asyncio.sleep(0.2)
            pouring = threading.Thread(target=_pour, args=(raw, data, stop))
            pouring.start()
            while pouring.is_alive():
                assert memory_guard.resident_bytes() < most + 8 * HEADROOM, "it is not cut off"
                await asyncio.sleep(0.02)
            assert not wait_for_close(idle, within=0.5)
        for task in tasks:
            task.cancel()
        guard.close()
        zap_auth.stop()
        router.close(0)
        context.term()

    try:
        asyncio.run(scene())
        assert max(looks) > most, "it is cut off too early"
    finally:
        stop.set()


def test_a_connection_with_little_in_flight_is_not_chosen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as sender:
        receiver, _ = server.accept()
        with receiver:
            sender.sendall(bytes(1000))
            receiver.recv(1000, socket.MSG_WAITALL)
            assert memory_guard.received_bytes(receiver.fileno()) == 1000
            assert memory_guard.largest_in_flight({receiver.fileno(): 0, -1: 0}) is None


def test_the_connection_with_the_most_in_flight_is_chosen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        pairs = [(socket.create_connection(server.getsockname()), server.accept()[0]) for _ in range(2)]
        try:
            for (sender, receiver), size in zip(pairs, (20 << 20, 24 << 20), strict=True):
                sending = threading.Thread(target=sender.sendall, args=(bytes(size),))
                sending.start()
                receiver.recv(size, socket.MSG_WAITALL)
                sending.join()
            fds = [receiver.fileno() for _, receiver in pairs]
            assert memory_guard.largest_in_flight(dict.fromkeys(fds, 0)) == fds[1]
            assert memory_guard.largest_in_flight({fds[0]: 0, fds[1]: 24 << 20}) == fds[0]
        finally:
            for sender, receiver in pairs:
                sender.close()
                receiver.close()
