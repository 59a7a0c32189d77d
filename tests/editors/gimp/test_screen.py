"""The filter as it is used: menu, dialog, preview, result, undo; on a screen, with keys and clicks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from editors.gimp.conftest import Gimp
from editors.gimp.screen import Screen
from editors.gimp.session import DIALOG, PREVIEW, Desk

pytestmark = [pytest.mark.gimp, pytest.mark.timeout(240)]

SWIRLS = (91, 295)
"""Where that style is in the dialog."""

FILE_PAGE, LAYER_PAGE = (291, 41), (413, 41)
"""Where the dialog's other pages are called."""

MORE_SETTINGS = (635, 279)
"""Where that opens in the dialog."""

VARIATIONS = (930, 522)
UPPER_RIGHT = (594, 90)
"""Where the button for variations is, and on their sheet one of larger strokes and more of the layer."""

CANCEL = (1118, 852)
"""Where the button beside GIMP's progress bar is."""


@pytest.fixture(scope="module")
def desk(bare_gimp: Gimp, _daemon: None) -> Iterator[Desk]:
    screen = Screen(bare_gimp)
    try:
        yield Desk(bare_gimp, screen)
    finally:
        screen.close()


def test_from_the_menu_to_the_layer_and_back_with_one_undo(desk: Desk) -> None:
    screen, last = desk.screen, desk.last()
    screen.focus(desk.image)
    screen.key("alt+r", "a")
    screen.shoot("menu")
    screen.key("y")
    dialog = screen.window(DIALOG)
    screen.settle(2.0)  # until the gallery is there
    screen.click(dialog, *SWIRLS)
    screen.key("alt+e", "ctrl+a", "6", "0", "Tab")
    screen.shoot("dialog", dialog)
    screen.key("alt+p")
    preview = screen.window(PREVIEW)
    desk.steps_after(last, 60)
    screen.shoot("preview", preview)
    screen.gone(PREVIEW)
    assert desk.last().title == "Gramarye swirls, strength 60"
    screen.until(lambda: desk.layers() == 2, "no layer")
    screen.shoot("result")
    screen.focus(desk.image)
    screen.key("ctrl+z")
    screen.until(lambda: desk.layers() == 1, "not undone")
    screen.key("ctrl+y")
    screen.until(lambda: desk.layers() == 2, "not redone")


def test_the_last_values_are_remembered_and_repeated_without_a_dialog(desk: Desk) -> None:
    before, last = desk.layers(), desk.last()
    desk.screen.focus(desk.image)
    desk.screen.key("ctrl+f")
    desk.steps_after(last, 20)
    desk.screen.shoot("repeat")
    assert not desk.screen.windows(PREVIEW)
    desk.screen.until(lambda: desk.layers() == before + 1, "no layer")
    assert desk.last().title == "Gramarye swirls, strength 60"


def test_cancel_in_gimps_own_progress_bar_ends_the_job_and_leaves_the_image(desk: Desk) -> None:
    before, last = desk.layers(), desk.last()
    desk.screen.focus(desk.image)
    desk.screen.key("ctrl+f")
    desk.steps_after(last, 5)
    desk.screen.click(desk.image, *CANCEL)
    desk.screen.until(lambda: desk.last().state == "cancelled", "not cancelled", seconds=2.0)
    assert desk.layers() == before


def test_the_layer_painted_again_goes_on_from_its_last_painting(desk: Desk) -> None:
    screen = desk.screen
    while desk.layers() > 1:
        before = desk.layers()
        screen.focus(desk.image)
        screen.key("ctrl+z")
        screen.until(lambda before=before: desk.layers() < before, "not undone")  # type: ignore[misc]
    last = desk.last()
    dialog = desk.choose_filter()
    screen.settle(2.0)
    screen.click(dialog, MORE_SETTINGS[0], MORE_SETTINGS[1] + 32)  # below the box that is ticked
    screen.settle(1.0)
    screen.shoot("more", dialog)
    screen.key("alt+p")
    screen.gone(DIALOG)
    screen.until(lambda: desk.last().job != last.job and desk.last().state == "done", "no painting")
    assert 0 < desk.last().total <= 35
    screen.until(lambda: desk.layers() == 2, "no layer")
    screen.focus(desk.image)
    screen.key("ctrl+z")
    screen.until(lambda: desk.layers() == 1, "not undone")


