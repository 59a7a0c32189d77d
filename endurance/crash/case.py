"""One case: jobs, a kill at one write, perhaps another while the daemon recovers, and the outcome of the jobs."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gramarye.client import Client
from gramarye.errors import GramaryeError
from gramarye_protocol.jobs import CANCELLED, DONE
from gramarye_protocol.messages import JobSummary
from support.homes import Home, install_random_network

from .workload import PlannedJob, layer, plan_jobs

INJECTED = Path(__file__).parent / "injected"

PATIENCE = 90.0
"""Seconds within which a daemon that is not killed finishes the jobs."""

NO_KILL = ""
"""Instead of ``ROLE:NUMBER``: the daemon is not killed."""


@dataclass(frozen=True)
class Case:
    """``kills`` are the points, as ``ROLE:NUMBER``, at which one daemon after another dies. With ``is_power_cut`` its
    other process dies too, and all writes that were not flushed are discarded."""

    seed: int
    kills: tuple[str, ...]
    is_power_cut: bool = False


@dataclass
class Outcome:
    """The outcome of a case; all numbers but the first two must be 0."""

    accepted: int = 0
    killed: int = 0
    """Processes that died as planned."""
    lost: int = 0
    duplicated: int = 0
    wrong: int = 0
    faults: list[str] = field(default_factory=list)

    def fault(self, kind: str, what: str) -> None:
        """Count one fault, and print it."""
        setattr(self, kind, getattr(self, kind) + 1)
        self.faults.append(f"{kind}: {what}")


def run(case: Case, expected: Mapping[int, str]) -> Outcome:
    """``expected`` is the `digest` of each kind's painting."""
    outcome = Outcome()
    with tempfile.TemporaryDirectory(prefix="gramarye-crash-") as folder:
        home = Home(Path(folder) / "home")
        home.root.mkdir()
        install_random_network(home)
        os.environ.update({name: value for name, value in home.environ.items() if name.startswith("GRAMARYE_")})
        accepted: dict[str, PlannedJob] = {}
        cancelled: set[str] = set()
        try:
            for number, kill in enumerate((*case.kills, NO_KILL)):
                daemon = start(home, kill, is_power_cut=case.is_power_cut)
                if daemon is None:  # it died before it was ready
                    outcome.killed += 1
                    continue
                if number == 0:
                    _submit_jobs(plan_jobs(case.seed), accepted, cancelled)
                _wait(daemon)
                outcome.killed += (home.root / f"died-{len(home.processes) - 1}").exists()
                if kill:
                    daemon.kill()
                    daemon.wait()
            _check_results(accepted, cancelled, expected, outcome)
        finally:
            home.close()
    outcome.accepted = len(accepted)
    return outcome


def run_and_report(case: Case, expected: Mapping[int, str]) -> Outcome:
    """`run`, and print what went wrong."""
    outcome = run(case, expected)
    for fault in outcome.faults:
        how = "power cut" if case.is_power_cut else "kill"
        print(f"seed {case.seed}, {how} at {' then '.join(case.kills)}: {fault}", file=sys.stderr, flush=True)
    return outcome


def start(
    home: Home, kill: str, trace: Path | None = None, is_power_cut: bool = False
) -> subprocess.Popen[bytes] | None:
    """A daemon that dies at that point; None if it died before it was ready."""
    environ = {
        **home.environ,
        "GRAMARYE_CRASH": kill,
        "GRAMARYE_CRASH_MARK": str(home.root / f"died-{len(home.processes)}"),
    }
    environ["PYTHONPATH"] = os.pathsep.join((str(INJECTED), environ["PYTHONPATH"]))
    if is_power_cut:
        environ["GRAMARYE_CRASH_POWER"] = "1"
    if trace is not None:
        environ["GRAMARYE_CRASH_TRACE"] = str(trace)
    command = [sys.executable, "-m", "gramarye", "serve", "--device", "cpu", "--threads", "1"]
    with open(home.root / "daemon.log", "ab") as log:
        daemon = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=log)
    home.processes.append(daemon)
    assert daemon.stdout is not None
    return daemon if daemon.stdout.readline() else None


def digest(data: object) -> str:
    """Digest of a painting's pixels."""
    return hashlib.sha256(bytes(data)).hexdigest()  # type: ignore[call-overload]  # a buffer


def _submit_jobs(planned_jobs: list[PlannedJob], accepted: dict[str, PlannedJob], cancelled: set[str]) -> None:
    """Submit jobs until the daemon dies; ``cancelled`` collects those whose cancel was acknowledged."""
    try:
        with Client(start=False) as client:
            for planned_job in planned_jobs:
                job = client.submit(
                    layer(planned_job.kind), [layer(99)], network="tiny", title=planned_job.title, **planned_job.recipe
                )
                accepted[job.id] = planned_job
                if planned_job.is_cancelled:
                    client.cancel(job.id)
                    cancelled.add(job.id)
    except GramaryeError:  # it died
        return


def _wait(daemon: subprocess.Popen[bytes]) -> None:
    """Wait until it is dead, or every job has ended."""
    deadline = time.monotonic() + PATIENCE
    while daemon.poll() is None and time.monotonic() < deadline:
        if not _unfinished_jobs():
            return
        time.sleep(0.1)


def _unfinished_jobs() -> list[JobSummary]:
    try:
        with Client(start=False) as client:
            return [job for job in client.status().jobs if not job.ended]
    except GramaryeError:
        return []


def _check_results(
    accepted: Mapping[str, PlannedJob], cancelled: set[str], expected: Mapping[int, str], outcome: Outcome
) -> None:
    """Check in the last daemon, which is alive, that every job exists once and is right."""
    with Client(start=False) as client:
        jobs = {job.job: job for job in client.status().jobs}
        for name in accepted.keys() - jobs.keys():
            outcome.fault("lost", accepted[name].title)
        for title, number in Counter(job.title for job in jobs.values()).items():
            if number > 1:
                outcome.fault("duplicated", title)
        kinds = {planned_job.title: planned_job for planned_job in accepted.values()}
        for job in jobs.values():
            if job.state == DONE:
                planned_job = kinds.get(job.title)
                try:
                    pixels = client.result(job.job).pixels.data
                except GramaryeError as error:
                    outcome.fault("lost", f"{job.title} is done, but {error}")
                    continue
                if planned_job is not None and digest(pixels) != expected[planned_job.kind]:
                    outcome.fault("wrong", f"{job.title} of kind {planned_job.kind}")
                if job.job in cancelled and planned_job is not None and planned_job.recipe["steps"] > 10:
                    outcome.fault("wrong", f"{job.title} was cancelled, and done")
            elif job.state != CANCELLED or (job.job in accepted and not accepted[job.job].is_cancelled):
                outcome.fault("lost", f"{job.title} is {job.state}: {job.message}")
