"""Keeps Ctrl-C from being lost if it arrives while a destructor runs.

pyzmq checks for signals when it frees a frame. An exception cannot leave a destructor, so Python only reports the
KeyboardInterrupt as ignored.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_REPEAT_DELAY = 0.01
"""Seconds until the interrupt is repeated: long enough for `sys.unraisablehook` to return."""


@contextmanager
def repeat_ignored_interrupts() -> Iterator[None]:
    """Context manager that repeats every KeyboardInterrupt that Python ignored, without printing a traceback."""
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
    sys.excepthook = lambda *raised: (
        None if issubclass(raised[0], KeyboardInterrupt) else show(*raised)
    )  # Cython calls this hook
    try:
        yield
    finally:
        sys.unraisablehook, sys.excepthook = report, show
        for timer in timers:
            timer.cancel()


def _interrupt_main_thread() -> None:
    """Send SIGINT to the main thread; on POSIX this also interrupts a blocking system call."""
    if sys.platform == "win32":
        signal.raise_signal(signal.SIGINT)
    else:
        main = threading.main_thread().ident
        assert main is not None
        signal.pthread_kill(main, signal.SIGINT)
