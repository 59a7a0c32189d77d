"""Memory, descriptors, threads and children of a process, from Linux's /proc (proc(5))."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ProcessStats:
    """``memory`` is resident, in kB; ``children`` counts processes, zombies included."""

    memory: int
    descriptors: int
    threads: int
    children: int


def read_process_stats(pid: int) -> ProcessStats:
    """The statistics of a running process. Errors: OSError if it is gone."""
    path = Path(f"/proc/{pid}")
    status = (path / "status").read_text(encoding="ascii", errors="replace")
    return ProcessStats(
        _number(status, "VmRSS"), len(list((path / "fd").iterdir())), _number(status, "Threads"), len(children(pid))
    )


def descriptor_kinds(pid: int) -> Counter[str]:
    """Number of open descriptors by kind: ``socket``, ``pipe``, ``eventfd`` and so on, or a file's name."""
    kinds: Counter[str] = Counter()
    for path in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            link_target = path.readlink()
            kinds[
                link_target.name
                if link_target.is_absolute()
                else re.sub(r"^anon_inode:|[\[\]]|:\[\d+\]$", "", str(link_target))
            ] += 1
    return kinds


def children(pid: int) -> list[int]:
    """The child processes of all its threads."""
    found: list[int] = []
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # the thread has ended meanwhile
            found += map(int, (thread / "children").read_text(encoding="ascii").split())
    return found


def _number(status: str, name: str) -> int:
    found = re.search(rf"^{name}:\s*(\d+)", status, re.MULTILINE)
    return int(found[1]) if found else 0
