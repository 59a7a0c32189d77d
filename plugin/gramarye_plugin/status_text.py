"""Status sentences for the connection and for a painting, and the help button that goes with each."""

from __future__ import annotations

import enum
from typing import Callable, NamedTuple, Optional

from gramarye_protocol.jobs import QUEUED, JobView
from gramarye_protocol.messages import Refused

from .network_choices import DRAFT
from .session import ConnectionState, Session


class HelpAction(enum.Enum):
    """What the help button does; the value is its label."""

    NOTHING = ""
    START = "Start"
    CONFIGURE = "Set up"
    WEIGHTS = "Install weights"


class StatusMessage(NamedTuple):
    """A sentence for the user, and the help action to offer."""

    sentence: str
    help: HelpAction = HelpAction.NOTHING


HELP_ACTIONS = {
    "backend-missing": HelpAction.CONFIGURE,
    "daemon-start": HelpAction.CONFIGURE,
    "unknown-network": HelpAction.WEIGHTS,
    "no-daemon": HelpAction.START,
    "daemon-lost": HelpAction.START,
}


def connection_message(
    session: Session, is_starting: bool, last_refusal: Optional[Refused] = None, tr: Callable[[str], str] = str
) -> StatusMessage:
    """Return the connection's status; ``last_refusal`` says why finding or starting a daemon failed."""
    if session.connection_state is ConnectionState.READY:
        has_draft_alone = session.welcome is not None and session.welcome.networks == (DRAFT,)
        if has_draft_alone:
            sentence = tr("Ready, with the quick network only: VGG19 is missing or damaged.")
            return StatusMessage(sentence, HelpAction.WEIGHTS)
        return StatusMessage(tr("Ready."))
    if session.connection_state is ConnectionState.CONNECTING or is_starting:
        return StatusMessage(tr("Starting…") if is_starting else tr("Connecting…"))
    if last_refusal is not None:
        return refusal_message(last_refusal, tr)
    return StatusMessage(tr(session.reason or "The daemon is not running."), HelpAction.START)


def refusal_message(refused: Refused, tr: Callable[[str], str] = str) -> StatusMessage:
    """Return a refusal's message and hint as one text, each translated by ``tr``."""
    sentences = [tr(sentence) for sentence in (refused.message, refused.hint) if sentence]
    return StatusMessage(" ".join(sentences), HELP_ACTIONS.get(refused.code, HelpAction.NOTHING))


def job_message(view: JobView, tr: Callable[[str], str] = str) -> str:
    """Return a painting's status, e.g. "Step 40 of 180, 12 s to go". ``tr`` translates before values are inserted."""
    if view.state == QUEUED:
        waiting = tr("Waiting in the queue, {count} ahead.").format(count=view.position)
        return waiting if view.position else tr("Waiting to start.")
    if view.progress is None:
        return tr("Preparing the colours.")
    progress = view.progress
    sentence = tr("Step {step} of {total}").format(step=progress.step, total=progress.total)
    return sentence if progress.remaining < 0 else f"{sentence}, {_time_left(progress.remaining, tr)}"


def _time_left(seconds: float, tr: Callable[[str], str]) -> str:
    return tr("{duration} to go").format(duration=duration(seconds))


def duration(seconds: float) -> str:
    """Format seconds as "12 s", "3 min" or "1 h 40 min"."""
    if seconds < 100:
        return f"{round(seconds)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
