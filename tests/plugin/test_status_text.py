"""Status sentences of the docker and the dialog."""

from __future__ import annotations

import pytest

from gramarye_plugin.session import ConnectionState, Session
from gramarye_plugin.status_text import HelpAction, connection_message, duration, job_message, refusal_message
from gramarye_protocol.jobs import RUNNING, JobView
from gramarye_protocol.messages import Progress, Refused, Welcome


def session(connection_state: ConnectionState, reason: str = "") -> Session:
    made = Session("test", lambda: None, lambda _event: None)
    made.connection_state, made.reason = connection_state, reason
    return made


def test_every_connection_state_has_its_sentence_and_button() -> None:
    missing = Refused("backend-missing", "Not installed.", "Install it.")
    ready = session(ConnectionState.READY)
    assert connection_message(ready, False) == ("Ready.", HelpAction.NOTHING)
    ready.welcome = Welcome(1, "test", 1, 1, "painting", {}, (), networks=("draft",))
    assert connection_message(ready, False) == (
        "Ready, with the quick network only: VGG19 is missing or damaged.",
        HelpAction.WEIGHTS,
    )
    ready.welcome = Welcome(1, "test", 1, 1, "painting", {}, (), networks=("vgg19-8bit", "draft"))
    assert connection_message(ready, False) == ("Ready.", HelpAction.NOTHING)
    assert connection_message(session(ConnectionState.CONNECTING), False).sentence == "Connecting…"
    assert connection_message(session(ConnectionState.DISCONNECTED), True).sentence == "Starting…"
    assert connection_message(session(ConnectionState.DISCONNECTED), False) == (
        "The daemon is not running.",
        HelpAction.START,
    )
    assert connection_message(session(ConnectionState.DISCONNECTED, "It died."), False) == (
        "It died.",
        HelpAction.START,
    )
    assert connection_message(session(ConnectionState.DISCONNECTED), False, missing) == (
        "Not installed. Install it.",
        HelpAction.CONFIGURE,
    )


def test_a_refusals_message_and_hint_are_shown() -> None:
    assert refusal_message(Refused("layer-too-small", "Too small.", "")) == ("Too small.", HelpAction.NOTHING)
    assert refusal_message(Refused("unknown-network", "None.", "Get one.")).help is HelpAction.WEIGHTS


@pytest.mark.parametrize(
    ("view", "sentence"),
    [
        (JobView("a"), "Waiting to start."),
        (JobView("a", position=2), "Waiting in the queue, 2 ahead."),
        (JobView("a", RUNNING), "Preparing the colours."),
        (JobView("a", RUNNING, progress=Progress("a", 1, 180, 1, 3, 1.0, 1.0, -1.0)), "Step 1 of 180"),
        (JobView("a", RUNNING, progress=Progress("a", 9, 180, 1, 3, 1.0, 1.0, 12.4)), "Step 9 of 180, 12 s to go"),
    ],
)
def test_a_jobs_state_in_words(view: JobView, sentence: str) -> None:
    assert job_message(view) == sentence


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "0 s"), (99, "99 s"), (200, "3 min"), (4800, "80 min"), (6000, "1 h 40 min")]
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words
