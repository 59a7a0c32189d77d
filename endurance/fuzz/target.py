"""A fuzz target: a function of bytes, and the errors that it may raise."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True)
class Target:
    """``run`` must return, or raise one of ``expected_errors`` with an error code; anything else is a finding.

    ``seeds`` returns the initial corpus, by name. ``max_length`` limits the size of a case and ``memory`` the memory
    it may allocate, both in bytes. ``dictionary`` lists strings that the mutator may insert.
    """

    name: str
    run: Callable[[bytes], object]
    expected_errors: tuple[type[Exception], ...]
    seeds: Callable[[], Mapping[str, bytes]]
    max_length: int = 4096
    memory: int = 256 * MIB
    dictionary: tuple[str, ...] = ()
