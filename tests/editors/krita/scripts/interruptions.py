"""Interrupts paintings in every way: by the buttons, by changes of the document, by killing the daemon."""

import os
import signal
import sys

sys.path.insert(0, os.path.dirname(__file__))
from gramarye_krita.document.annotations import read_notes
from inside import (
    ENDLESS,
    VALUES,
    activate_document,
    begin_painting,
    choose,
    click,
    close_document,
    find_widget,
    has_preview,
    hide_other_dockers,
    is_idle,
    names,
    opened_picture,
    pixels,
    plugin_is_ready,
    preview_of,
    set_paint_settings,
    studio,
    undo,
)


def cancel(doc, results):
    """Cancel an endless painting; from here on all are endless."""
    set_paint_settings(recipe=ENDLESS)
    yield from begin_painting()
    yield has_preview(doc)
    click(find_widget("cancel"))
    yield is_idle
    yield 0.5
    results["cancelled"] = [names(doc), find_widget("said").text()]


def keep(doc, results):
    """Keep a painting."""
    yield from begin_painting()
    yield has_preview(doc)
    click(find_widget("keep"))
    yield is_idle
    yield 0.5
    results["kept"] = names(doc)
    undo()
    yield 0.3
    results["kept_undone"] = names(doc)


def cancel_while_working(doc, results):
    """Cancel after the user has added a layer, so that the last undo step is theirs."""
    yield from begin_painting()
    yield has_preview(doc)
    mine = doc.createNode("mine", "paintlayer")
    doc.rootNode().addChildNode(mine, None)
    yield 0.5
    click(find_widget("cancel"))
    yield is_idle
    yield 0.5
    results["cancelled_while_working"] = names(doc)
    mine = next(node for node in doc.rootNode().childNodes() if node.name() == "mine")
    mine.remove()
    yield 0.3


def keep_while_working(doc, results):
    """Keep after the user has added a layer."""
    doc.setActiveNode(doc.rootNode().childNodes()[0])
    yield 0.3
    yield from begin_painting()
    yield has_preview(doc)
    mine = doc.createNode("mine", "paintlayer")
    doc.rootNode().addChildNode(mine, None)
    yield 0.5
    click(find_widget("keep"))
    yield is_idle
    yield 0.5
    results["kept_while_working"] = names(doc)
    kept = next(node for node in doc.rootNode().childNodes() if node.name().startswith("Gramarye"))
    results["kept_inside"] = [[node.name(), node.type(), node.locked()] for node in kept.childNodes()]
    painting = pixels(kept.childNodes()[0])
    results["kept_seen"] = (
        len(set(painting)) > 100 and bytes(doc.pixelData(0, 0, doc.width(), doc.height())) == painting
    )
    undo()
    yield 0.5
    undo()
    yield 0.5
    results["undone_while_working"] = names(doc)


def remove_preview(doc, results):
    """Remove the preview; the painting continues."""
    doc.setActiveNode(doc.rootNode().childNodes()[0])
    yield 0.3
    yield from begin_painting()
    yield has_preview(doc)
    preview_of(doc).setLocked(False)
    preview_of(doc).remove()
    yield 0.6
    click(find_widget("keep"))
    yield is_idle
    yield 0.5
    results["preview_removed"] = names(doc)
    undo()
    yield 0.5


def delete_source(doc, results):
    """Delete the painted layer meanwhile."""
    source = doc.rootNode().childNodes()[0].duplicate()
    source.setName("doomed")
    doc.rootNode().addChildNode(source, None)
    yield 0.3
    doc.setActiveNode(source)
    yield 0.3
    yield from begin_painting()
    yield has_preview(doc)
    next(node for node in doc.rootNode().childNodes() if node.name() == "doomed").remove()
    yield 0.6
    click(find_widget("keep"))
    yield is_idle
    yield 0.5
    results["source_deleted"] = names(doc)


def kill_daemon(doc, results):
    """Kill the daemon; the next one continues."""
    doc.setActiveNode(doc.rootNode().childNodes()[0])
    yield 0.3
    yield from begin_painting()
    yield has_preview(doc)
    before = studio().paint_run.view.progress
    os.kill(studio().link.session.welcome.pid, signal.SIGKILL)
    said = []
    yield lambda: said.append(find_widget("said").text()) or "Waiting for the daemon" in said[-1]
    yield lambda: studio().link.is_ready
    yield lambda: studio().paint_run.view.progress not in (None, before)
    results["killed"] = [said[-1], names(doc)]
    click(find_widget("keep"))
    yield is_idle
    yield 0.5
    results["after_killing"] = names(doc)
    undo()
    yield 0.3


def end_behind_another(doc, results):
    """Let a painting end while another document is in front."""
    known = [node.uniqueId() for node in doc.rootNode().childNodes()]
    set_paint_settings(recipe={"steps": 30, "sketch": 0, "scales": 1, "optimiser": "adam"})
    yield from begin_painting()
    yield has_preview(doc)
    yield 0.5
    other = opened_picture()
    yield is_idle
    yield 0.5
    results["ended_behind"] = names(other)
    activate_document(doc)
    yield 1.5
    painted = [node for node in doc.rootNode().childNodes() if node.uniqueId() not in known]
    results["shown_again"] = [[node.name(), node.type()] for node in painted]
    results["shown_again_note"] = painted[0].uniqueId().toString() in read_notes(doc)
    undo()
    yield 0.5
    results["shown_again_undone"] = [node.uniqueId() for node in doc.rootNode().childNodes()] == known
    close_document(other)
    yield 0.5
    doc.setActiveNode(doc.rootNode().childNodes()[0])


def close_while_painting(results):
    """Close the document meanwhile."""
    other = opened_picture()
    yield 1.0
    set_paint_settings(recipe=ENDLESS)
    yield from begin_painting()
    yield has_preview(other)
    close_document(other)
    yield is_idle
    results["closed"] = find_widget("said").text()
    yield 0.5  # until the cancel is sent: Krita is killed next, and an endless job would block the next script's


def run():
    yield plugin_is_ready()
    hide_other_dockers()
    results = {}
    doc = opened_picture()
    yield 1.0
    choose(VALUES["style"])
    parts = (
        cancel,
        keep,
        cancel_while_working,
        keep_while_working,
        remove_preview,
        delete_source,
        kill_daemon,
        end_behind_another,
    )
    for part in parts:
        yield from part(doc, results)
    yield from close_while_painting(results)
    return results
