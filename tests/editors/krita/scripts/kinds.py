"""Paints every kind of layer, masks and selections in 0 steps, and reads ICC profiles."""

import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from inside import (
    SRGB,
    VALUES,
    app,
    choose,
    document,
    fill,
    find_widget,
    is_idle,
    noise,
    paint_spec,
    pixels,
    plugin_is_ready,
    set_paint_settings,
    studio,
    undo,
)

from krita import InfoObject, Selection

SIDE = 64
UNCHANGED = {"steps": 0, "sketch": 0}


def start(doc, node):
    doc.setActiveNode(node)
    doc.waitForDone()
    studio().paint(paint_spec())


def outcome(doc, node):
    """Return the message, and whether the layer above looks like ``node``."""
    siblings = node.parentNode().childNodes()
    place = siblings.index(node)
    above = siblings[place + 1] if place + 1 < len(siblings) else None
    results = {"said": find_widget("said").text(), "painted": above is not None and above.name().startswith("Gramarye")}
    if results["painted"]:
        bounds = node.bounds() if not node.bounds().isEmpty() else doc.bounds()  # a fill layer has no bounds
        theirs = bytes(node.projectionPixelData(bounds.x(), bounds.y(), bounds.width(), bounds.height()))
        results["exact"] = theirs == pixels(above, bounds)
        results["same"] = above.bounds() == bounds
    return results


def noise_layer(doc, name="noise", x=4, y=6, size=40):
    layer = doc.createNode(name, "paintlayer")
    fill(layer, noise(4 * size * size), x, y, size, size)
    return layer


def run():
    yield plugin_is_ready()
    choose("waves")
    set_paint_settings(recipe=UNCHANGED)
    results = {}
    doc = document(SIDE, SIDE)
    yield 0.5
    root = doc.rootNode()
    plain = noise_layer(doc)
    root.addChildNode(plain, None)

    group = doc.createGroupLayer("group")
    root.addChildNode(group, None)
    group.addChildNode(noise_layer(doc, "inside", -9, 3), None)
    inside = group.childNodes()[0]

    vector = doc.createVectorLayer("vector")
    root.addChildNode(vector, None)
    shape = '<rect x="8" y="10" width="30" height="34" fill="#c04020"/>'
    vector.addShapesFromSvg(f'<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64">{shape}</svg>')

    clone = doc.createCloneLayer("clone", plain)
    root.addChildNode(clone, None)

    file_layer = doc.createFileLayer("file", VALUES["picture"], "None")
    root.addChildNode(file_layer, None)

    colour = doc.createFillLayer("fill", "color", InfoObject(), Selection())
    root.addChildNode(colour, None)
    doc.refreshProjection()
    yield 1.0

    for name, node in (
        ("paint", plain),
        ("group", group),
        ("inside", inside),
        ("vector", vector),
        ("clone", clone),
        ("file", file_layer),
        ("fill", colour),
    ):
        start(doc, node)
        yield is_idle
        yield 0.3
        results[name] = outcome(doc, node)
        if results[name]["painted"]:
            undo()
            yield 0.3

    mask = doc.createNode("mask", "transparencymask")
    plain.addChildNode(mask, None)
    yield 0.3
    start(doc, mask)
    yield 0.3
    results["mask"] = {"said": find_widget("said").text()}
    filtered = doc.createFilterLayer("filter", app.filter("invert"), Selection())
    root.addChildNode(filtered, None)
    yield 0.3
    start(doc, filtered)
    yield 0.3
    results["filter"] = {"said": find_widget("said").text()}
    empty = doc.createNode("empty", "paintlayer")
    root.addChildNode(empty, None)
    yield 0.3
    start(doc, empty)
    yield 0.3
    results["empty"] = {"said": find_widget("said").text()}

    doc = document(SIDE, SIDE)
    yield 0.5
    layer = noise_layer(doc, size=50)
    doc.rootNode().addChildNode(layer, None)
    selection = Selection()
    selection.select(10, 12, 24, 20, 255)
    selection.feather(4)
    doc.setSelection(selection)
    yield 0.5
    start(doc, layer)
    yield is_idle
    yield 0.3
    above = next(node for node in doc.rootNode().childNodes() if node.name().startswith("Gramarye"))
    x, y, width, height = selection.x(), selection.y(), selection.width(), selection.height()
    share = bytes(selection.pixelData(x, y, width, height))
    before, after = (bytes(node.pixelData(x, y, width, height)) for node in (layer, above))
    seen = [i for i in range(width * height) if after[4 * i + 3]]
    results["selection"] = {
        "said": find_widget("said").text(),
        "feathered": len(set(share)) > 3,
        "alpha": max(abs(after[4 * i + 3] - before[4 * i + 3] * share[i] / 255) for i in range(width * height)),
        "colour": max(abs(before[4 * i + c] - after[4 * i + c]) for i in seen for c in range(3)),
        "outside": bytes(above.pixelData(4, 6, 2, 2)) == bytes(16),
    }
    far = Selection()
    far.select(60, 60, 4, 4, 255)
    doc.setSelection(far)
    yield 0.3
    start(doc, layer)
    yield 0.3
    results["unselected"] = {"said": find_widget("said").text()}

    from gramarye_krita.document.colour_profile import IccTransform, profile_bytes

    for model, profile in (("RGBA", "sRGB-elle-V2-g10.icc"), ("RGBA", SRGB), ("GRAYA", "Gray-D50-elle-V2-g10.icc")):
        icc = profile_bytes(IccTransform(model, "U16", profile))
        results["icc " + profile] = [len(icc), icc[36:40].decode("latin-1")]
    return results
