"""A message without end is cut off before it takes the memory of the machine, and what it held is given back."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from contextlib import suppress

import pytest
import zmq.asyncio

from gramarye.daemon.network import memory_guard
from gramarye.daemon.network.connection_guard import Doorman
from gramarye.daemon.network.keyring import Keyring
from gramarye.daemon.network.router_socket import bind_local, make_router
from gramarye.daemon.network.zap_auth import Gate
from support.raw_socket import connected, frame, hung_up

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells how much a connection has sent")

ROOM = 256 << 20


def _pour(raw: socket.socket, data: bytes, stop: threading.Event) -> None:
    with suppress(OSError):
        while not stop.is_set():
            raw.sendall(data)


@pytest.mark.parametrize("size", [0, 1 << 20], ids=["tiny parts", "large parts"])
def test_a_message_without_end_is_cut_off(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []  # the doorman's own among them: what was held may be gone before another look
    resident = memory_guard.resident

    def look() -> int:
        looks.append(resident())
        return looks[-1]

    monkeypatch.setattr(memory_guard, "resident", look)
    most = resident() + ROOM
    data = frame(bytes(size), True) * (1 if size else 10_000)
    stop = threading.Event()

    async def scene() -> None:
        context = zmq.asyncio.Context()
        gate = Gate(context, Keyring(bytes(32)))
        gate.start()
        router = make_router(context)
        port = int(bind_local(router).rpartition(":")[2])
        doorman = Doorman(router, port, most)
        tasks = [asyncio.create_task(doorman.watch()), asyncio.create_task(doorman.watch_memory())]
        with connected(port) as idle, connected(port) as raw:
            await asyncio.sleep(0.2)
            pouring = threading.Thread(target=_pour, args=(raw, data, stop))
            pouring.start()
            while pouring.is_alive():
                assert memory_guard.resident() < most + 8 * ROOM, "it is not cut off"
                await asyncio.sleep(0.02)
            assert not hung_up(idle, within=0.5)
        for task in tasks:
            task.cancel()
        doorman.close()
        gate.stop()
        router.close(0)
        context.term()

    try:
        asyncio.run(scene())
        assert max(looks) > most, "it is cut off too early"
    finally:
        stop.set()


def test_who_has_sent_nothing_of_weight_is_not_to_blame() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as there:
        here, _ = server.accept()
        with here:
            there.sendall(bytes(1000))
            here.recv(1000, socket.MSG_WAITALL)
            assert memory_guard.received(here.fileno()) == 1000
            assert memory_guard.worst({here.fileno(): 0, -1: 0}) is None


def test_the_worst_is_who_has_most_in_flight() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        pairs = [(socket.create_connection(server.getsockname()), server.accept()[0]) for _ in range(2)]
        try:
            for (there, here), size in zip(pairs, (20 << 20, 24 << 20), strict=True):
                sending = threading.Thread(target=there.sendall, args=(bytes(size),))
                sending.start()
                here.recv(size, socket.MSG_WAITALL)
                sending.join()
            lines = [here.fileno() for _, here in pairs]
            assert memory_guard.worst(dict.fromkeys(lines, 0)) == lines[1]
            assert memory_guard.worst({lines[0]: 0, lines[1]: 24 << 20}) == lines[0]
        finally:
            for there, here in pairs:
                there.close()
                here.close()
