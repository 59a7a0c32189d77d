"""What the docker and the dialog say."""

from __future__ import annotations

import pytest

from gramarye_plugin.session import Session, Standing
from gramarye_plugin.status_text import Help, duration, of_job, of_refusal, of_standing
from gramarye_protocol.jobs import RUNNING, JobView
from gramarye_protocol.messages import Progress, Refused, Welcome


def session(standing: Standing, reason: str = "") -> Session:
    made = Session("test", lambda: None, lambda _event: None)
    made.standing, made.reason = standing, reason
    return made


def test_every_standing_has_its_sentence_and_button() -> None:
    missing = Refused("backend-missing", "Not installed.", "Install it.")
    ready = session(Standing.READY)
    assert of_standing(ready, False) == ("Ready.", Help.NOTHING)
    ready.welcome = Welcome(1, "test", 1, 1, "painting", {}, (), networks=("draft",))
    assert of_standing(ready, False).help is Help.WEIGHTS
    assert of_standing(session(Standing.GREETING), False).sentence == "Connecting…"
    assert of_standing(session(Standing.AWAY), True).sentence == "Starting…"
    assert of_standing(session(Standing.AWAY), False) == ("The daemon is not running.", Help.START)
    assert of_standing(session(Standing.AWAY, "It died."), False) == ("It died.", Help.START)
    assert of_standing(session(Standing.AWAY), False, missing) == ("Not installed. Install it.", Help.CONFIGURE)


def test_a_refusal_is_its_sentences() -> None:
    assert of_refusal(Refused("layer-too-small", "Too small.", "")) == ("Too small.", Help.NOTHING)
    assert of_refusal(Refused("unknown-network", "None.", "Get one.")).help is Help.WEIGHTS


@pytest.mark.parametrize(
    ("view", "sentence"),
    [
        (JobView("a"), "Waiting for the painter."),
        (JobView("a", position=2), "Waiting in the queue, 2 ahead."),
        (JobView("a", RUNNING), "Preparing the colours."),
        (JobView("a", RUNNING, progress=Progress("a", 1, 180, 1, 3, 1.0, 1.0, -1.0)), "Step 1 of 180"),
        (JobView("a", RUNNING, progress=Progress("a", 9, 180, 1, 3, 1.0, 1.0, 12.4)), "Step 9 of 180, 12 s to go"),
    ],
)
def test_a_jobs_state_in_words(view: JobView, sentence: str) -> None:
    assert of_job(view) == sentence


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "0 s"), (99, "99 s"), (200, "3 min"), (4800, "80 min"), (6000, "1 h 40 min")]
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words
