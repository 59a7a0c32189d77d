"""The user's own styles: adding, naming, replacing, removing, and refusals."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from gramarye.errors import GramaryeError
from gramarye.styles.known import built_in_styles, known_styles, user_styles
from gramarye.styles.user_folder import add_style, remove_style


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GRAMARYE_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data" / "styles"


def picture(path: Path, size: tuple[int, int] = (32, 24), colour: str = "teal") -> Path:
    Image.new("RGB", size, colour).save(path)
    return path


def code_of(*args: object, **options: object) -> str:
    with pytest.raises(GramaryeError) as caught:
        add_style(*args, **options)  # type: ignore[arg-type]
    assert caught.value.message
    return caught.value.code


def test_a_picture_is_kept_byte_for_byte_under_the_files_name(tmp_path: Path, folder: Path) -> None:
    source = picture(tmp_path / "My Best_Style.JPG")
    style = add_style(source)
    assert (style.name, style.path, style.is_built_in) == ("my-best-style", folder / "my-best-style.jpg", False)
    assert style.path.read_bytes() == source.read_bytes()
    assert known_styles()["my-best-style"] == style
    assert [path.name for path in folder.iterdir()] == ["my-best-style.jpg"]


@pytest.mark.parametrize("name", ["", ".hidden", "a/b", "a\\b", "..", "-x", "x" * 65, "a\nb", "x "])
def test_odd_names_are_refused(tmp_path: Path, name: str) -> None:
    assert code_of(picture(tmp_path / "a.png"), name) == "style-bad-name"


def test_a_name_is_unique_unless_replaced(tmp_path: Path, folder: Path) -> None:
    add_style(picture(tmp_path / "a.png"))
    assert code_of(picture(tmp_path / "a.jpg", colour="red")) == "style-exists"
    add_style(tmp_path / "a.jpg", replace=True)
    assert [path.name for path in folder.iterdir()] == ["a.jpg"]


def test_pictures_that_cannot_be_styles_are_refused(tmp_path: Path) -> None:
    assert code_of(tmp_path / "none.png") == "picture-missing"
    (tmp_path / "text.png").write_text("no picture")
    assert code_of(tmp_path / "text.png") == "picture-unreadable"
    assert code_of(picture(tmp_path / "small.png", (15, 64))) == "style-too-small"
    assert not user_styles()


def test_a_users_style_hides_the_built_in_one_until_removed(tmp_path: Path) -> None:
    add_style(picture(tmp_path / "a.png"), "swirls")
    assert not known_styles()["swirls"].is_built_in
    remove_style("swirls")
    assert known_styles()["swirls"] == built_in_styles()["swirls"]
    for name, code in (("swirls", "style-built-in"), ("nonesuch", "style-unknown")):
        with pytest.raises(GramaryeError) as caught:
            remove_style(name)
        assert caught.value.code == code
