"""Shows the networks to choose from, and paints with the quick, the default and the genuine VGG19 network."""

import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from gramarye_krita.document.annotations import read_notes
from inside import (
    VALUES,
    app,
    begin_painting,
    choose,
    docker,
    document,
    find_widget,
    hide_other_dockers,
    is_idle,
    pixels,
    plugin_is_ready,
    screenshot,
    set_paint_settings,
    studio,
)

SHORT = {"steps": 4, "sketch": 0, "scales": 1}
ZOOM = 4.0


def entries():
    combo = find_widget("network")
    return [[combo.itemData(row), combo.itemText(row)] for row in range(combo.count())]


def label():
    form = docker()._panel._controls._form
    return form.labelForField(find_widget("network")).text()


def select(value):
    combo = find_widget("network")
    combo.setCurrentIndex(combo.findData(value))


def has_loaded_network():
    """Return whether the painting has done a step, or has ended."""
    view = studio().paint_run.view
    return is_idle() or (view is not None and view.progress is not None)


def paint(doc):
    """Click Paint and wait for the new layer; return it and the name of the network that painted it."""
    doc.setActiveNode(doc.rootNode().childNodes()[0])
    yield 0.3
    yield from begin_painting()
    yield has_loaded_network
    yield is_idle
    yield 0.5
    layer = doc.rootNode().childNodes()[-1]
    return layer, read_notes(doc)[layer.uniqueId().toString()]["network"]


def check_choices(results):
    """Read the entries, choose the quick network and the default again, and show stored networks."""
    results["label"], results["help"] = label(), find_widget("network").toolTip()
    results["entries"] = entries()
    results["at first"] = find_widget("network").currentText()
    doc = document()
    yield 0.5
    for name, value in (("quick", "draft"), ("full", "")):
        select(value)
        stored = studio().settings.paint_settings.network
        _, network = yield from paint(doc)
        results[name] = [stored, network]
    for name in ("vgg19-8bit", "vgg19-mat"):
        set_paint_settings(network=name)
        yield 0.2
        find_widget("strength").setValue(find_widget("strength").value() + 1)  # a change of another setting
        yield 0.2
        results["stored " + name] = [find_widget("network").currentText(), studio().settings.paint_settings.network]
    select("")


def check_vgg19(results):
    """Paint a picture with the genuine VGG19."""
    doc = app.openDocument(VALUES["picture"])
    doc.setBatchmode(True)
    view = app.activeWindow().addView(doc)
    yield 1.0
    view.canvas().setZoomLevel(ZOOM)
    set_paint_settings(strength=50, recipe={"steps": 40})
    select("vgg19-8bit")
    layer, network = yield from paint(doc)
    source = doc.rootNode().childNodes()[0]
    before, after = pixels(source, doc.bounds()), pixels(layer, doc.bounds())
    results["vgg19"] = [network, sum(abs(a - b) for a, b in zip(before, after)) / len(before)]
    docker()._panel.ensureWidgetVisible(find_widget("network"))
    yield 0.5
    screenshot("krita-vgg19")


def check_installed_meanwhile(results):
    """Install a network while the docker is open, and bring the mouse to the docker."""
    subprocess.run(["xdotool", "mousemove", "10", "10"], check=True)
    yield 0.3
    installed = os.path.join(VALUES["networks"], "vgg19-mat.safetensors")
    shutil.copy(os.path.join(VALUES["networks"], "vgg19-keras.safetensors"), installed)
    point = find_widget("status").mapToGlobal(find_widget("status").rect().center())
    subprocess.run(["xdotool", "mousemove", str(point.x()), str(point.y())], check=True)
    yield lambda: "vgg19-mat" in [value for value, _ in entries()]
    results["installed meanwhile"] = entries()
    os.remove(installed)


def run():
    yield plugin_is_ready()
    hide_other_dockers()
    results = {}
    choose(VALUES["style"])
    set_paint_settings(recipe=SHORT)
    yield from check_choices(results)
    yield from check_vgg19(results)
    yield from check_installed_meanwhile(results)
    return results
