"""What a target is: a function of bytes, and how it may end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True)
class Target:
    """``run`` returns, or raises one of ``expected_errors`` with a code: all else is a finding.

    ``seeds`` makes the corpus; ``max_length`` bounds a case and ``memory`` what it may take, in bytes; ``dictionary`` are what
    the mutator may put in.
    """

    name: str
    run: Callable[[bytes], object]
    expected_errors: tuple[type[Exception], ...]
    seeds: Callable[[], Mapping[str, bytes]]
    max_length: int = 4096
    memory: int = 256 * MIB
    dictionary: tuple[str, ...] = ()
