"""Runs a test's script inside Krita: ``GRAMARYE_PROBE`` names it, ``GRAMARYE_PROBE_RESULT`` where to say how it went.

The script defines ``run()``, a generator: it yields the seconds to wait, or a callable to wait for, while Krita's event
loop runs; what it returns is the result, as JSON.
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
"""Seconds that a condition may take."""


class Probe:
    """Steps through the script on Krita's event loop."""

    def __init__(self, script, result):
        self._script, self._result = script, result
        self._steps = None
        self._until, self._deadline = None, 0.0

    def begin(self):
        """Load the script, once a window is there."""
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
            wanted = next(self._steps)
        except StopIteration as end:
            self._end({"result": end.value})
            return
        if callable(wanted):
            self._until, self._deadline = wanted, time.monotonic() + WAIT_TIMEOUT
            self._poll()
        else:
            QTimer.singleShot(int(1000 * wanted), lambda: self._guarded(self._next))

    def _poll(self):
        if self._until():
            self._next()
        elif time.monotonic() > self._deadline:
            raise AssertionError("waited in vain at line {} of {}".format(*self._place()))
        else:
            QTimer.singleShot(20, lambda: self._guarded(self._poll))

    def _place(self):
        """The innermost script line that waits."""
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
