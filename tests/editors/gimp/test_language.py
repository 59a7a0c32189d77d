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
                "group": "Eine Ebenengruppe kann nicht gemalt werden."
                " Eine Ebene darin auswählen oder zuerst Ebene > Ebenengruppe zusammenfügen.",
                "pages": ["Galerie", "Bilddatei", "Ebene"],
            },
        ),
        (
            "zh_TW",
            {
                "none": "沒有選擇圖層。 請在圖層對話框中點選一個。",
                "group": "無法繪製圖層群組。 請選擇其中的圖層，或先執行「圖層 > 合併圖層群組」。",
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
