"""The filter on a screen, by keys and clicks: menu, dialog, preview, result, undo."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from editors.gimp.conftest import Gimp
from editors.gimp.screen import Screen
from editors.gimp.session import DIALOG, PREVIEW, GimpSession

pytestmark = [pytest.mark.gimp, pytest.mark.timeout(480)]

SWIRLS, WAVES = (91, 322), (358, 322)
"""Positions of these styles in the dialog, in pixels."""

FILE_PAGE, LAYER_PAGE = (291, 87), (413, 87)
"""Positions of the tabs of the dialog's other pages."""

MORE_SETTINGS = (635, 370)
"""Position of that expander in the dialog."""

VARIATIONS = (930, 577)
UPPER_RIGHT = (594, 90)
"""Positions of the button for variations, and in their window of the one with larger strokes and more layer."""

LOAD, SAVE, RESET, FACTORY_DEFAULTS = (98, 629), (278, 629), (776, 681), (776, 629)
"""Positions of GIMP's own buttons in the dialog."""

CANCEL = (1118, 852)
"""Position of the button beside GIMP's progress bar."""


@pytest.fixture(scope="module")
def gimp_session(bare_gimp: Gimp, _daemon: None) -> Iterator[GimpSession]:
    screen = Screen(bare_gimp)
    try:
        yield GimpSession(bare_gimp, screen)
    finally:
        screen.close()


def test_from_the_menu_to_the_layer_and_back_with_one_undo(gimp_session: GimpSession) -> None:
    screen, last_job = gimp_session.screen, gimp_session.last_job()
    screen.focus(gimp_session.image)
    screen.key("alt+r", "a")
    screen.screenshot("menu")
    screen.key("y")
    dialog = screen.window(DIALOG)
    screen.settle(2.0)  # until the gallery is filled
    screen.click(dialog, *SWIRLS)
    screen.key("alt+e", "ctrl+a", "6", "0", "Tab")
    screen.screenshot("dialog", dialog)
    screen.key("alt+p")
    preview = screen.window(PREVIEW)
    gimp_session.wait_for_steps(last_job, 60)
    screen.screenshot("preview", preview)
    screen.wait_closed(PREVIEW)
    assert gimp_session.last_job().title == "Gramarye swirls, strength 60"
    screen.wait_until(lambda: gimp_session.layer_count() == 2, "no layer")
    screen.screenshot("result")
    screen.focus(gimp_session.image)
    screen.key("ctrl+z")
    screen.wait_until(lambda: gimp_session.layer_count() == 1, "not undone")
    screen.key("ctrl+y")
    screen.wait_until(lambda: gimp_session.layer_count() == 2, "not redone")


def test_the_last_values_are_remembered_and_repeated_without_a_dialog(gimp_session: GimpSession) -> None:
    before, last_job = gimp_session.layer_count(), gimp_session.last_job()
    gimp_session.screen.focus(gimp_session.image)
    gimp_session.screen.key("ctrl+f")
    gimp_session.wait_for_steps(last_job, 20)
    gimp_session.screen.screenshot("repeat")
    assert not gimp_session.screen.windows(PREVIEW)
    gimp_session.screen.wait_until(lambda: gimp_session.layer_count() == before + 1, "no layer")
    assert gimp_session.last_job().title == "Gramarye swirls, strength 60"


def test_cancel_in_gimps_own_progress_bar_ends_the_job_and_leaves_the_image(gimp_session: GimpSession) -> None:
    before, last_job = gimp_session.layer_count(), gimp_session.last_job()
    gimp_session.screen.focus(gimp_session.image)
    gimp_session.screen.key("ctrl+f")
    gimp_session.wait_for_steps(last_job, 5)
    gimp_session.screen.click(gimp_session.image, *CANCEL)
    gimp_session.screen.wait_until(lambda: gimp_session.last_job().state == "cancelled", "not cancelled", seconds=2.0)
    assert gimp_session.layer_count() == before


def test_painting_the_layer_again_continues_its_last_painting(gimp_session: GimpSession) -> None:
    screen = gimp_session.screen
    while gimp_session.layer_count() > 1:
        before = gimp_session.layer_count()
        screen.focus(gimp_session.image)
        screen.key("ctrl+z")
        screen.wait_until(lambda before=before: gimp_session.layer_count() < before, "not undone")  # type: ignore[misc]
    last_job = gimp_session.last_job()
    dialog = gimp_session.open_dialog()
    screen.settle(2.0)
    screen.click(dialog, MORE_SETTINGS[0], MORE_SETTINGS[1] + 32)  # below the checked box
    screen.settle(1.0)
    screen.screenshot("more", dialog)
    screen.key("alt+p")
    screen.wait_closed(DIALOG)
    screen.wait_until(
        lambda: gimp_session.last_job().job != last_job.job and gimp_session.last_job().state == "done", "no painting"
    )
    assert 0 < gimp_session.last_job().total <= 35
    screen.wait_until(lambda: gimp_session.layer_count() == 2, "no layer")
    screen.focus(gimp_session.image)
    screen.key("ctrl+z")
    screen.wait_until(lambda: gimp_session.layer_count() == 1, "not undone")


