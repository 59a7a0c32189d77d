"""More settings, a second style, regions, going on, eight small ones: set, painted, and refused in words."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from inside import (
    app,
    begin_painting,
    choose,
    click,
    docker,
    document,
    fill,
    idle,
    names,
    noise,
    opened,
    order,
    part,
    pixels,
    screenshot,
    studio,
    window,
    wish,
)
from PyQt5.QtCore import QPoint, QPointF, Qt
from PyQt5.QtGui import QWheelEvent
from PyQt5.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSlider,
    QToolButton,
)

SHORT = {"steps": 4, "sketch": 0, "scales": 1}
RED, WIDTH, HEIGHT = b"\x00\x00\xff\xff", 96, 80


def field(kind, name):
    return docker().findChild(kind, "gramarye_" + name)


def reveal(widget):
    """Scroll to it, and click on it."""
    docker()._panel.ensureWidgetVisible(widget)
    yield 0.3
    click(widget)
    yield 0.3


def write(name, text):
    """Into a field of "More settings", with real keys."""
    line = field(QLineEdit, f"more_{name}")
    yield from reveal(line)
    subprocess.run(["xdotool", "key", "ctrl+a", "BackSpace"], check=True)
    if text:
        subprocess.run(["xdotool", "type", text], check=True)
    yield 0.3


def select(combo, key):
    """As a choice by hand: `activated` is only told then."""
    combo.setCurrentIndex(combo.findData(key))
    combo.activated.emit(combo.currentIndex())


def paint():
    yield from begin_painting()
    yield idle
    yield 0.4


def refused():
    """What is said to a click on Paint, and whether nothing was begun by it."""
    before = studio().commission
    part("said").setText("")
    click(part("paint"))
    yield lambda: bool(part("said").text()) and idle()
    return part("said").text(), studio().commission is before


def filled(width=WIDTH, height=HEIGHT, depth="U8"):
    doc = document(width, height, depth=depth, **({} if depth == "U8" else {"profile": ""}))
    yield 0.5
    size = 4 if depth == "U8" else 8
    node = doc.rootNode().childNodes()[0]
    fill(node, noise(size * width * height), 0, 0, width, height)
    doc.setActiveNode(node)
    doc.refreshProjection()
    yield 0.4
    return doc


def differing(one, other):
    """The pixels that differ, as row and column."""
    pairs = zip(range(WIDTH * HEIGHT), zip(*[iter(one)] * 4), zip(*[iter(other)] * 4))
    return [divmod(place, WIDTH) for place, here, there in pairs if here != there]


def again(doc, node):
    """The pixels of what is painted with a layer's settings."""
    doc.setActiveNode(node)
    yield 0.3
    before = studio().commission
    app.action("gramarye_again").trigger()
    yield lambda: studio().commission is not before
    yield idle
    yield 0.4
    made = next(each for each in doc.rootNode().childNodes() if each.uniqueId() != node.uniqueId() and is_new(each))
    return pixels(made)


KNOWN = set()


def is_new(node):
    return node.uniqueId().toString() not in KNOWN


def remember(doc):
    KNOWN.update(node.uniqueId().toString() for node in doc.rootNode().childNodes())


def settings_in_words():
    """Every field: its label, how it is shown, what it has when nothing is set."""
    form = docker()._panel._more._form
    rows = []
    for row in range(form.rowCount()):
        label = form.itemAt(row, QFormLayout.LabelRole).widget().text()
        widget = form.itemAt(row, QFormLayout.FieldRole).widget()
        if isinstance(widget, QComboBox):
            rows.append([label, "choice", [widget.itemText(place) for place in range(widget.count())]])
        else:
            rows.append([label, "text", widget.findChild(QLineEdit).placeholderText()])
    return rows


def more(found):
    """Shown, written, refused, emptied."""
    head = field(QToolButton, "more")
    found["folded"] = not field(QPushButton, "more_back").isVisible()
    yield from reveal(head)
    yield 0.3
    found["settings"] = settings_in_words()
    screenshot("krita-more")
    bottom = part("paint").mapToGlobal(QPoint(0, part("paint").height())).y()
    found["paint_is_there"] = [part("paint").isVisible(), bottom]
    yield from write("steps", "6x")
    found["wrong"] = [
        [each.text() for each in docker().findChildren(QLabel) if each.isVisible() and "6x" in each.text()],
        list((yield from refused())),
        dict(studio().settings.wishes.recipe),
    ]
    yield from write("steps", "6")
    yield from write("stroke_sizes", "0.5, 2")
    select(field(QComboBox, "more_any_direction"), True)
    yield 0.2
    found["right"] = [dict(studio().settings.wishes.recipe), part("said").text(), head.text()]
    field(QComboBox, "preset").setCurrentIndex(field(QComboBox, "preset").findData("gatys"))
    yield 0.2
    found["gatys"] = field(QLineEdit, "more_history").placeholderText()
    field(QComboBox, "preset").setCurrentIndex(0)
    colour = field(QComboBox, "colour")
    select(colour, "layer")
    yield 0.2
    found["with_colour"] = sorted(studio().settings.wishes.recipe)
    wheel_over(field(QSlider, "strength"))
    found["wheel"] = studio().settings.wishes.strength
    yield from reveal(field(QPushButton, "more_back"))
    found["emptied"] = [dict(studio().settings.wishes.recipe), field(QLineEdit, "more_steps").text(), head.text()]
    select(colour, "style")
    yield from reveal(head)


