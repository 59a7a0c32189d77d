"""The code agrees with SPEC.md: its byte-exact examples, its tables of fields and its error codes."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from gramarye_protocol.frames import Opener, seal
from gramarye_protocol.messages import EVENTS, REPLIES, REQUESTS, Message

SPEC = (Path(__file__).parents[2] / "protocol" / "SPEC.md").read_text(encoding="utf-8")
KEY = bytes(range(32))
SIGNED_AT = 1700000000.25
EXAMPLES = re.findall(r"```frames (\w+)\n(.*?)```", SPEC, re.DOTALL)


def _frames(block: str) -> list[bytes]:
    lines = [line.split(" ", 1) for line in block.splitlines()]
    return [bytes.fromhex(text) if form == "hex" else text.encode("ascii") for form, text in lines]


def test_there_are_examples_of_both_roles() -> None:
    assert {role for role, _ in EXAMPLES} == {"client", "daemon"}


@pytest.mark.parametrize(("role", "block"), EXAMPLES)
def test_examples_open_and_seal_to_the_same_bytes(role: str, block: str) -> None:
    frames = _frames(block)
    envelope = Opener(KEY, role).open(frames, SIGNED_AT + 1)
    again = seal(envelope.message, KEY, role, SIGNED_AT, envelope.reply_to, envelope.id)
    assert [bytes(frame) for frame in again] == frames


@pytest.mark.parametrize("kind", REQUESTS + REPLIES, ids=lambda kind: kind.KIND)
def test_every_request_and_reply_is_described_with_all_its_fields(kind: type[Message]) -> None:
    section = re.search(rf"^### {kind.KIND}\b.*?(?=^##)", SPEC, re.DOTALL | re.MULTILINE)
    assert section is not None
    for field in fields(kind):
        assert f"`{field.name}`" in section.group()


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.KIND)
def test_every_event_is_described_with_all_its_fields(kind: type[Message]) -> None:
    row = re.search(rf"^\| `{kind.KIND}` \|.*$", SPEC, re.MULTILINE)
    assert row is not None
    for field in fields(kind):
        assert f"`{field.name}`" in row.group()


REPOSITORY = Path(__file__).parents[2]
SOURCES = [
    *(REPOSITORY / "protocol" / "gramarye_protocol").rglob("*.py"),
    *(REPOSITORY / "backend" / "gramarye" / "daemon").rglob("*.py"),
    *(REPOSITORY / "backend" / "gramarye" / "engine").rglob("*.py"),
    *(REPOSITORY / "backend" / "gramarye" / "pixels").rglob("*.py"),
    REPOSITORY / "backend" / "gramarye" / "styles" / "known.py",
]
CODES = re.compile(r'(?:Error|Refused|Failed|Unfit|_bad|_too_large)\(\s*(?:job, )?f?"([a-z]+-[a-z-]+)"')
LOCAL = {
    "no-daemon",
    "connection-malformed",
    "connection-unsafe",
    "daemon-running",
    "runtime-folder",
    "ledger-unreadable",
    "ledger-damaged",
    "state-stuck",
    "listen-failed",
    "listen-malformed",
    "listen-without-keys",
}
"""Codes that are only used locally, before anything is sent."""


def test_every_code_that_can_be_sent_is_listed() -> None:
    table = SPEC.split("## Error codes")[1].split("## Examples")[0]
    found = {code for source in SOURCES for code in CODES.findall(source.read_text(encoding="utf-8"))}
    assert len(found) > 30
    assert sorted(code for code in found - LOCAL if f"`{code}`" not in table) == []
