"""Run one case and judge it: accepted, refused, or a finding."""

from __future__ import annotations

import re
import time
import traceback
from dataclasses import dataclass

from .target import Target

CASE_SECONDS = 5.0
"""CPU seconds after which a case counts as a hang; a valid one takes milliseconds."""

_CODE = re.compile(r"[a-z]+([-_][a-z]+)*")
_NO_REFUSAL = "internal-error"


@dataclass(frozen=True)
class Finding:
    """``kind`` is crash, memory or hang; ``location`` distinguishes findings; ``trace`` is the traceback."""

    kind: str
    location: str
    trace: str


def run_case(target: Target, data: bytes) -> Finding | None:
    """Run one case; None if it was accepted, or refused with an error code."""
    started = time.thread_time()
    try:
        target.run(data)
    except target.expected_errors as error:
        if not _is_proper_refusal(error):
            return _finding("crash", error)
        if isinstance(error.__cause__, MemoryError):  # refused only because of the memory limit
            return _finding("memory", error.__cause__)
    except MemoryError as error:
        return _finding("memory", error)
    except Exception as error:
        return _finding("crash", error)
    seconds = time.thread_time() - started
    if seconds > CASE_SECONDS:
        return Finding("hang", "slow", f"{seconds:.1f} s of processor time for {len(data)} bytes")
    return None


def _is_proper_refusal(error: Exception) -> bool:
    code = getattr(error, "code", None)
    said = getattr(error, "message", None)
    return isinstance(code, str) and bool(_CODE.fullmatch(code)) and code != _NO_REFUSAL and bool(said)


def _finding(kind: str, error: BaseException) -> Finding:
    steps = traceback.extract_tb(error.__traceback__)
    location = f"{type(error).__name__} at {steps[-1].filename}:{steps[-1].lineno}" if steps else type(error).__name__
    return Finding(kind, location, "".join(traceback.format_exception(error)))
