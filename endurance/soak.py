"""``python -m endurance.soak``: a day of a daemon's use in minutes, with its resources measured after each round.

A round runs every scenario of `scenarios`, then waits until the worker has been released, so that the next round loads
the network again. The resources of the front process are measured then and must not grow.
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from gramarye.daemon.store import quota
from gramarye_protocol.jobs import DONE

from .process_stats import ProcessStats, children, descriptor_kinds, read_process_stats
from .report import Measurement, count, print_report
from .scenarios import SCENARIOS
from .temporary_daemon import TemporaryDaemon, temporary_daemon
from .trend import WARM_UP_SHARE, memory_measurements

RELEASE_AFTER = 1.0
"""Idle seconds after which the worker is released."""

SETTLE_SECONDS = 0.5
"""Seconds between the last client's disconnection and the measurement."""

MAX_GROWTH = 2
"""Additional descriptors and threads that do not count as growth: the event loop's thread pool fills on demand."""

KEPT_JOBS = quota.KEPT_JOBS + 20
"""Jobs whose paintings a daemon keeps (SPEC, "Job states"), plus those of one round that it has yet to delete."""

_PATIENCE = 60.0


@dataclass(frozen=True)
class Round:
    """The state at the end of a round: ``at`` in seconds, the front's process statistics, and the jobs whose pixels are
    kept although no unfetched result needs them."""

    at: float
    front: ProcessStats
    folders: int


def soak(minutes: float) -> list[Measurement]:
    """Run for some minutes, and return the measurements."""
    rounds: list[Round] = []
    ends = time.monotonic() + 60.0 * minutes
    with temporary_daemon("--release-after", str(RELEASE_AFTER)) as instance:
        while time.monotonic() < ends:
            for scenario in SCENARIOS:
                scenario(instance.home)
            rounds.append(_measure_idle(instance))
        held = ", ".join(f"{number} {kind}" for kind, number in sorted(descriptor_kinds(instance.daemon.pid).items()))
        measurements = [
            *measurements_of(rounds),
            Measurement("descriptors at the end", held),
            count("mistakes in the log", instance.log_errors(), 0),
        ]
    ended = instance.daemon.returncode
    return [*measurements, count("status that the daemon ended with", ended, 0)]


def _measure_idle(instance: TemporaryDaemon) -> Round:
    """Measure once the worker has exited."""
    deadline = time.monotonic() + _PATIENCE
    while children(instance.daemon.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(SETTLE_SECONDS)
    folders = sum(1 for _ in (instance.home.root / "state" / "spool").iterdir())
    return Round(
        time.monotonic(), read_process_stats(instance.daemon.pid), folders - _count_unfetched_results(instance)
    )


def _count_unfetched_results(instance: TemporaryDaemon) -> int:
    """Number of unfetched results, which are kept (SPEC, "Job states")."""
    ledger = instance.home.root / "state" / "jobs.sqlite"
    with closing(sqlite3.connect(f"{ledger.as_uri()}?mode=ro", uri=True)) as database:
        (count,) = database.execute("select count(*) from jobs where state = ? and fetched = 0", (DONE,)).fetchone()
    return int(count)


def measurements_of(rounds: Sequence[Round]) -> list[Measurement]:
    """The measurements of all rounds, each with its guarantee."""
    fronts = [past.front for past in rounds]
    return [
        Measurement("rounds, each with a worker that came and went", str(len(rounds))),
        _check_steady("descriptors", [front.descriptors for front in fronts], MAX_GROWTH),
        _check_steady("threads", [front.threads for front in fronts], MAX_GROWTH),
        _check_steady("processes under it", [front.children for front in fronts], 0),
        *memory_measurements("front", [past.at for past in rounds], [front.memory for front in fronts]),
        Measurement(
            "jobs whose pixels are kept, but for results not fetched, at most",
            str(max(past.folders for past in rounds)),
            f"{KEPT_JOBS} at most",
            max(past.folders for past in rounds) <= KEPT_JOBS,
        ),
    ]


def _check_steady(name: str, values: Sequence[int], max_growth: int) -> Measurement:
    """Compare the medians of the first and the last quarter of the rounds after warm-up."""
    warm = list(values[int(len(values) * WARM_UP_SHARE) :])
    part = max(1, len(warm) // 4)
    start, end = statistics.median(warm[:part]), statistics.median(warm[-part:])
    promise = f"grows by {max_growth} at most" if max_growth else "does not grow"
    return Measurement(name, f"{start:g} to {end:g}", promise, end <= start + max_growth)


def main() -> int:
    """Run, print, and return 1 if a guarantee is broken."""
    parser = argparse.ArgumentParser(prog="python -m endurance.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=20.0)
    minutes = parser.parse_args().minutes
    return print_report(f"a daemon's front process over {minutes:g} minutes", soak(minutes))


if __name__ == "__main__":
    sys.exit(main())