def test_one_of_eight_small_ones_is_painted_at_full_size(desk: Desk) -> None:
    screen = desk.screen
    dialog = desk.choose_filter()
    screen.settle(2.0)
    screen.click(dialog, *VARIATIONS)
    sheet = screen.window("Eight small ones")
    screen.until(lambda: desk.last().title.endswith(": more style, larger strokes"), "eight")
    screen.until(lambda: desk.last().state == "done", "eight")
    screen.settle(1.0)
    screen.shoot("variations", sheet)
    small = desk.last()
    screen.click(sheet, *UPPER_RIGHT)
    screen.gone("Eight small ones")
    screen.until(lambda: desk.last().job != small.job and desk.last().state == "done", "no painting")
    assert desk.last().title == "Gramarye swirls, strength 35"
    assert 0 < desk.last().total <= 35, "it goes on from the small one"
    screen.until(lambda: desk.layers() == 2, "no layer")


@pytest.mark.parametrize("keep", [False, True])
def test_a_painting_is_stopped_or_kept(desk: Desk, keep: bool) -> None:
    before, last = desk.layers(), desk.last()
    desk.choose_filter()
    desk.screen.settle(2.0)
    desk.screen.key("alt+p")
    desk.screen.window(PREVIEW)
    desk.steps_after(last, 5)
    desk.screen.key("alt+k" if keep else "alt+c")
    desk.screen.gone(PREVIEW)
    desk.screen.until(lambda: desk.last().state == ("done" if keep else "cancelled"), "not stopped")
    assert desk.last().step < desk.last().total
    desk.screen.until(lambda: desk.layers() == before + keep, "layers")


def test_without_a_daemon_the_dialog_says_what_to_do(desk: Desk) -> None:
    backend, file = desk.gimp.plugin / "backend.json", desk.gimp.home.connection_file
    written, away = backend.read_text(), file.with_suffix(".away")
    backend.write_text('{"python": "/nowhere/python"}')
    file.rename(away)
    try:
        dialog = desk.choose_filter()
        desk.screen.settle(2.0)
        desk.screen.shoot("no-daemon", dialog)
        desk.screen.key("alt+p")  # must do nothing
        away.rename(file)
        desk.screen.key("alt+t")
        desk.screen.settle(2.0)
        desk.screen.shoot("again", dialog)
    finally:
        backend.write_text(written)
        if away.exists():
            away.rename(file)
    last = desk.last()
    desk.screen.key("alt+p")
    desk.steps_after(last)
    desk.screen.window(PREVIEW)
    desk.screen.key("alt+c")
    desk.screen.gone(PREVIEW)


@pytest.mark.parametrize(("kind", "place"), [("file", FILE_PAGE), ("layer", LAYER_PAGE)])
def test_other_styles_than_the_gallerys(desk: Desk, kind: str, place: tuple[int, int]) -> None:
    last = desk.last()
    dialog = desk.choose_filter()
    desk.screen.settle(2.0)
    desk.screen.click(dialog, *place)
    desk.screen.shoot(f"style-{kind}", dialog)
    desk.screen.key("alt+p")
    if kind == "file":  # none is chosen: there is nothing to paint with
        desk.screen.settle(1.0)
        assert desk.screen.windows(DIALOG)
        desk.screen.key("Escape")
        desk.screen.gone(DIALOG)
        return
    desk.screen.window(PREVIEW)
    desk.steps_after(last)
    desk.screen.key("alt+c")
    desk.screen.gone(PREVIEW)


def test_what_cannot_be_painted_is_said_on_the_screen(desk: Desk) -> None:
    screen = desk.screen
    screen.focus(desk.image)
    screen.key("alt+i", "m", "i")
    screen.settle(1.0)
    screen.key("Return")
    screen.until(lambda: "Indexed" in screen.title(desk.image), "not indexed")
    screen.settle(2.0)  # it takes no keys while it converts
    screen.focus(desk.image)
    screen.key("ctrl+alt+y")
    message = screen.window("GIMP Message")
    screen.shoot("refusal", message)
    assert not screen.windows(DIALOG)
    screen.focus(message)
    screen.key("Return")
    screen.gone("GIMP Message")
