"""Uses all settings, a second style, regions, continued paintings and variations, with their error messages."""

import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from binding import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPoint,
    QPointF,
    QPushButton,
    QSlider,
    Qt,
    QToolButton,
    QWheelEvent,
)
from inside import (
    activate_document,
    app,
    begin_painting,
    choose,
    click,
    docker,
    document,
    fill,
    find_widget,
    is_idle,
    names,
    noise,
    paint_spec,
    pixels,
    plugin_is_ready,
    screenshot,
    set_paint_settings,
    studio,
    window,
)

SHORT = {"steps": 4, "sketch": 0, "scales": 1}
RED, WIDTH, HEIGHT = b"\x00\x00\xff\xff", 96, 80


def field(kind, name):
    return docker().findChild(kind, "gramarye_" + name)


def scroll_to_and_click(widget, at=None):
    """Scroll to a widget and click it."""
    for _ in range(2):  # a change just before may still move the rows
        docker()._panel.ensureWidgetVisible(widget, 0, 0)
        yield 0.3
    click(widget, at)
    yield 0.3


def type_text(name, text):
    """Type text into a field of "For experts" with real keys."""
    line = field(QLineEdit, f"more_{name}")
    yield from scroll_to_and_click(line)
    subprocess.run(["xdotool", "key", "ctrl+a", "BackSpace"], check=True)
    if text:
        subprocess.run(["xdotool", "type", text], check=True)
    yield 0.3


def select(combo, key):
    """Select an entry as a user does: only that emits `activated`."""
    combo.setCurrentIndex(combo.findData(key))
    combo.activated.emit(combo.currentIndex())


def paint():
    yield from begin_painting()
    yield is_idle
    yield 0.4


def click_paint_refused():
    """Click Paint; return the message, and whether no painting was started."""
    before = studio().paint_run
    find_widget("said").setText("")
    click(find_widget("paint"))
    yield lambda: bool(find_widget("said").text()) and is_idle()
    return find_widget("said").text(), studio().paint_run is before


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
    """Return (row, column) of each pixel that differs."""
    pairs = zip(range(WIDTH * HEIGHT), zip(*[iter(one)] * 4), zip(*[iter(other)] * 4))
    return [divmod(place, WIDTH) for place, here, there in pairs if here != there]


def repaint(doc, node):
    """Repaint with a layer's settings; return the new layer's pixels."""
    doc.setActiveNode(node)
    yield 0.3
    before = studio().paint_run
    app.action("gramarye_again").trigger()
    yield lambda: studio().paint_run is not before
    yield is_idle
    yield 0.4
    made = next(each for each in doc.rootNode().childNodes() if each.uniqueId() != node.uniqueId() and is_new(each))
    return pixels(made)


SEEN_IDS = set()


def is_new(node):
    return node.uniqueId().toString() not in SEEN_IDS


def remember(doc):
    SEEN_IDS.update(node.uniqueId().toString() for node in doc.rootNode().childNodes())


def settings_rows():
    """Return label, kind and default text or choices of every field."""
    form = docker()._panel._more_settings._form
    rows = []
    for row in range(form.rowCount()):
        label = form.itemAt(row, QFormLayout.ItemRole.LabelRole).widget().text()
        widget = form.itemAt(row, QFormLayout.ItemRole.FieldRole).widget()
        if isinstance(widget, QComboBox):
            rows.append([label, "choice", [widget.itemText(place) for place in range(widget.count())]])
        else:
            rows.append([label, "text", widget.findChild(QLineEdit).placeholderText()])
    return rows


def check_more_settings(results):
    """Show the settings, enter valid and invalid text, reset."""
    head = field(QToolButton, "more")
    results["folded"] = not field(QPushButton, "more_back").isVisible()
    yield from scroll_to_and_click(head)
    yield 0.3
    results["settings"] = settings_rows()
    screenshot("krita-more")
    bottom = find_widget("paint").mapToGlobal(QPoint(0, find_widget("paint").height())).y()
    results["paint_is_there"] = [find_widget("paint").isVisible(), bottom]
    yield from type_text("steps", "6x")
    results["wrong"] = [
        [each.text() for each in docker().findChildren(QLabel) if each.isVisible() and "6x" in each.text()],
        list((yield from click_paint_refused())),
        dict(studio().settings.paint_settings.recipe),
    ]
    yield from type_text("steps", "6")
    yield from type_text("stroke_sizes", "0.5, 2")
    select(field(QComboBox, "more_any_direction"), True)
    yield 0.2
    results["right"] = [dict(studio().settings.paint_settings.recipe), find_widget("said").text(), head.text()]
    field(QComboBox, "preset").setCurrentIndex(field(QComboBox, "preset").findData("gatys"))
    yield 0.2
    results["gatys"] = field(QLineEdit, "more_history").placeholderText()
    field(QComboBox, "preset").setCurrentIndex(0)
    colour = field(QComboBox, "colour")
    select(colour, "layer")
    yield 0.2
    results["with_colour"] = sorted(studio().settings.paint_settings.recipe)
    wheel_over(field(QSlider, "strength"))
    results["wheel"] = studio().settings.paint_settings.strength
    yield from scroll_to_and_click(field(QPushButton, "more_back"))
    results["emptied"] = [
        dict(studio().settings.paint_settings.recipe),
        field(QLineEdit, "more_steps").text(),
        head.text(),
    ]
    select(colour, "style")
    yield from scroll_to_and_click(head)