def test_a_chosen_variation_is_painted_at_full_size(gimp_session: GimpSession) -> None:
    screen = gimp_session.screen
    dialog = gimp_session.open_dialog()
    screen.settle(2.0)
    screen.click(dialog, *VARIATIONS)
    sheet = screen.window("Eight variations")
    screen.wait_until(lambda: gimp_session.last_job().title.endswith(": more style, larger strokes"), "eight", 200.0)
    screen.wait_until(lambda: gimp_session.last_job().state == "done", "eight")
    screen.settle(1.0)
    screen.screenshot("variations", sheet)
    small = gimp_session.last_job()
    screen.click(sheet, *UPPER_RIGHT)
    screen.wait_closed("Eight variations")
    screen.wait_until(
        lambda: gimp_session.last_job().job != small.job and gimp_session.last_job().state == "done", "no painting"
    )
    assert gimp_session.last_job().title == "Gramarye swirls, strength 35"
    assert 0 < gimp_session.last_job().total <= 35, "it continues from the small painting"
    screen.wait_until(lambda: gimp_session.layer_count() == 2, "no layer")


def remembered(session: GimpSession) -> dict[str, Any]:
    """Return the arguments that the plugin remembers."""
    found: dict[str, Any] = json.loads((session.gimp.profile / "gramarye-settings.json").read_text("utf-8"))
    return found


def cancelled_dialog(session: GimpSession) -> dict[str, Any]:
    """Press Cancel in the dialog, and return the arguments that it had."""
    session.screen.key("Escape")
    session.screen.wait_closed(DIALOG, seconds=20.0)
    return remembered(session)


def set_strength(session: GimpSession, digits: str) -> None:
    session.screen.key("alt+e", "ctrl+a", *digits, "Tab")


@pytest.mark.parametrize("has_region", [False, True])
def test_settings_are_saved_loaded_and_reset(gimp_session: GimpSession, has_region: bool) -> None:
    screen = gimp_session.screen
    if has_region:
        region = json.dumps([{"layer": "harbour.png", "style": "swirls", "weight": 1.0}])
        file = gimp_session.gimp.profile / "gramarye-settings.json"
        file.write_text(json.dumps({**remembered(gimp_session), "regions": region}), "utf-8")
    dialog = gimp_session.open_dialog()
    screen.settle(2.0)
    screen.click(dialog, *WAVES)
    set_strength(gimp_session, "70")
    screen.click(dialog, *SAVE)
    set_strength(gimp_session, "20")
    screen.click(dialog, *SWIRLS)
    screen.click(dialog, *LOAD)
    screen.settle(1.0)
    screen.screenshot(f"loaded-{has_region}", dialog)
    loaded = cancelled_dialog(gimp_session)
    assert (loaded["style"], loaded["strength"], bool(loaded["regions"])) == ("waves", 70, has_region)
    dialog = gimp_session.open_dialog()
    screen.settle(2.0)
    screen.click(dialog, *RESET)
    screen.settle(1.0)
    screen.screenshot(f"reset-{has_region}")
    screen.click(dialog, *FACTORY_DEFAULTS)
    screen.settle(1.0)
    screen.screenshot(f"reset-done-{has_region}", dialog)
    found = cancelled_dialog(gimp_session)
    assert (found["strength"], found["regions"] or "") == (50, "")


def test_a_cancelled_painting_forgets_no_settings(gimp_session: GimpSession) -> None:
    screen, last_job = gimp_session.screen, gimp_session.last_job()
    dialog = gimp_session.open_dialog()
    screen.settle(2.0)
    screen.click(dialog, *WAVES)
    set_strength(gimp_session, "80")
    screen.key("alt+p")
    screen.window(PREVIEW)
    gimp_session.wait_for_steps(last_job, 5)
    screen.key("alt+c")
    screen.wait_closed(PREVIEW)
    gimp_session.open_dialog()
    screen.settle(2.0)
    found = cancelled_dialog(gimp_session)
    assert (found["style"], found["strength"]) == ("waves", 80)


