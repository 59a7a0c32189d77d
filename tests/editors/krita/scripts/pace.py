"""Measures how long the user interface blocks while a large layer is painted, and when the first preview shows."""

import os
import sys
import time

sys.path.insert(0, os.path.dirname(__file__))
from binding import QApplication, QPoint, QTimer, QWidget
from gramarye_krita.document.preview_layer import Preview
from inside import (
    VALUES,
    app,
    begin_painting,
    choose,
    document,
    find_widget,
    is_idle,
    plugin_is_ready,
    set_paint_settings,
    studio,
    window,
)


class EventLoopGaps:
    """Records the times between ticks of Krita's event loop."""

    def __init__(self):
        self._spans, self._last = [], time.monotonic()
        self._timer = QTimer()
        self._timer.timeout.connect(self._tick)
        self._timer.start(4)

    def _tick(self):
        now = time.monotonic()
        self._spans.append((self._last, now))
        self._last = now

    def worst(self, since, until):
        """Return the longest gap, clipped to the interval; the gap in progress counts too."""
        spans = [*self._spans, (self._last, time.monotonic())]
        return max(
            (min(end, until) - max(begin, since) for begin, end in spans if end > since and begin < until), default=0.0
        )


class Insertion:
    """Records when the next preview layer is inserted into the document."""

    def __init__(self):
        self.began = self.ended = 0.0
        self._insert_node = Preview._insert_node
        insertion = self

        def insert(preview, node):
            insertion.began = time.monotonic()
            insertion._insert_node(preview, node)
            insertion.ended = time.monotonic()
            Preview._insert_node = insertion._insert_node

        Preview._insert_node = insert


CANVASES = ("KisQPainterCanvas", "KisOpenGLCanvas2")
STEPS = 12


def is_grey(colour):
    """Return whether a colour is grey, as the canvas outside the picture."""
    return colour >> 16 == colour >> 8 & 0xFF == colour & 0xFF


class Screen:
    """Samples the screen at a grid of points over the canvas, to see when the picture changes."""

    def __init__(self):
        canvas = next(
            each
            for each in window().findChildren(QWidget)
            if each.metaObject().className() in CANVASES and each.isVisible()
        )
        corner = canvas.mapToGlobal(QPoint(0, 0))
        self._area = (corner.x(), corner.y(), canvas.width(), canvas.height())
        before = self._grid()
        self._before = {place: colour for place, colour in before.items() if not is_grey(colour)}
        assert len(self._before) > 20, before

    def has_changed(self):
        """Return whether 95 % of the points have changed; the brush's outline covers some of them."""
        now = self._grid()
        return sum(now[place] != colour for place, colour in self._before.items()) >= 0.95 * len(self._before)

    def _grid(self):
        image = QApplication.primaryScreen().grabWindow(0, *self._area).toImage()
        places = [
            (image.width() * column // STEPS, image.height() * row // STEPS)
            for row in range(1, STEPS)
            for column in range(1, STEPS)
        ]
        return {(x, y): image.pixel(x, y) & 0xFFFFFF for x, y in places}


def run():
    yield plugin_is_ready()
    choose("waves")
    document(256, 256)
    yield 0.5
    set_paint_settings(recipe={"steps": 8})
    yield from begin_painting()
    yield is_idle
    results = []
    for width, height in VALUES["sizes"]:
        doc = app.openDocument(VALUES["picture"])
        doc.setBatchmode(True)
        doc.scaleImage(width, height, 300, 300, "Bicubic")
        doc.waitForDone()
        app.activeWindow().addView(doc)
        yield 2.0
        set_paint_settings(recipe={})
        gaps, shown, insertion = EventLoopGaps(), Screen(), Insertion()
        yield 0.3
        began = time.monotonic()
        quiet = gaps.worst(began - 0.3, began)
        find_widget("paint").click()
        yield lambda shown=shown: studio().paint_run._preview.shown > 0 and shown.has_changed()
        first = time.monotonic()
        yield VALUES["seconds"]
        kept = time.monotonic()
        previews = studio().paint_run._preview.shown
        studio().cancel(keep=True)
        yield is_idle
        yield 0.3
        end = time.monotonic()
        results.append(
            {
                "megapixels": width * height / 1e6,
                "quiet": quiet,
                "reading": gaps.worst(began, insertion.began),
                "insertion": gaps.worst(insertion.began, insertion.ended),
                "first_preview": first - began,
                "during": gaps.worst(insertion.ended, kept),
                "previews": previews,
                "finish": gaps.worst(kept, end),
            }
        )
    return results
