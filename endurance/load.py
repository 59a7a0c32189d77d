"""``python -m endurance.load``: a crowd with small jobs and random cancels: none lost, none twice, memory flat.

Layers of 32 pixels on a small random network. Half of the jobs take no step and must give their own layer back, which
is nobody else's; a third take one, and must come to what the same layer came to before the crowd; the rest would never
end and are cancelled, as some of the others are, before, while or after they are painted.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from bisect import bisect_left
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context

from gramarye_protocol.connection import read_connection
from gramarye_protocol.messages import Accepted, Done, Failed, FetchResult, Result, Status
from support.homes import Home
from support.peers import Peer

from .client_pool import Attendance, Crowd, digest, run
from .process_stats import Vitals, children, vitals
from .report import Figure, count, show
from .results import Tally
from .temporary_daemon import household
from .trend import memory_figures
from .workload import LAYERS, PAINTED, Errand, errands, layer, submission

PROCESSES = 2
"""That the crowd is shared between: one for each core."""

EVERY = 0.5
"""Seconds between two questions of how all jobs stand."""


@dataclass
class Watch:
    """What was seen while the crowd was there; ``asked`` are the seconds that each ``status`` took."""

    asked: list[float] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    front: list[Vitals] = field(default_factory=list)
    worker: list[Vitals] = field(default_factory=list)

    def since(self, began: float) -> Watch:
        """What was seen from then on: before, the crowd was still arriving."""
        first = bisect_left(self.at, began)
        return Watch(self.asked[first:], self.at[first:], self.front[first:], self.worker[first:])


def load(minutes: float, clients: int, jobs: int, seed: int) -> list[Figure]:
    """Let the crowd come, and return what is to be told of it."""
    with household() as house:
        paintings = _paintings(house.home)
        work = errands(jobs, 60.0 * minutes, seed)
        with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
            crowds = [pool.submit(run, crowd) for crowd in _crowds(house.home, clients, work, paintings)]
            watch = _watch(house.home, house.daemon.pid, crowds)
            came = [crowd.result() for crowd in crowds]
        tally = sum((crowd.tally for crowd in came), Tally())
        seen = watch.since(max(crowd.began for crowd in came))
        mistakes = count("mistakes in the log", house.mistakes(), 0)
    return [*_jobs(tally, jobs), *_latency(seen), *_growth(seen), mistakes]


def _paintings(home: Home) -> dict[int, str]:
    """What each layer that is painted comes to, from one client alone."""
    found: dict[int, str] = {}
    with Peer(home) as peer:
        for number in range(LAYERS):
            accepted = peer.ask(submission(PAINTED, layer(number)))
            assert isinstance(accepted, Accepted), accepted
            ending = peer.await_kind(Done, Failed)
            assert isinstance(ending, Done), ending
            result = peer.ask(FetchResult(accepted.job))
            assert isinstance(result, Result), result
            found[number] = digest(result.pixels)
    assert len(set(found.values())) == LAYERS, "different layers come to different paintings"
    return found


def _crowds(home: Home, clients: int, work: Sequence[Errand], paintings: dict[int, str]) -> list[Crowd]:
    info = read_connection(str(home.connection_file))
    return [
        Crowd(info, len(range(place, clients, PROCESSES)), work[place::PROCESSES], paintings)
        for place in range(PROCESSES)
    ]


def _watch(home: Home, front: int, crowds: Sequence[Future[Attendance]]) -> Watch:
    """Ask and look until the crowd has gone."""
    seen = Watch()
    (worker,) = children(front)
    with Peer(home) as peer:
        while not all(crowd.done() for crowd in crowds):
            started = time.perf_counter()
            peer.ask(Status())
            seen.asked.append(time.perf_counter() - started)
            seen.at.append(time.monotonic())
            seen.front.append(vitals(front))
            seen.worker.append(vitals(worker))
            time.sleep(EVERY)
    return seen


def _jobs(tally: Tally, jobs: int) -> list[Figure]:
    return [
        count("jobs accepted", tally.accepted, jobs),
        count("  refused", tally.refused, 0),
        count("  done", tally.done),
        count("  cancelled", tally.cancelled),
        count("  failed", tally.failed, 0),
        count("  lost: no ending", tally.lost, 0),
        count("  duplicated: more than one ending", tally.duplicated, 0),
        count("paintings fetched", tally.fetched, tally.done),
        count("  of the wrong pixels, or not given", tally.wrong, 0),
        count("endings told of jobs of nobody's", tally.strangers, 0),
    ]


def _latency(watch: Watch) -> list[Figure]:
    middle, late = 1e3 * statistics.median(watch.asked), 1e3 * statistics.quantiles(watch.asked, n=100)[98]
    return [
        Figure(f"status answered, median of {len(watch.asked)}", f"{middle:.1f} ms"),
        Figure("status answered, 99th percentile", f"{late:.1f} ms"),
    ]


def _growth(watch: Watch) -> list[Figure]:
    return [
        figure
        for name, seen in (("front", watch.front), ("worker", watch.worker))
        for figure in memory_figures(name, watch.at, [sample.memory for sample in seen])
    ]


def main() -> int:
    """Measure, print, and return 1 where a promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m endurance.load", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0, help="of when jobs come and are cancelled")
    asked = parser.parse_args()
    title = f"{asked.clients} clients, {asked.jobs} jobs, {asked.minutes:g} minutes, seed {asked.seed}"
    return show(title, load(asked.minutes, asked.clients, asked.jobs, asked.seed))


if __name__ == "__main__":
    sys.exit(main())
