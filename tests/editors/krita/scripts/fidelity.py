"""Paints layers of every depth and colour model in 0 steps: the result must equal the layer."""

import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from binding import QByteArray
from inside import (
    SRGB,
    choose,
    close_document,
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

BYTES = {"U8": 1, "U16": 2, "F16": 2, "F32": 4}
YCBCR = "ITU-R BT.709-6 YCbCr ICC V4 profile"
"""Krita has eight such profiles and picks an arbitrary one if none is named."""

UNCHANGED = {"steps": 0, "sketch": 0}


def floats(count, depth):
    import struct

    values = [(i * 7919 % 1000) / 1000.0 for i in range(count)]
    return struct.pack("<{}{}".format(count, "e" if depth == "F16" else "f"), *values)


def painted(doc, node):
    doc.setActiveNode(node)
    doc.waitForDone()
    studio().paint(paint_spec())


def compare(doc, source, made):
    """Compare position, pixels and colour space of a painting with its source."""
    from gramarye_krita.document.colour_profile import IccTransform, convert_pixels

    a, b = source.bounds(), made.bounds()
    same_place = (a.x(), a.y(), a.width(), a.height()) == (b.x(), b.y(), b.width(), b.height())
    theirs = bytes(source.projectionPixelData(a.x(), a.y(), a.width(), a.height()))
    mine = pixels(made, a)
    exact = theirs == mine
    if not IccTransform.of(doc).is_supported:  # CMYK has many values for one colour: compare as RGB
        theirs, mine = (
            bytes(
                convert_pixels(
                    QByteArray(data), a.width(), a.height(), IccTransform.of(doc), IccTransform("RGBA", "U8", SRGB)
                )
            )
            for data in (theirs, mine)
        )
    off = [abs(x - y) for x, y in zip(theirs, mine)]
    space = (made.colorModel(), made.colorDepth(), made.colorProfile())
    return {
        "place": same_place,
        "exact": exact,
        "worst": max(off),
        "mean": sum(off) / len(off),
        "space": space == (doc.colorModel(), doc.colorDepth(), doc.colorProfile()),
    }


def run():
    yield plugin_is_ready()
    choose("waves")
    set_paint_settings(recipe=UNCHANGED)
    results = {}
    for model, channels in (("RGBA", 4), ("GRAYA", 2)):
        for depth in ("U8", "U16", "F16", "F32"):
            profile = SRGB if model == "RGBA" and depth == "U8" else ""
            doc = document(model=model, depth=depth, profile=profile)
            yield 0.4
            layer = doc.createNode("noise", "paintlayer")
            count = 60 * 50 * channels
            data = noise(count * BYTES[depth]) if depth[0] == "U" else floats(count, depth)
            fill(layer, data, -7, 20, 60, 50)
            doc.rootNode().addChildNode(layer, None)
            yield 0.3
            before = len(doc.rootNode().childNodes())
            painted(doc, layer)
            yield is_idle
            yield 0.3
            nodes = doc.rootNode().childNodes()
            key = model + " " + depth
            results[key] = {
                "said": find_widget("said").text(),
                "added": len(nodes) - before,
                "above": nodes.index(layer) + 1 < len(nodes),
            }
            if len(nodes) > before:
                results[key].update(compare(doc, layer, nodes[nodes.index(layer) + 1]))
            results[key]["profile"] = doc.colorProfile()
            undo()
            yield 0.3
            results[key]["undone"] = len(doc.rootNode().childNodes()) == before
            close_document(doc)
            yield 0.2
    for model, profile, pixel in (
        ("CMYKA", "", (90, 70, 80, 20, 255)),
        ("LABA", "", (140, 120, 135, 255)),
        ("YCbCrA", YCBCR, (140, 120, 130, 255)),
    ):
        doc = document(model=model, depth="U8", profile=profile)
        yield 0.4
        layer = doc.rootNode().childNodes()[0]
        soft = b"".join(
            bytes((*(value + (x + y) % 9 for value in pixel[:-1]), 255)) for y in range(80) for x in range(96)
        )
        fill(layer, soft, 0, 0, 96, 80)
        painted(doc, layer)
        said = []
        yield lambda said=said: said.append(find_widget("said").text()) or is_idle()
        yield 0.3
        nodes = doc.rootNode().childNodes()
        results[model] = {"said": max(said, key=len), "end": find_widget("said").text(), "added": len(nodes) - 1}
        if len(nodes) > 1:
            results[model].update(compare(doc, layer, nodes[1]))
        close_document(doc)
        yield 0.2
    return results