def test_enter_and_closing_the_preview_end_no_painting(gimp_session: GimpSession) -> None:
    screen, last_job = gimp_session.screen, gimp_session.last_job()
    gimp_session.open_dialog()
    screen.settle(2.0)
    screen.key("alt+p")
    preview = screen.window(PREVIEW)
    gimp_session.wait_for_steps(last_job, 5)
    screen.key("Return")
    screen.settle(0.5)
    screen.close_window(preview)
    screen.settle(1.0)
    screen.screenshot("closing")
    screen.key("Return")  # go on
    screen.settle(0.5)
    assert screen.windows(PREVIEW)
    assert gimp_session.last_job().state == "running"
    screen.close_window(preview)
    screen.settle(1.0)
    screen.key("alt+c")
    screen.wait_closed(PREVIEW)
    screen.wait_until(lambda: gimp_session.last_job().state == "cancelled", "not cancelled")


@pytest.mark.parametrize("keep", [False, True])
def test_a_painting_is_stopped_or_kept(gimp_session: GimpSession, keep: bool) -> None:
    before, last_job = gimp_session.layer_count(), gimp_session.last_job()
    gimp_session.open_dialog()
    gimp_session.screen.settle(2.0)
    gimp_session.screen.key("alt+p")
    gimp_session.screen.window(PREVIEW)
    gimp_session.wait_for_steps(last_job, 5)
    gimp_session.screen.key("alt+k" if keep else "alt+c")
    gimp_session.screen.wait_closed(PREVIEW)
    gimp_session.screen.wait_until(
        lambda: gimp_session.last_job().state == ("done" if keep else "cancelled"), "not stopped"
    )
    assert gimp_session.last_job().step < gimp_session.last_job().total
    gimp_session.screen.wait_until(lambda: gimp_session.layer_count() == before + keep, "layers")


def test_without_a_daemon_the_dialog_shows_a_hint(gimp_session: GimpSession) -> None:
    backend, file = gimp_session.gimp.plugin / "backend.json", gimp_session.gimp.home.connection_file
    written, away = backend.read_text(), file.with_suffix(".away")
    backend.write_text('{"python": "/nowhere/python"}')
    file.rename(away)
    try:
        dialog = gimp_session.open_dialog()
        gimp_session.screen.settle(2.0)
        gimp_session.screen.screenshot("no-daemon", dialog)
        gimp_session.screen.key("alt+p")  # must do nothing
        away.rename(file)
        gimp_session.screen.key("alt+t")
        gimp_session.screen.settle(2.0)
        gimp_session.screen.screenshot("again", dialog)
    finally:
        backend.write_text(written)
        if away.exists():
            away.rename(file)
    last_job = gimp_session.last_job()
    gimp_session.screen.key("alt+p")
    gimp_session.wait_for_steps(last_job)
    gimp_session.screen.window(PREVIEW)
    gimp_session.screen.key("alt+c")
    gimp_session.screen.wait_closed(PREVIEW)


@pytest.mark.parametrize(("kind", "place"), [("file", FILE_PAGE), ("layer", LAYER_PAGE)])
def test_a_picture_file_or_a_layer_as_style(gimp_session: GimpSession, kind: str, place: tuple[int, int]) -> None:
    last_job = gimp_session.last_job()
    dialog = gimp_session.open_dialog()
    gimp_session.screen.settle(2.0)
    gimp_session.screen.click(dialog, *place)
    gimp_session.screen.screenshot(f"style-{kind}", dialog)
    gimp_session.screen.key("alt+p")
    if kind == "file":  # no file is chosen, so painting is disabled
        gimp_session.screen.settle(1.0)
        assert gimp_session.screen.windows(DIALOG)
        gimp_session.screen.key("Escape")
        gimp_session.screen.wait_closed(DIALOG)
        return
    gimp_session.screen.window(PREVIEW)
    gimp_session.wait_for_steps(last_job)
    gimp_session.screen.key("alt+c")
    gimp_session.screen.wait_closed(PREVIEW)


def test_a_refusal_is_shown_in_a_message_window(gimp_session: GimpSession) -> None:
    screen = gimp_session.screen
    screen.focus(gimp_session.image)
    screen.key("alt+i", "m", "i")
    screen.settle(1.0)
    screen.key("Return")
    screen.wait_until(lambda: "Indexed" in screen.title(gimp_session.image), "not indexed")
    screen.settle(2.0)  # GIMP ignores keys while it converts
    screen.focus(gimp_session.image)
    screen.key("ctrl+alt+y")
    message = screen.window("GIMP Message")
    screen.screenshot("refusal", message)
    assert not screen.windows(DIALOG)
    screen.focus(message)
    screen.key("Return")
    screen.wait_closed("GIMP Message")
