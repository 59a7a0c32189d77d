"""What a target is: a function of bytes, and how it may end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True)
class Target:
    """``run`` returns, or raises one of ``refusals`` with a code: all else is a finding.

    ``seeds`` makes the corpus; ``longest`` bounds a case and ``memory`` what it may take, in bytes; ``words`` are what
    the mutator may put in.
    """

    name: str
    run: Callable[[bytes], object]
    refusals: tuple[type[Exception], ...]
    seeds: Callable[[], Mapping[str, bytes]]
    longest: int = 4096
    memory: int = 256 * MIB
    words: tuple[str, ...] = ()
