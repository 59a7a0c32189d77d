"""A client that asks for many events and reads none uses a bounded amount of the daemon's memory."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gramarye_protocol.messages import Accepted, Done, Failed, StyleInput, Submit, Watch, WatchOptions
from gramarye_protocol.pixels import PixelBuffer
from support.homes import Home
from support.peers import Peer, red_stripes

SIDE = 256
STEPS = 300
PREVIEW = SIDE * SIDE * 3


def _resident(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


@pytest.mark.skipif(sys.platform != "linux", reason="reads the process's memory from /proc")
def test_previews_for_a_client_that_reads_nothing_do_not_pile_up(home: Home) -> None:
    daemon = home.start_daemon()
    layer = PixelBuffer(SIDE, SIDE, "RGB", "u8", bytes(range(256)) * (PREVIEW // 256))
    watch = WatchOptions(preview_side=SIDE, preview_steps=1)
    recipe = {"steps": STEPS, "scales": 1, "optimiser": "adam", "style_layers": ["relu1_1"], "content_layers": []}
    submit = Submit(layer, (StyleInput(red_stripes()),), recipe=recipe, network="tiny", watch=watch)
    with Peer(home, receive_limit=1) as sleeper, Peer(home) as reader:
        sleeper.send(sleeper.seal(submit))
        accepted = sleeper.await_kind(Accepted)  # it reads nothing after this
        before = _resident(daemon.pid)
        reader.ask(Watch(accepted.job, WatchOptions()))
        assert reader.await_kind(Done, Failed).KIND == "done"
        assert _resident(daemon.pid) - before < STEPS * PREVIEW / 2
