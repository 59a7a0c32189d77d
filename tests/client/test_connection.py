"""Tests of requests on one connection to a daemon that answers in unusual ways."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
import zmq

from gramarye import Client
from gramarye.client.connection import Connection
from gramarye.errors import DaemonError
from gramarye_protocol.connection import ConnectionInfo
from gramarye_protocol.frames import DAEMON, seal
from gramarye_protocol.messages import JobList, Message, Progress, Refused, Status
from support.peers import noise_layer

KEY = bytes(range(32))
Answer = Callable[[Callable[[Message], None]], None]


class ScriptedDaemon:
    """Fake daemon: replies to the first request with the messages that ``answer`` sends, without ``reply_to``."""

    def __init__(self) -> None:
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.ROUTER)
        self._socket.setsockopt(zmq.LINGER, 0)
        self.info = ConnectionInfo(
            f"tcp://127.0.0.1:{self._socket.bind_to_random_port('tcp://127.0.0.1')}", KEY.hex(), 1
        )
        self._thread: threading.Thread | None = None

    def answer(self, answer: Answer) -> None:
        """Start a thread that receives one request and then calls ``answer``."""
        self._thread = threading.Thread(target=self._run, args=(answer,))
        self._thread.start()

    def _run(self, answer: Answer) -> None:
        client = self._socket.recv_multipart()[0]

        def send(message: Message) -> None:
            self._socket.send_multipart([client, *seal(message, KEY, DAEMON, time.time())])

        answer(send)

    def close(self) -> None:
        """Wait for the thread and close the socket."""
        if self._thread is not None:
            self._thread.join()
        self._socket.close()
        self._context.term()


@pytest.fixture
def scripted_daemon() -> Iterator[ScriptedDaemon]:
    made = ScriptedDaemon()
    yield made
    made.close()


def test_a_refusal_that_names_no_request_is_raised(scripted_daemon: ScriptedDaemon) -> None:
    scripted_daemon.answer(lambda send: send(Refused("message-unsigned", "Not signed.", "Again.")))
    connection = Connection(scripted_daemon.info)
    with pytest.raises(DaemonError) as caught:
        connection.request(Status(), JobList)
    connection.close()
    assert (caught.value.code, caught.value.hint) == ("message-unsigned", "Again.")


def test_events_do_not_delay_the_timeout_of_a_reply(scripted_daemon: ScriptedDaemon) -> None:
    over = threading.Event()

    def flood(send: Callable[[Message], None]) -> None:
        step = 0
        while not over.wait(0.001):
            step += 1
            send(Progress("a", step, 100, 1, 1, 1.0, 1.0, -1.0))

    scripted_daemon.answer(flood)
    connection = Connection(scripted_daemon.info)
    with pytest.raises(DaemonError) as caught:
        connection.request(Status(), JobList, timeout=0.5)
    over.set()
    connection.close()
    assert caught.value.code == "daemon-silent"


def test_messages_over_the_daemons_limits_are_not_sent(client: Client) -> None:
    layer = noise_layer(16, 16, "RGB")
    with pytest.raises(DaemonError) as long:
        client.submit(layer, [layer], title="x" * (1 << 20))
    with pytest.raises(DaemonError) as many:
        client.submit(layer, [layer] * 64)
    assert (long.value.code, many.value.code) == ("message-too-large", "message-too-large")
    assert "Send fewer styles." in many.value.hint
    assert client.status().jobs is not None
