"""Private data is removed from text, and the rest is kept."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gramarye.files.redact import Redactor, redact


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("no path at all: 3/4 of it, and/or 12 / 30", "no path at all: 3/4 of it, and/or 12 / 30"),
        ("cannot read /home/anna/My Pictures/a b.png.", "cannot read …/a b.png."),
        ("[Errno 2] No such file: '/home/anna/x.kra'", "[Errno 2] No such file: '…/x.kra'"),
        ('File "/opt/py/lib/torch/nn/functional.py", line 3', 'File "…/functional.py", line 3'),
        (r"C:\Users\Anna K\Desktop\x.psd is gone", "…/x.psd is gone"),
        (r"\\server\share\x.psd is gone", "…/x.psd is gone"),
        ("~/pictures/x.png", "…/x.png"),
        ("file:///home/anna/x.png", "file://…/x.png"),
        ("tcp://127.0.0.1:4242 listens", "tcp://127.0.0.1:4242 listens"),
        ("key " + "0123456789abcdef" * 4 + " of job 0123456789ab", "key <key> of job 0123456789ab"),
    ],
)
def test_paths_are_cut_to_the_last_part_and_keys_go(text: str, left: str) -> None:
    assert redact(text) == left


NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="/\\\"'<>|\n\r", exclude_categories=("C", "Z")), min_size=1
)


@given(st.lists(NAMES.filter(lambda name: len(name) > 3), min_size=1, max_size=5))
def test_no_folder_of_a_path_is_left(folders: list[str]) -> None:
    left = redact("reading '/" + "/".join(folders) + "/x.png' failed")
    assert left == "reading '…/x.png' failed"


def test_given_words_and_names_of_pictures_are_removed_everywhere() -> None:
    redactor = Redactor({"anna": "<user>", "Anna's wedding": "<title>", "  ": "<blank>"})
    assert redactor.text("Anna's Wedding by ANNA, not by Annabel") == "<title> by <user>, not by Annabel"
    assert redactor.text("a style: 'My Secret.kra' and (b).PNG") == "a style: '<picture>'<picture>"
    assert redactor.value({"anna": ["of anna", 3, None, {"x": "anna+anna"}]}) == {
        "anna": ["of <user>", 3, None, {"x": "<user>+<user>"}]
    }


def test_without_words_paths_are_still_removed() -> None:
    assert Redactor({}).text("plain words of /a/b: it failed") == "plain words of <path>: it failed"


@given(st.text())
def test_redaction_is_idempotent(text: str) -> None:
    assert redact(redact(text)) == redact(text)


def test_names_of_source_files_are_kept() -> None:
    redactor = Redactor({"/home/anna": "<home>"})
    written = redact("at /srv/a b/c d: 'x', File \"/home/anna/p.py\", line 3, in /home/anna/one")
    assert redactor.text(written) == "at <path>: 'x', File \"p.py\", line 3, in <path>"
    assert redactor.text("/home/anna and /home/anna/one") == "<home> and <home><path>"
