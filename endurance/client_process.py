"""A client to be killed: ``python -m endurance.client_process HOME ends|stays`` prints its job's id once it runs."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

from gramarye_protocol.messages import Accepted, Progress, WatchOptions
from support.homes import Home
from support.peers import Peer

from .workload import ENDLESS, layer, submit_message


def main(root: Path, *, ends_with_client: bool) -> None:
    """Submit a job that does not end, and wait."""
    with Peer(Home(root)) as peer:
        watch = WatchOptions(preview_every=0.1, preview_side=32, ends_with_client=ends_with_client)
        accepted = peer.ask(replace(submit_message(ENDLESS, layer(0)), watch=watch))
        assert isinstance(accepted, Accepted), accepted
        peer.await_kind(Progress)
        print(accepted.job, flush=True)
        time.sleep(600.0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), ends_with_client=sys.argv[2] == "ends")