def wheel_over(widget):
    """Turn the wheel over a widget without focus."""
    widget.clearFocus()
    at = QPointF(5, 5)
    turn = QWheelEvent(
        at,
        QPointF(widget.mapToGlobal(QPoint(5, 5))),
        QPoint(),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, turn)


def check_second_style(results):
    """Paint two mixed styles, and repaint them from the note."""
    set_paint_settings(recipe=SHORT)
    choose("swirls")
    second, share = field(QComboBox, "second"), field(QSlider, "share")
    results["no_share"] = share.isVisible()
    second.setCurrentIndex(second.findData("waves"))
    yield 0.3
    share.setValue(30)
    yield 0.2
    results["share"] = share.isVisible()
    results["mixed"] = [[style.title, round(style.weight, 6)] for style in paint_spec().styles]
    doc = yield from filled()
    yield from paint()
    results["mixed_names"] = names(doc)
    made = doc.rootNode().childNodes()[1]
    first = pixels(made)
    remember(doc)
    second.setCurrentIndex(0)
    yield 0.2
    results["unmixed"] = [style.title for style in paint_spec().styles]
    results["mixed_again"] = (yield from repaint(doc, made)) == first


def region_menu():
    button = field(QToolButton, "add_region")
    button.menu().aboutToShow.emit()
    return {action.text(): action for action in button.menu().actions()}


def check_regions(results):
    """Use a hidden layer and a group as regions, leave the rest unchanged; then an empty and a deleted region."""
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
    yield from scroll_to_and_click(field(QToolButton, "regions"))
    results["region_menu"] = list(region_menu())
    region_menu()["sky"].trigger()
    region_menu()["boats"].trigger()
    yield 0.3
    results["region_defaults"] = [style.title for style in paint_spec().styles]
    results["region_defaults"] += [region.style.title for region in paint_spec().regions]
    for place, style in enumerate(("swirls", "waves")):
        select(docker().findChildren(QComboBox, "gramarye_region_style")[place], style)
        yield 0.2
    shown = paint_spec()
    results["regions"] = [[region.name, region.style.title] for region in shown.regions]
    results["rest"] = [style.title for style in shown.styles]
    yield from scroll_to_and_click(field(QCheckBox, "keep_rest"))
    results["no_rest"] = [style.title for style in paint_spec().styles]
    screenshot("krita-regions")
    results["high"] = window().height()
    yield from paint()
    results["region_names"] = names(doc)
    made = root.childNodes()[1]
    before, after = pixels(source, doc.bounds()), pixels(made, doc.bounds())
    changed = differing(before, after)
    within = [(row, column) for row, column in changed if row < 24 or (row >= 56 and 8 <= column < 48)]
    results["changed"] = [len(changed), len(within), WIDTH * 24 + 40 * 24]
    remember(doc)
    results["regions_again"] = (yield from repaint(doc, made)) == after
    doc.setActiveNode(source)
    field(QCheckBox, "keep_rest").click()
    fill(sky, bytes(4 * WIDTH * 24), 0, 0, WIDTH, 24)
    yield 0.4
    results["empty"] = (yield from click_paint_refused())[0]
    sky.remove()
    yield 0.3
    doc.setActiveNode(source)
    yield 0.4
    results["gone"] = (yield from click_paint_refused())[0]
    yield from scroll_to_and_click(docker().findChildren(QToolButton, "gramarye_remove_region")[0])
    results["left"] = [region.name for region in paint_spec().regions]
    other = yield from filled()
    results["elsewhere"] = [len(paint_spec().regions), names(other)]


def check_alphas(results):
    """Check the masks of layers in several colour spaces."""
    from gramarye_krita.document.colour_profile import IccTransform
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
        mask = alpha(node.projectionPixelData(0, 0, 32, 16), 32, 16, IccTransform.of(node))
        results[f"alpha {model} {depth}"] = mask == (bytes(4) + b"\xff" * 8 + bytes(20)) * 16


