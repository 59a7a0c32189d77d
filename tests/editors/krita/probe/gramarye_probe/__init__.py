"""Runs the test script ``GRAMARYE_PROBE`` inside Krita and writes its outcome as JSON to ``GRAMARYE_PROBE_RESULT``.

The script defines a generator ``run()``. It yields either seconds to wait or a callable that must become true; Krita's
event loop runs meanwhile. The outcome is ``{"result": ...}`` with the generator's return value, or ``{"error": ...}``
with a traceback; on an error a screenshot is saved too.
"""

import json
import os
import runpy
import time
import traceback

from krita import Krita

try:
    from PyQt5.QtCore import QTimer
    from PyQt5.QtWidgets import QApplication
except ImportError:
    from PyQt6.QtCore import QTimer
    from PyQt6.QtWidgets import QApplication

WAIT_TIMEOUT = float(os.environ.get("GRAMARYE_PROBE_PATIENCE", "60"))
"""Seconds until a condition must be true."""


class Probe:
    """Runs the script on Krita's event loop."""

    def __init__(self, script, result):
        self._script, self._result = script, result
        self._steps = None
        self._until, self._deadline = None, 0.0

    def begin(self):
        """Load the script once Krita's window is open."""
        if Krita.instance().activeWindow() is None:
            QTimer.singleShot(200, self.begin)
            return
        Krita.instance().activeWindow().qwindow().setGeometry(0, 0, 1400, 900)
        self._guarded(self._load)

    def _load(self):
        self._steps = runpy.run_path(self._script)["run"]()
        self._next()

    def _next(self):
        try:
            condition = next(self._steps)
        except StopIteration as end:
            self._end({"result": end.value})
            return
        if callable(condition):
            self._until, self._deadline = condition, time.monotonic() + WAIT_TIMEOUT
            self._poll()
        else:
            QTimer.singleShot(int(1000 * condition), lambda: self._guarded(self._next))

    def _poll(self):
        if self._until():
            self._next()
        elif time.monotonic() > self._deadline:
            raise AssertionError("timed out waiting at line {} of {}".format(*self._place()))
        else:
            QTimer.singleShot(20, lambda: self._guarded(self._poll))

    def _place(self):
        """Return line and file of the innermost generator that waits."""
        steps = self._steps
        while steps.gi_yieldfrom is not None:
            steps = steps.gi_yieldfrom
        return steps.gi_frame.f_lineno, steps.gi_code.co_filename

    def _guarded(self, step):
        try:
            step()
        except BaseException:
            self._end({"error": traceback.format_exc()})

    def _end(self, outcome):
        if "error" in outcome:
            QApplication.primaryScreen().grabWindow(0).save(self._result + ".png")
        with open(self._result + ".part", "w", encoding="utf-8") as file:
            json.dump(outcome, file)
        os.replace(self._result + ".part", self._result)


if os.environ.get("GRAMARYE_PROBE"):
    probe = Probe(os.environ["GRAMARYE_PROBE"], os.environ["GRAMARYE_PROBE_RESULT"])
    QTimer.singleShot(500, probe.begin)
