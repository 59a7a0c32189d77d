"""A thousand jobs may wait, and the daemon does not keep their pixels in memory."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from gramarye.daemon.limits import MAX_QUEUE
from gramarye_protocol.messages import Accepted, JobList, Progress, Refused, Status, Submit
from gramarye_protocol.pixels import PixelBuffer
from support.homes import Home
from support.peers import Peer, endless_submit, noise_layer

SIDE = 128
PIXELS = SIDE * SIDE * 4


def _resident(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) * 1024


def _submit() -> Submit:
    layer = noise_layer(SIDE, SIDE, "RGBA")
    return replace(endless_submit(), pixels=PixelBuffer(SIDE, SIDE, "RGBA", "u8", bytes(layer.data)))


@pytest.mark.skipif(sys.platform != "linux", reason="reads the process's memory from /proc")
def test_a_thousand_jobs_wait_in_a_small_part_of_their_pixels_memory_and_one_too_many_is_refused(home: Home) -> None:
    daemon = home.start_daemon()
    submit = _submit()
    with Peer(home) as peer:
        assert isinstance(peer.ask(submit), Accepted)
        peer.await_kind(Progress)
        before = 0
        for number in range(MAX_QUEUE):
            if number == 24:  # memory use has settled
                before = _resident(daemon.pid)
            accepted = peer.ask(submit)
            assert isinstance(accepted, Accepted), accepted
            assert accepted.position == number
        grown = _resident(daemon.pid) - before
        assert grown < 1000 * PIXELS / 4  # 16 KB per job
        refused = peer.ask(submit)
        assert isinstance(refused, Refused)
        assert refused.code == "queue-full"
        listing = peer.ask(Status())
        assert isinstance(listing, JobList)
        assert [job.position for job in listing.jobs] == [0, *range(MAX_QUEUE)]