def check_continuing(results):
    """Continue the last painting; start over for an unknown job, by choice, and at another layer size."""
    doc = yield from filled()
    set_paint_settings(recipe={"steps": 40, "sketch": 0, "scales": 1}, strength=50)
    choose("swirls")
    yield from paint()
    first = studio().paint_run
    total = first.view.progress.total
    set_paint_settings(strength=70)
    yield from begin_painting()
    yield lambda: is_idle() or find_widget("said").text().startswith("Step")
    said = find_widget("said").text()
    yield is_idle
    yield 0.4
    second = studio().paint_run
    results["gone_on"] = [first.continues, second.continues == first.job, total, second.view.progress.total, said]
    results["gone_on_names"] = names(doc)
    third = yield from painted_after(lambda: studio()._last_jobs.remember(second.source, "nobody"))
    results["unfit"] = [third.continues, third.began_afresh, third.view.progress.total, third.outcome is None]
    yield from scroll_to_and_click(field(QCheckBox, "go_on"), QPoint(8, 8))
    fourth = yield from painted_after(lambda: None)
    results["afresh"] = [fourth.continues, fourth.began_afresh, studio().settings.continues_last]
    yield from scroll_to_and_click(field(QCheckBox, "go_on"), QPoint(8, 8))
    doc.resizeImage(0, 0, WIDTH - 16, HEIGHT)
    node = doc.rootNode().childNodes()[0]
    node.cropNode(0, 0, WIDTH - 16, HEIGHT)
    doc.setActiveNode(node)
    yield 0.5
    fifth = yield from painted_after(lambda: None)
    results["other_size"] = [fifth.continues, fifth.source.bounds.width()]


def painted_after(done):
    done()
    yield from paint()
    return studio().paint_run


def check_variations(results):
    """Paint the variations and take one; close the window early; settings that cannot be varied."""
    doc = yield from filled(320, 240, "U16")
    set_paint_settings(recipe=SHORT, strength=50, stroke=1.0)
    click(field(QPushButton, "eight"))
    yield lambda: studio().variation_run is not None and studio().variation_run.jobs
    other = yield from filled()
    yield from paint()
    results["paint_meanwhile"] = [names(other), studio().paint_run.outcome is None]
    activate_document(doc)
    yield lambda: studio().variation_run.has_ended
    yield 0.3
    variation_run, window = studio().variation_run, docker().findChild(QDialog, "gramarye_sheet")
    results["cells"] = [window.findChild(QToolButton, f"gramarye_cell_{place}").text() for place in range(9)]
    results["sizes"] = sorted(
        {(image.width(), image.height()) for image in [variation_run.layer, *variation_run.pictures.values()]}
    )
    results["different"] = len(
        {bytes(image.constBits().asstring(image.sizeInBytes())) for image in variation_run.pictures.values()}
    )
    results["sheet_said"] = window.findChild(QLabel, "gramarye_sheet_said").text()
    jobs = dict(variation_run.jobs)
    click(window.findChild(QToolButton, "gramarye_cell_4"))
    yield 0.3
    results["middle"] = studio().variation_run is variation_run
    before = studio().paint_run
    click(window.findChild(QToolButton, "gramarye_cell_2"))
    yield lambda: studio().paint_run is not before
    taken = studio().paint_run
    yield is_idle
    yield 0.4
    paint_settings = studio().settings.paint_settings
    results["taken"] = [
        taken.continues == jobs[2],
        paint_settings.strength,
        paint_settings.stroke,
        dict(paint_settings.recipe),
        studio().variation_run,
    ]
    made = doc.rootNode().childNodes()[1]
    results["full"] = [names(doc), made.bounds().width(), made.bounds().height(), made.colorDepth()]
    results["slider"] = find_widget("strength").value()
    results["closed"] = docker().findChild(QDialog, "gramarye_sheet") is None
    set_paint_settings(recipe={"steps": 100000, "sketch": 0, "scales": 1, "optimiser": "adam"})
    click(field(QPushButton, "eight"))
    yield lambda: studio().variation_run is not None and studio().variation_run.pictures
    window = docker().findChild(QDialog, "gramarye_sheet")
    click(window.findChild(QPushButton, "gramarye_sheet_close"))
    yield lambda: studio().variation_run is None
    set_paint_settings(recipe=SHORT)
    yield from paint()  # the queue is empty
    results["after_closing"] = studio().paint_run.outcome is None and bool(studio().paint_run.job)
    set_paint_settings(recipe={**SHORT, "content_weight": 0.0})
    find_widget("said").setText("")
    click(field(QPushButton, "eight"))
    yield lambda: bool(find_widget("said").text())
    results["none"] = [find_widget("said").text(), docker().findChild(QDialog, "gramarye_sheet") is None]


def run():
    yield plugin_is_ready()
    results = {}
    doc = yield from filled()
    yield from check_more_settings(results)
    results["nothing_painted"] = names(doc)
    yield from check_second_style(results)
    yield from check_regions(results)
    yield from check_alphas(results)
    yield from check_continuing(results)
    yield from check_variations(results)
    return results
