"""Ctrl-C is not lost: where it falls into a destructor, which can pass nothing on, it comes once more.

pyzmq looks for signals as it frees a frame; there Python can only report a KeyboardInterrupt as ignored.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_REPEAT_DELAY = 0.01
"""Seconds, in which the report of what was ignored has returned."""


@contextmanager
def repeat_ignored_interrupts() -> Iterator[None]:
    """Within, a KeyboardInterrupt that Python ignores is followed by another, which is not; neither is reported."""
    report, show = sys.unraisablehook, sys.excepthook
    timers: list[threading.Timer] = []

    def repeat(ignored: sys.UnraisableHookArgs) -> None:
        if not issubclass(ignored.exc_type, KeyboardInterrupt):
            report(ignored)
            return
        timers.append(threading.Timer(_REPEAT_DELAY, _interrupt_main_thread))
        timers[-1].daemon = True
        timers[-1].start()

    sys.unraisablehook = repeat
    sys.excepthook = lambda *raised: None if issubclass(raised[0], KeyboardInterrupt) else show(*raised)  # Cython's
    try:
        yield
    finally:
        sys.unraisablehook, sys.excepthook = report, show
        for timer in timers:
            timer.cancel()


def _interrupt_main_thread() -> None:
    """As Ctrl-C does: also out of a wait inside a system call, where the system can."""
    if sys.platform == "win32":
        signal.raise_signal(signal.SIGINT)
    else:
        main = threading.main_thread().ident
        assert main is not None
        signal.pthread_kill(main, signal.SIGINT)
