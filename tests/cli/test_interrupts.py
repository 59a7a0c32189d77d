"""An interrupt that falls into a destructor."""

from __future__ import annotations

import subprocess
import sys

_LOST = """
import _thread, operator, time, zmq
from collections import deque
from contextlib import nullcontext
from gramarye.cli.interrupts import no_lost_interrupt

frames = [zmq.Frame(b"x")]  # no bytecode runs between the two below
interrupt_then_free = map(operator.methodcaller("__call__"), [_thread.interrupt_main, frames.pop])
try:
    with {context}():
        deque(interrupt_then_free, maxlen=0)
        time.sleep({seconds})
    print("lost")
except KeyboardInterrupt:
    print("kept")
"""


def _run(context: str, seconds: float) -> subprocess.CompletedProcess[str]:
    code = _LOST.format(context=context, seconds=seconds)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)


def test_an_interrupt_while_a_frame_is_freed_comes_once_more_and_quietly() -> None:
    assert _run("nullcontext", seconds=0.0).stdout == "lost\n"  # as Python has it
    kept = _run("no_lost_interrupt", seconds=30.0)
    assert (kept.stdout, kept.stderr) == ("kept\n", "")


def test_what_else_is_ignored_is_still_reported() -> None:
    code = """
from gramarye.cli.interrupts import no_lost_interrupt

class Broken:
    def __del__(self):
        raise ValueError("a reason")

with no_lost_interrupt():
    Broken()
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert "ValueError: a reason" in told.stderr