def wheel_over(widget):
    """A turn of the wheel where nothing was clicked on."""
    widget.clearFocus()
    at = QPointF(5, 5)
    turn = QWheelEvent(
        at, QPointF(widget.mapToGlobal(QPoint(5, 5))), QPoint(), QPoint(0, 120), Qt.NoButton, Qt.NoModifier, 0, False
    )
    QApplication.sendEvent(widget, turn)


def mix(found):
    """Two styles, and the same again from the note."""
    wish(recipe=SHORT)
    choose("swirls")
    second, share = field(QComboBox, "second"), field(QSlider, "share")
    found["no_share"] = share.isVisible()
    second.setCurrentIndex(second.findData("waves"))
    yield 0.3
    share.setValue(30)
    yield 0.2
    found["share"] = share.isVisible()
    found["mixed"] = [[style.title, round(style.weight, 6)] for style in order().styles]
    doc = yield from filled()
    yield from paint()
    found["mixed_names"] = names(doc)
    made = doc.rootNode().childNodes()[1]
    first = pixels(made)
    remember(doc)
    second.setCurrentIndex(0)
    yield 0.2
    found["unmixed"] = [style.title for style in order().styles]
    found["mixed_again"] = (yield from again(doc, made)) == first


def region_menu():
    button = field(QToolButton, "add_region")
    button.menu().aboutToShow.emit()
    return {action.text(): action for action in button.menu().actions()}


def regions(found):
    """A hidden layer and a group; the rest as it is; a deleted one, an empty one."""
    doc = yield from filled()
    root = doc.rootNode()
    source = root.childNodes()[0]
    sky = doc.createNode("sky", "paintlayer")
    fill(sky, RED * (WIDTH * 24), 0, 0, WIDTH, 24)
    sky.setVisible(False)
    root.addChildNode(sky, None)
    boats = doc.createNode("boats", "grouplayer")
    boats.setVisible(False)
    root.addChildNode(boats, None)
    boat = doc.createNode("boat", "paintlayer")
    fill(boat, RED * (40 * 24), 8, 56, 40, 24)
    boats.addChildNode(boat, None)
    yield 0.5
    doc.setActiveNode(source)
    yield 0.4
    yield from reveal(field(QToolButton, "regions"))
    found["region_menu"] = list(region_menu())
    region_menu()["sky"].trigger()
    region_menu()["boats"].trigger()
    yield 0.3
    select(docker().findChildren(QComboBox, "gramarye_region_style")[1], "waves")
    yield 0.2
    shown = order()
    found["regions"] = [[region.name, region.style.title] for region in shown.regions]
    found["rest"] = [style.title for style in shown.styles]
    yield from reveal(field(QCheckBox, "keep_rest"))
    found["no_rest"] = [style.title for style in order().styles]
    screenshot("krita-regions")
    found["high"] = window().height()
    yield from paint()
    found["region_names"] = names(doc)
    made = root.childNodes()[1]
    before, after = pixels(source, doc.bounds()), pixels(made, doc.bounds())
    changed = differing(before, after)
    within = [(row, column) for row, column in changed if row < 24 or (row >= 56 and 8 <= column < 48)]
    found["changed"] = [len(changed), len(within), WIDTH * 24 + 40 * 24]
    remember(doc)
    found["regions_again"] = (yield from again(doc, made)) == after
    doc.setActiveNode(source)
    field(QCheckBox, "keep_rest").click()
    fill(sky, bytes(4 * WIDTH * 24), 0, 0, WIDTH, 24)
    yield 0.4
    found["empty"] = (yield from refused())[0]
    sky.remove()
    yield 0.3
    doc.setActiveNode(source)
    yield 0.4
    found["gone"] = (yield from refused())[0]
    click(docker().findChildren(QToolButton, "gramarye_remove_region")[0])
    yield 0.3
    found["left"] = [region.name for region in order().regions]
    other = yield from filled()
    found["elsewhere"] = [len(order().regions), names(other)]


def alphas(found):
    """The masks of layers of every kind of colour."""
    from gramarye_krita.document.colour_profile import Space
    from gramarye_krita.document.reader import alpha

    for model, depth in (("RGBA", "U8"), ("GRAYA", "U16"), ("RGBA", "F32"), ("CMYKA", "U8"), ("LABA", "U16")):
        doc = document(32, 16, model, depth, "")
        yield 0.3
        node = doc.rootNode().childNodes()[0]
        size = len(bytes(node.pixelData(0, 0, 1, 1)))
        fill(node, bytes(size * 32 * 16), 0, 0, 32, 16)
        grown = app.createDocument(8, 16, "", "RGBA", "U8", "", 72.0)
        plain = grown.rootNode().childNodes()[0]
        fill(plain, RED * (8 * 16), 0, 0, 8, 16)
        grown.setColorSpace(model, depth, doc.colorProfile())
        grown.waitForDone()
        fill(node, pixels(grown.rootNode().childNodes()[0], grown.bounds()), 4, 0, 8, 16)
        grown.close()
        mask = alpha(node.projectionPixelData(0, 0, 32, 16), 32, 16, Space.of(node))
        found[f"alpha {model} {depth}"] = mask == (bytes(4) + b"\xff" * 8 + bytes(20)) * 16


