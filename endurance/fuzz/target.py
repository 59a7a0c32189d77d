"""A fuzz target: a function of bytes, and the errors that it may raise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True)
class Target:
    """``run`` returns, or raises one of ``expected_errors`` with a code; anything else is a finding.

    ``seeds`` makes the corpus. ``max_length`` limits a case and ``memory`` its allocations, in bytes. ``dictionary``
    lists byte strings that the mutator may insert.
    """

    name: str
    run: Callable[[bytes], object]
    expected_errors: tuple[type[Exception], ...]
    seeds: Callable[[], Mapping[str, bytes]]
    max_length: int = 4096
    memory: int = 256 * MIB
    dictionary: tuple[str, ...] = ()
