"""Tests of an interrupt that arrives inside a destructor."""

from __future__ import annotations

import subprocess
import sys

_LOST = """
import _thread, operator, time, zmq
from collections import deque
from contextlib import nullcontext
from gramarye.cli.interrupts import repeat_ignored_interrupts

frames = [zmq.Frame(b"x")]  # no bytecode runs between the two calls below
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


def test_an_interrupt_while_a_frame_is_freed_is_repeated_and_not_reported() -> None:
    assert _run("nullcontext", seconds=0.0).stdout == "lost\n"  # Python's own behaviour
    kept = _run("repeat_ignored_interrupts", seconds=30.0)
    assert (kept.stdout, kept.stderr) == ("kept\n", "")


def test_other_ignored_exceptions_are_still_reported() -> None:
    code = """
from gramarye.cli.interrupts import repeat_ignored_interrupts

class Broken:
    def __del__(self):
        raise ValueError("a reason")

with repeat_ignored_interrupts():
    Broken()
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert "ValueError: a reason" in told.stderr
