"""Fuzz one target in its own process: ``python -m endurance.fuzz.run_target TARGET FOLDER LIBFUZZER-OPTION ...``.

Findings are written to FOLDER as ``KIND-DIGEST`` with the trace beside it. If a case hangs or native code crashes,
libFuzzer ends the process and writes the case there as ``timeout-DIGEST`` or ``crash-DIGEST``.
"""

from __future__ import annotations

import hashlib
import resource
import sys
from functools import partial
from pathlib import Path

import atheris

from .outcome import Finding, run_case
from .target import Target

INSTRUMENTED = ("gramarye", "gramarye_protocol", "PIL", "tifffile")
"""Packages whose coverage guides the fuzzer; those that a target does not import cost nothing."""


def main(name: str, folder: Path, options: list[str]) -> None:
    """Run cases until libFuzzer ends the process."""
    with atheris.instrument_imports(include=list(INSTRUMENTED)):
        from .targets import load

        target = load(name)
    _bound_memory(target.memory)
    atheris.Setup([name, *options], partial(_run_one, target, folder, set()))
    atheris.Fuzz()


def _run_one(target: Target, folder: Path, known: set[str], data: bytes) -> None:
    finding = run_case(target, data)
    if finding is not None and finding.location not in known:
        known.add(finding.location)
        _save_finding(finding, folder, data)


def _save_finding(finding: Finding, folder: Path, data: bytes) -> None:
    path = folder / f"{finding.kind}-{hashlib.sha256(finding.location.encode()).hexdigest()[:12]}"
    path.write_bytes(data)
    path.with_suffix(".txt").write_text(f"{finding.location}\n\n{finding.trace}", encoding="utf-8", errors="replace")


def _bound_memory(more: int) -> None:
    """Limit the growth of the address space to ``more`` bytes; beyond it, an allocation raises MemoryError."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    bound = pages * resource.getpagesize() + more
    resource.setrlimit(resource.RLIMIT_AS, (bound, resource.getrlimit(resource.RLIMIT_AS)[1]))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
