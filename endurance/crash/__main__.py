"""``python -m endurance.crash``: a process is killed, or the power fails, at one write after another."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from functools import partial

from ..report import Measurement, count, print_report
from .case import Case, Outcome, run_and_report
from .crash_points import cases, trace_crash_points


def main() -> int:
    """Print the measurements; return 1 if a guarantee is broken."""
    parser = argparse.ArgumentParser(prog="python -m endurance.crash", description=__doc__)
    parser.add_argument("--cases", type=int, default=240, help="how many kills, spread over all writes")
    parser.add_argument("--seed", type=int, default=1, help="of the jobs, and of second kills")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="cases at a time")
    args = parser.parse_args()
    began = time.monotonic()
    points, expected = trace_crash_points()
    planned = cases(args.cases, points, args.seed)
    with multiprocessing.get_context("spawn").Pool(args.processes, maxtasksperchild=20) as pool:
        outcomes = []
        for outcome in pool.imap(partial(run_and_report, expected=expected), planned):
            outcomes.append(outcome)
            print(f"\r{len(outcomes)} of {len(planned)}", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
    return print_report("Kills at writes", _measurements(points, planned, outcomes, time.monotonic() - began))


def _measurements(
    points: dict[str, int], planned: list[Case], outcomes: list[Outcome], seconds: float
) -> list[Measurement]:
    def total(name: str) -> int:
        return sum(getattr(outcome, name) for outcome in outcomes)

    return [
        count("points that an undisturbed front passes", points["front"]),
        count("points that an undisturbed worker passes", points["worker"]),
        count("cases", len(outcomes)),
        count("of them power cuts", sum(case.is_power_cut for case in planned)),
        count("daemons started to be killed there", total("killed")),
        count("jobs accepted", total("accepted")),
        count("jobs lost", total("lost"), 0),
        count("results delivered twice", total("duplicated"), 0),
        count("wrong pixels", total("wrong"), 0),
        Measurement("minutes", f"{seconds / 60:.1f}"),
    ]


if __name__ == "__main__":
    sys.exit(main())