def go_on(found):
    """On from the last painting, afresh, and afresh where the daemon knows no such job."""
    doc = yield from filled()
    wish(recipe={"steps": 40, "sketch": 0, "scales": 1}, strength=50)
    choose("swirls")
    yield from paint()
    first = studio().commission
    total = first.view.progress.total
    wish(strength=70)
    yield from begin_painting()
    yield lambda: idle() or part("said").text().startswith("Step")
    said = part("said").text()
    yield idle
    yield 0.4
    second = studio().commission
    found["gone_on"] = [first.continues, second.continues == first.job, total, second.view.progress.total, said]
    found["gone_on_names"] = names(doc)
    third = yield from painted_after(lambda: studio()._earlier.remember(second.source, "nobody"))
    found["unfit"] = [third.continues, third.began_afresh, third.view.progress.total, third.outcome is None]
    click(field(QCheckBox, "go_on"), QPoint(8, 8))
    yield 0.2
    fourth = yield from painted_after(lambda: None)
    found["afresh"] = [fourth.continues, fourth.began_afresh, studio().settings.goes_on]
    click(field(QCheckBox, "go_on"), QPoint(8, 8))
    yield 0.2
    doc.resizeImage(0, 0, WIDTH - 16, HEIGHT)
    node = doc.rootNode().childNodes()[0]
    node.cropNode(0, 0, WIDTH - 16, HEIGHT)
    doc.setActiveNode(node)
    yield 0.5
    fifth = yield from painted_after(lambda: None)
    found["other_size"] = [fifth.continues, fifth.source.bounds.width()]


def painted_after(done):
    done()
    yield from paint()
    return studio().commission


def eight(found):
    """Painted small, looked at, one taken; closed before its end; refused in words."""
    doc = yield from filled(320, 240, "U16")
    wish(recipe=SHORT, strength=50, stroke=1.0)
    click(field(QPushButton, "eight"))
    yield lambda: studio().sheet is not None and studio().sheet.jobs
    found["paint_meanwhile"] = (yield from refused())[0]
    yield lambda: studio().sheet.has_ended
    yield 0.3
    sheet, window = studio().sheet, docker().findChild(QDialog, "gramarye_sheet")
    found["cells"] = [window.findChild(QToolButton, f"gramarye_cell_{place}").text() for place in range(9)]
    found["sizes"] = sorted({(image.width(), image.height()) for image in [sheet.layer, *sheet.pictures.values()]})
    found["different"] = len(
        {bytes(image.constBits().asstring(image.sizeInBytes())) for image in sheet.pictures.values()}
    )
    found["sheet_said"] = window.findChild(QLabel, "gramarye_sheet_said").text()
    jobs = dict(sheet.jobs)
    click(window.findChild(QToolButton, "gramarye_cell_4"))
    yield 0.3
    found["middle"] = studio().sheet is sheet
    before = studio().commission
    click(window.findChild(QToolButton, "gramarye_cell_2"))
    yield lambda: studio().commission is not before
    taken = studio().commission
    yield idle
    yield 0.4
    wishes = studio().settings.wishes
    found["taken"] = [taken.continues == jobs[2], wishes.strength, wishes.stroke, dict(wishes.recipe), studio().sheet]
    made = doc.rootNode().childNodes()[1]
    found["full"] = [names(doc), made.bounds().width(), made.bounds().height(), made.colorDepth()]
    found["slider"] = part("strength").value()
    found["closed"] = docker().findChild(QDialog, "gramarye_sheet") is None
    wish(recipe={"steps": 100000, "sketch": 0, "scales": 1, "optimiser": "adam"})
    click(field(QPushButton, "eight"))
    yield lambda: studio().sheet is not None and studio().sheet.pictures
    window = docker().findChild(QDialog, "gramarye_sheet")
    click(window.findChild(QPushButton, "gramarye_sheet_close"))
    yield lambda: studio().sheet is None
    wish(recipe=SHORT)
    yield from paint()  # the queue is free
    found["after_closing"] = studio().commission.outcome is None and bool(studio().commission.job)
    wish(recipe={**SHORT, "content_weight": 0.0})
    part("said").setText("")
    click(field(QPushButton, "eight"))
    yield lambda: bool(part("said").text())
    found["none"] = [part("said").text(), docker().findChild(QDialog, "gramarye_sheet") is None]


def run():
    yield opened()
    found = {}
    doc = yield from filled()
    yield from more(found)
    found["nothing_painted"] = names(doc)
    yield from mix(found)
    yield from regions(found)
    yield from alphas(found)
    yield from go_on(found)
    yield from eight(found)
    return found
