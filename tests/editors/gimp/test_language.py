"""The dialog and the refusals in GIMP's language."""

from __future__ import annotations

from typing import Any

import pytest

from editors.gimp.conftest import Gimp
from editors.gimp.screen import Screen

pytestmark = pytest.mark.gimp


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        (
            "de_DE",
            {
                "none": "Keine Ebene ist ausgewählt. Im Ebenendialog auf eine klicken.",
                "group": "Die Ebenengruppe ist leer. Eine Ebene wählen, oder eine Gruppe mit Ebenen.",
                "pages": ["Galerie", "Bilddatei", "Ebene"],
            },
        ),
        (
            "zh_TW",
            {
                "none": "沒有選擇圖層。 請在圖層對話框中點選一個。",
                "group": "圖層群組是空的。 請選擇圖層，或含有圖層的群組。",
                "pages": ["畫廊", "圖片檔案", "圖層"],
            },
        ),
    ],
)
def test_labels_and_refusals_are_in_gimps_language(gimp: Gimp, locale: str, expected: dict[str, Any]) -> None:
    screen = Screen(gimp)
    try:
        environ = {"DISPLAY": screen.display, "LANGUAGE": locale, "LC_ALL": f"{locale}.UTF-8"}
        found = gimp.run("language", environ=environ, plugin=gimp.inside(gimp.plugin))
    finally:
        screen.close()
    assert found == expected
