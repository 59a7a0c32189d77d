"""The docker in Krita's language, with the refusals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from editors.krita.editor import Editor

pytestmark = [pytest.mark.krita, pytest.mark.timeout(400)]


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        (
            "de_DE.UTF-8",
            {
                "paint": "Malen",
                "menu": "Gramarye: in einem Stil malen...",
                "empty": "Auf Nichts & 無 ist nichts. Eine Ebene auswählen, auf der etwas ist.",
                "number": "Schritte: '0.5x' ist keine Zahl. Berichtigen oder das Feld leeren.",
            },
        ),
        (
            "zh_TW.UTF-8",
            {
                "paint": "繪製",
                "menu": "Gramarye：以風格繪製...",
                "empty": "Nichts & 無 上沒有任何內容。 請選擇有內容的圖層。",
                "number": "步數：'0.5x' 不是數字。 請更正，或清空該欄位。",
            },
        ),
    ],
)
def test_controls_and_refusals_are_in_kritas_language(editor: Editor, locale: str, expected: dict[str, str]) -> None:
    there = replace(editor, environ={**editor.environ, "LC_ALL": locale, "LANGUAGE": locale.split(".")[0]})
    assert there.run("language", language=locale.split(".")[0]) == expected
