"""The runs of one target: restarted when a case ends the process, until its time is up."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from .. import REPOSITORY
from .target import Target

CORPUS = Path(__file__).parent / "corpus"

HANG_SECONDS = 30
"""Seconds after which libFuzzer ends a process whose case hangs."""

_MAX_EMPTY_RUNS = 3
"""Runs without a single case after which a target is given up."""


@dataclass(frozen=True)
class Outcome:
    """The outcome of one target's runs; ``coverage`` counts edges of the instrumented modules."""

    target: str
    cases: int
    seconds: float
    coverage: int
    corpus: int
    crashes: int
    hangs: int
    memory: int

    @property
    def is_clean(self) -> bool:
        """Whether cases were run, and nothing was found."""
        return self.cases > 0 and not (self.crashes or self.hangs or self.memory)


def fuzz(target: Target, seconds: float, findings: Path) -> Outcome:
    """Fuzz ``target`` for some seconds; findings are written to ``findings``."""
    folder = findings / target.name
    work_corpus = folder / "corpus"
    work_corpus.mkdir(parents=True, exist_ok=True)
    for old in (*folder.glob("*-*"), *work_corpus.iterdir()):
        old.unlink()
    dictionary = folder / "words"
    dictionary.write_text("".join(f'"{_escaped(word)}"\n' for word in target.dictionary), encoding="ascii")
    ends = time.monotonic() + seconds
    started, cases, coverage, empty = time.monotonic(), 0, 0, 0
    while (left := ends - time.monotonic()) >= 1.0 and empty < _MAX_EMPTY_RUNS:
        output = _run(target, int(left), folder, work_corpus, dictionary)
        tried = _last(output, r"^#(\d+)") or _last(output, r"number_of_executed_units:\s*(\d+)")
        cases, coverage, empty = cases + tried, max(coverage, _last(output, r" cov: (\d+)")), empty + (not tried)
    return Outcome(
        target.name,
        cases,
        time.monotonic() - started,
        coverage,
        len(list(work_corpus.iterdir())),
        crashes=_count(folder, "crash"),
        hangs=_count(folder, "hang", "timeout", "slow-unit"),
        memory=_count(folder, "memory", "oom"),
    )


def _run(target: Target, seconds: int, folder: Path, work_corpus: Path, dictionary: Path) -> str:
    """Run one process and return its output. libFuzzer's output is kept in ``log``."""
    options = [
        f"-max_total_time={seconds}",
        f"-timeout={HANG_SECONDS}",
        f"-max_len={target.max_length}",
        f"-artifact_prefix={folder}/",
        f"-dict={dictionary}",
        "-rss_limit_mb=0",  # the limit on the address space is lower
        "-print_final_stats=1",
        "-close_fd_mask=3",  # libraries print warnings about damaged files
        str(work_corpus),
        str(CORPUS / target.name),
    ]
    command = [sys.executable, "-m", "endurance.fuzz.run_target", target.name, str(folder), *options]
    environ = {**os.environ, "OMP_NUM_THREADS": "1"}
    with open(folder / "log", "ab") as log:
        start = log.tell()
        patience = seconds + 2 * HANG_SECONDS + 60
        subprocess.run(command, cwd=REPOSITORY, env=environ, stderr=log, stdout=log, check=False, timeout=patience)
    return (folder / "log").read_bytes()[start:].decode("utf-8", "replace")


def _last(output: str, pattern: str) -> int:
    numbers = re.findall(pattern, output, re.MULTILINE)
    return int(numbers[-1]) if numbers else 0


def _count(folder: Path, *kinds: str) -> int:
    return sum(1 for kind in kinds for path in folder.glob(f"{kind}-*") if path.suffix != ".txt")


def _escaped(word: str) -> str:
    return "".join(letter if letter.isalnum() else f"\\x{ord(letter):02x}" for letter in word)
