"""How long the interface stands still while a large layer is painted, and when its first preview is there."""

import os
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from inside import (
    VALUES,
    app,
    begin_painting,
    choose,
    document,
    idle,
    names,
    opened,
    part,
    studio,
    wish,
)
from PyQt5.QtCore import QTimer


class Gaps:
    """The longest time between two ticks of Krita's event loop."""

    def __init__(self):
        self.worst, self.all, self._last = 0.0, [], time.monotonic()
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._timer.start(4)

    def _tick(self):
        now = time.monotonic()
        self.all.append(now - self._last)
        self.worst = max(self.worst, now - self._last)
        self._last = now

    def restart(self):
        self.worst, self.all, self._last = 0.0, [], time.monotonic()


def run():
    yield opened()
    choose("waves")
    document(256, 256)
    yield 0.5
    wish(recipe={"steps": 8})
    yield from begin_painting()
    yield idle
    found = []
    for width, height in VALUES["sizes"]:
        doc = app.openDocument(VALUES["picture"])
        doc.setBatchmode(True)
        doc.scaleImage(width, height, 300, 300, "Bicubic")
        doc.waitForDone()
        app.activeWindow().addView(doc)
        yield 2.0
        wish(recipe={})
        gaps = Gaps()
        yield 0.3
        quiet = gaps.worst
        gaps.restart()
        began = time.monotonic()
        part("paint").click()
        yield lambda doc=doc: "Gramarye preview" in names(doc)
        reading = gaps.worst
        yield lambda: studio().commission._preview.shown > 0
        first = time.monotonic() - began
        yield 0.2
        gaps.restart()
        yield VALUES["seconds"]
        during = gaps.worst
        shown = studio().commission._preview.shown
        studio().cancel(keep=True)
        gaps.restart()
        yield idle
        yield 0.3
        found.append(
            {
                "megapixels": width * height / 1e6,
                "quiet": quiet,
                "reading": reading,
                "first_preview": first,
                "during": during,
                "previews": shown,
                "finish": gaps.worst,
            }
        )
    return found
