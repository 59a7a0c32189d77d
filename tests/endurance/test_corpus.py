"""Everything that reads bytes from elsewhere takes the corpus, and what fuzzing once found, as it should."""

from __future__ import annotations

import pytest

from endurance.fuzz.outcome import run_case
from endurance.fuzz.runs import CORPUS
from endurance.fuzz.target import Target
from endurance.fuzz.targets import NAMES, load
from gramarye_protocol.errors import ProtocolError

CASES = sorted(path.relative_to(CORPUS) for path in CORPUS.glob("*/*"))


def test_every_target_has_a_corpus_and_no_other_has() -> None:
    assert {case.parts[0] for case in CASES} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_case_is_accepted_or_refused_in_words(name: str) -> None:
    target = load(name)
    found = {case.name: run_case(target, (CORPUS / case).read_bytes()) for case in CASES if case.parts[0] == name}
    assert {case: finding.trace for case, finding in found.items() if finding} == {}


@pytest.mark.parametrize("name", NAMES)
def test_the_corpus_has_all_seeds_and_most_come_through(name: str) -> None:
    target = load(name)
    seeds = target.seeds()
    assert set(seeds) <= {case.name for case in CASES if case.parts[0] == name}
    assert all(len(data) <= target.max_length for data in seeds.values())
    accepted = sum(_is_accepted(target, data) for data in seeds.values())
    assert accepted >= len(seeds) / 2


def _is_accepted(target: Target, data: bytes) -> bool:
    try:
        target.run(data)
    except target.expected_errors:
        return False
    return True


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ProtocolError("message-malformed", "It is not JSON."), None),
        (ProtocolError("internal-error", "A mistake."), "crash"),
        (ProtocolError("", "No code."), "crash"),
        (ProtocolError("message-malformed", ""), "crash"),
        (KeyError("kind"), "crash"),
        (AssertionError(), "crash"),
        (MemoryError(), "memory"),
    ],
)
def test_what_is_neither_accepted_nor_refused_in_words_is_found(error: Exception, kind: str | None) -> None:
    finding = run_case(_raising(error), b"")
    assert (finding and finding.kind) == kind


def test_a_refusal_for_want_of_memory_is_found() -> None:
    error = ProtocolError("message-malformed", "It asks for more memory than there is.")
    error.__cause__ = MemoryError()
    finding = run_case(_raising(error), b"")
    assert finding is not None
    assert finding.kind == "memory"


def test_what_takes_too_long_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("endurance.fuzz.outcome.CASE_SECONDS", -1.0)
    finding = run_case(Target("quick", len, (), dict), b"")
    assert finding is not None
    assert finding.kind == "hang"


def _raising(error: Exception) -> Target:
    def run(_: bytes) -> object:
        raise error

    return Target("raising", run, (ProtocolError,), dict)
