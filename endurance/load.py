"""``python -m endurance.load``: many clients with small jobs and random cancels; no job is lost or duplicated.

Layers of 32 pixels on a small random network. Half of the jobs take no step and must return their own, unique layer. A
third take one step and must give the same painting as the same layer gave before. The rest would never end and are
cancelled; so are some of the others, before, while or after they are painted.
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

from .client_pool import ClientPool, PoolResult, digest, run
from .process_stats import ProcessStats, children, read_process_stats
from .report import Measurement, count, print_report
from .results import Results
from .temporary_daemon import temporary_daemon
from .trend import memory_measurements
from .workload import LAYERS, PAINTED, PlannedJob, layer, plan_jobs, submit_message

PROCESSES = 2
"""Client processes, one for each core."""

SAMPLE_INTERVAL = 0.5
"""Seconds between two `status` requests."""


@dataclass
class Samples:
    """Measurements of the daemon under load; ``status_seconds`` has the duration of each ``status``."""

    status_seconds: list[float] = field(default_factory=list)
    at: list[float] = field(default_factory=list)
    front: list[ProcessStats] = field(default_factory=list)
    worker: list[ProcessStats] = field(default_factory=list)

    def since(self, began: float) -> Samples:
        """The samples from ``began`` on: before, clients were still connecting."""
        first = bisect_left(self.at, began)
        return Samples(self.status_seconds[first:], self.at[first:], self.front[first:], self.worker[first:])


def load(minutes: float, clients: int, jobs: int, seed: int) -> list[Measurement]:
    """Run the load, and return the measurements."""
    with temporary_daemon() as instance:
        paintings = _paintings(instance.home)
        work = plan_jobs(jobs, 60.0 * minutes, seed)
        with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
            client_pools = [
                pool.submit(run, client_pool) for client_pool in _client_pools(instance.home, clients, work, paintings)
            ]
            samples = _sample_daemon(instance.home, instance.daemon.pid, client_pools)
            pool_results = [client_pool.result() for client_pool in client_pools]
        results = sum((client_pool.results for client_pool in pool_results), Results())
        seen = samples.since(max(client_pool.began for client_pool in pool_results))
        log_errors = count("mistakes in the log", instance.log_errors(), 0)
    return [*_jobs(results, jobs), *_latency(seen), *_growth(seen), log_errors]


def _paintings(home: Home) -> dict[int, str]:
    """The painting of each layer, made by a single client."""
    found: dict[int, str] = {}
    with Peer(home) as peer:
        for number in range(LAYERS):
            accepted = peer.ask(submit_message(PAINTED, layer(number)))
            assert isinstance(accepted, Accepted), accepted
            ending = peer.await_kind(Done, Failed)
            assert isinstance(ending, Done), ending
            result = peer.ask(FetchResult(accepted.job))
            assert isinstance(result, Result), result
            found[number] = digest(result.pixels)
    assert len(set(found.values())) == LAYERS, "different layers come to different paintings"
    return found


def _client_pools(home: Home, clients: int, work: Sequence[PlannedJob], paintings: dict[int, str]) -> list[ClientPool]:
    info = read_connection(str(home.connection_file))
    return [
        ClientPool(info, len(range(index, clients, PROCESSES)), work[index::PROCESSES], paintings)
        for index in range(PROCESSES)
    ]


def _sample_daemon(home: Home, front: int, client_pools: Sequence[Future[PoolResult]]) -> Samples:
    """Sample the daemon until all clients have left."""
    seen = Samples()
    (worker,) = children(front)
    with Peer(home) as peer:
        while not all(client_pool.done() for client_pool in client_pools):
            started = time.perf_counter()
            peer.ask(Status())
            seen.status_seconds.append(time.perf_counter() - started)
            seen.at.append(time.monotonic())
            seen.front.append(read_process_stats(front))
            seen.worker.append(read_process_stats(worker))
            time.sleep(SAMPLE_INTERVAL)
    return seen


def _jobs(results: Results, jobs: int) -> list[Measurement]:
    return [
        count("jobs accepted", results.accepted, jobs),
        count("  refused", results.refused, 0),
        count("  done", results.done),
        count("  cancelled", results.cancelled),
        count("  failed", results.failed, 0),
        count("  lost: no ending", results.lost, 0),
        count("  duplicated: more than one ending", results.duplicated, 0),
        count("paintings fetched", results.fetched, results.done),
        count("  of the wrong pixels, or not given", results.wrong, 0),
        count("endings told of jobs of nobody's", results.unknown_jobs, 0),
    ]


def _latency(samples: Samples) -> list[Measurement]:
    middle, late = (
        1e3 * statistics.median(samples.status_seconds),
        1e3 * statistics.quantiles(samples.status_seconds, n=100)[98],
    )
    return [
        Measurement(f"status answered, median of {len(samples.status_seconds)}", f"{middle:.1f} ms"),
        Measurement("status answered, 99th percentile", f"{late:.1f} ms"),
    ]


def _growth(samples: Samples) -> list[Measurement]:
    return [
        measurement
        for name, seen in (("front", samples.front), ("worker", samples.worker))
        for measurement in memory_measurements(name, samples.at, [sample.memory for sample in seen])
    ]


def main() -> int:
    """Measure, print, and return 1 if a guarantee is broken."""
    parser = argparse.ArgumentParser(prog="python -m endurance.load", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0, help="of when jobs come and are cancelled")
    args = parser.parse_args()
    title = f"{args.clients} clients, {args.jobs} jobs, {args.minutes:g} minutes, seed {args.seed}"
    return print_report(title, load(args.minutes, args.clients, args.jobs, args.seed))


if __name__ == "__main__":
    sys.exit(main())
