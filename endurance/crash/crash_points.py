"""The points at which a daemon can be killed: every point that an undisturbed run passes."""

from __future__ import annotations

import os
import random
import tempfile
import time
from pathlib import Path

from gramarye.client import Client
from support.homes import Home, install_random_network

from .case import NO_KILL, Case, digest, start
from .workload import KINDS, PlannedJob, layer


def trace_crash_points() -> tuple[dict[str, int], dict[int, str]]:
    """Numbers of points that front and worker pass while painting one job of every kind, and the digests."""
    with tempfile.TemporaryDirectory(prefix="gramarye-crash-") as folder:
        home, trace = Home(Path(folder) / "home"), Path(folder) / "trace"
        home.root.mkdir()
        install_random_network(home)
        os.environ.update({name: value for name, value in home.environ.items() if name.startswith("GRAMARYE_")})
        try:
            daemon = start(home, NO_KILL, trace)
            assert daemon is not None, home.log()
            expected = {}
            with Client(start=False) as client:
                for kind in range(KINDS):
                    recipe = PlannedJob("", kind, is_cancelled=False).recipe
                    painting = client.paint(layer(kind), [layer(99)], network="tiny", **recipe)
                    expected[kind] = digest(painting.pixels.data)
            time.sleep(1.5)  # the front's last periodic tasks
        finally:
            home.close()
        roles = [line.split()[0] for line in trace.read_text(encoding="utf-8").splitlines()]
    return {role: roles.count(role) for role in ("front", "worker")}, expected


def cases(count: int, points: dict[str, int], seed: int) -> list[Case]:
    """``count`` cases, half of them in each process, spread evenly. Every fourth daemon is killed again while it
    recovers, and half of all deaths are power cuts.
    """
    rng = random.Random(seed)
    every = {role: [f"{role}:{number}" for number in range(1, points[role] + 1)] for role in points}
    half = -(-count // len(every))
    kills = [passed[index * len(passed) // half] for passed in every.values() for index in range(half)]
    return [
        Case(
            seed + index,
            (kill, rng.choice(rng.choice(list(every.values())))) if index % 4 == 3 else (kill,),
            is_power_cut=rng.random() < 0.5,
        )
        for index, kill in enumerate(kills[:count])
    ]
