"""Helpers for the scripts: the docker's widgets, documents, real mouse clicks and keys."""

import json
import os
import subprocess

from binding import QApplication, QByteArray, QComboBox, QLabel, QListWidget, QPoint, QPushButton, QSlider, QToolButton

from krita import Krita

WIDGET_TYPES = {
    "gallery": QListWidget,
    "status": QLabel,
    "said": QLabel,
    "help": QPushButton,
    "paint": QPushButton,
    "keep": QPushButton,
    "cancel": QPushButton,
    "strength": QSlider,
    "network": QComboBox,
    "layers": QToolButton,
    "documents": QToolButton,
}
SRGB = "sRGB-elle-V2-srgbtrc.icc"
VALUES = json.loads(os.environ.get("GRAMARYE_PROBE_VALUES", "{}"))
ENDLESS = {"steps": 100000, "sketch": 0, "scales": 1, "optimiser": "adam"}
"""A recipe that paints until it is stopped."""

HIDES_OTHERS = []
"""Not empty once `hide_other_dockers` was called."""

app = Krita.instance()


def window():
    return app.activeWindow().qwindow()


def docker():
    return next(each for each in app.dockers() if each.objectName() == "gramarye_docker")


def find_widget(name):
    return docker().findChild(WIDGET_TYPES[name], "gramarye_" + name)


def hide_other_dockers():
    """Hide the other dockers on the right, so that the whole docker is visible; `begin_painting` does it again."""
    HIDES_OTHERS.append(True)
    for each in app.dockers():
        if each.objectName() not in ("gramarye_docker", "KisLayerBox", "ToolBox"):
            each.setVisible(False)


def studio():
    return docker()._studio


def plugin_is_ready():
    """Return a condition to wait for: the docker is shown and has the daemon's styles."""

    def is_there():
        if app.action("gramarye_open") is None:
            return False
        if not docker().isVisible():
            app.action("gramarye_open").trigger()
        return studio().link.is_ready and find_widget("gallery").count() >= 8

    return is_there


def document(width=96, height=80, model="RGBA", depth="U8", profile=SRGB):
    made = app.createDocument(width, height, "test", model, depth, profile, 300.0)
    made.setBatchmode(True)
    app.activeWindow().addView(made)
    return made


def opened_picture():
    """Open the script's picture in a new tab."""
    doc = app.openDocument(VALUES["picture"])
    doc.setBatchmode(True)
    app.activeWindow().addView(doc)
    return doc


def preview_of(doc):
    """Return the preview group; None if there is none."""
    return next((node for node in doc.rootNode().childNodes() if node.name() == "Gramarye preview"), None)


def picture_of(doc):
    """Return the pixels of the preview's paint layer."""
    return pixels(preview_of(doc).childNodes()[0])


def has_preview(doc):
    """Return a condition to wait for: the document has a preview, and steps have been painted."""
    return lambda: preview_of(doc) is not None and studio().paint_run.view.progress is not None


def set_paint_settings(**values):
    """Change paint settings, as the controls do."""
    studio().apply_settings(studio().settings.with_paint_settings(**values))


def paint_spec():
    """Return the docker's `PaintSpec`, or the refusal."""
    return docker()._panel.paint_spec()


def choose(*names):
    find_widget("gallery").choose(names)


def is_idle():
    return not studio().is_painting


def names(doc):
    return [node.name() for node in doc.rootNode().childNodes()]


def pixels(node, bounds=None):
    bounds = bounds or node.bounds()
    return bytes(node.pixelData(bounds.x(), bounds.y(), bounds.width(), bounds.height()))


def canvas(doc):
    """Return the document's pixels as they are shown."""
    doc.refreshProjection()
    doc.waitForDone()
    return bytes(doc.pixelData(0, 0, doc.width(), doc.height()))


def noise(count):
    """Return ``count`` pseudo-random bytes, always the same."""
    state, made = 12345, bytearray()
    while len(made) < count:
        state = (1103515245 * state + 12345) % (1 << 31)
        made += (state >> 8).to_bytes(3, "little")
    return bytes(made[:count])


def fill(node, data, x, y, width, height):
    node.setPixelData(QByteArray(data), x, y, width, height)


def click(widget, at=None, button="1"):
    """Click with the mouse in the middle of a widget, or at the point ``at``, after pending layout events."""
    use_mouse(widget, "click", at, button)


def double_click(widget, at):
    """Double-click with the mouse at the point ``at`` of a widget."""
    click(widget, at)
    subprocess.run(["xdotool", "click", "1"], check=True)


def use_mouse(widget, action, at=None, button="1"):
    """Move the mouse to the middle of a widget, or to the point ``at``, and do xdotool's ``action`` with a button."""
    QApplication.processEvents()
    point = widget.mapToGlobal(at or QPoint(widget.width() // 2, widget.height() // 2))
    subprocess.run(["xdotool", "mousemove", str(point.x()), str(point.y()), action, button], check=True)


def begin_painting():
    """Click Paint and wait until a painting is started."""
    yield plugin_is_ready()  # Krita 6 hides dockers that were opened before its first document, and shows others
    if HIDES_OTHERS:
        hide_other_dockers()
        yield 0.2
    before = studio().paint_run
    click(find_widget("paint"))
    yield lambda: studio().paint_run is not before


def press(keys):
    subprocess.run(["xdotool", "key", keys], check=True)


def screenshot(name):
    window().grab().save(os.path.join(VALUES["screenshots"], name + ".png"))


def trigger(name):
    """Trigger an action of Krita, which may not have been enabled yet: Qt 6 ignores a disabled one."""
    app.action(name).setEnabled(True)
    app.action(name).trigger()


def undo():
    trigger("edit_undo")


def redo():
    trigger("edit_redo")


def activate_document(doc):
    """Show a document's tab."""
    view = next(view for view in app.activeWindow().views() if view.document() == doc)
    app.activeWindow().showView(view)
    view.setVisible()


def close_document(doc):
    """Close a document like its tab's close button, without the question whether to save."""
    doc.setModified(False)
    activate_document(doc)
    app.action("file_close").trigger()
