"""``python -m endurance.fuzz --minutes N``: fuzz every target for its share of the time, and print the findings."""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path

from .. import REPOSITORY
from .runs import CORPUS, Outcome, fuzz
from .targets import NAMES, load

_COLUMNS = ("target", "cases", "cases/s", "coverage", "corpus", "crashes", "hangs", "memory")


def main() -> int:
    """Fuzz, print a table, and return 1 if anything was found or nothing could be run."""
    options = _options()
    if options.seeds:
        _write_seeds(options.targets)
        return 0
    if find_spec("atheris") is None:
        print("atheris is not installed, so nothing was tried: pip install -c constraints.txt -e '.[fuzz]'")
        return 1
    print(f"{_COLUMNS[0]:<12}" + "".join(f"{column:>10}" for column in _COLUMNS[1:]))
    is_clean = True
    for name in options.targets:
        outcome = fuzz(load(name), 60.0 * options.minutes / len(options.targets), options.findings)
        print(_line(outcome), flush=True)
        is_clean &= outcome.is_clean
    if not is_clean:
        print(f"What was found lies in {options.findings}, a case each with its trace beside it.")
    return 0 if is_clean else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m endurance.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="in all, shared between the targets")
    parser.add_argument("--targets", nargs="+", choices=NAMES, default=list(NAMES))
    parser.add_argument("--findings", type=Path, default=REPOSITORY / "build" / "fuzz", help="a folder")
    parser.add_argument("--seeds", action="store_true", help="write the corpus anew, and fuzz nothing")
    return parser.parse_args()


def _line(outcome: Outcome) -> str:
    rate = outcome.cases / outcome.seconds if outcome.seconds else 0.0
    numbers = (outcome.coverage, outcome.corpus, outcome.crashes, outcome.hangs, outcome.memory)
    return f"{outcome.target:<12}{outcome.cases:>10}{rate:>10.0f}" + "".join(f"{number:>10}" for number in numbers)


def _write_seeds(names: list[str]) -> None:
    for name in names:
        folder = CORPUS / name
        folder.mkdir(parents=True, exist_ok=True)
        for seed, data in load(name).seeds().items():
            (folder / seed).write_bytes(data)


if __name__ == "__main__":
    sys.exit(main())
