"""How things stand with the daemon, in a sentence, and the one button that helps."""

from __future__ import annotations

import enum
from typing import Callable, NamedTuple, Optional

from gramarye_protocol.jobs import QUEUED, JobView
from gramarye_protocol.messages import Refused

from .session import Session, Standing

DRAFT = "draft"
"""The network that comes with Gramarye."""


class Help(enum.Enum):
    """What the button does."""

    NOTHING = ""
    START = "Start"
    CONFIGURE = "Configure"
    WEIGHTS = "Install weights"


class Words(NamedTuple):
    """A sentence for the user and what helps."""

    sentence: str
    help: Help = Help.NOTHING


HELP_FOR = {
    "backend-missing": Help.CONFIGURE,
    "daemon-start": Help.CONFIGURE,
    "unknown-network": Help.WEIGHTS,
    "no-daemon": Help.START,
    "daemon-lost": Help.START,
}


def of_standing(session: Session, is_starting: bool, trouble: Optional[Refused] = None) -> Words:
    """The connection's; ``trouble`` is what finding or starting a daemon came to."""
    if session.standing is Standing.READY:
        has_draft_alone = session.welcome is not None and session.welcome.networks == (DRAFT,)
        return Words("Ready, with the small draft network.", Help.WEIGHTS) if has_draft_alone else Words("Ready.")
    if session.standing is Standing.GREETING or is_starting:
        return Words("Starting…" if is_starting else "Connecting…")
    if trouble is not None:
        return of_refusal(trouble)
    return Words(session.reason or "The daemon is not running.", Help.START)


def of_refusal(refused: Refused) -> Words:
    """A refusal's: what is wrong, and what to do."""
    return Words(f"{refused.message} {refused.hint}".strip(), HELP_FOR.get(refused.code, Help.NOTHING))


def of_job(view: JobView, tr: Callable[[str], str] = str) -> str:
    """A running painting's: "Step 40 of 180, 12 s to go". ``tr`` translates the sentences, before values go in."""
    if view.state == QUEUED:
        waiting = tr("Waiting in the queue, {count} ahead.").format(count=view.position)
        return waiting if view.position else tr("Waiting for the painter.")
    if view.progress is None:
        return tr("Preparing the colours.")
    progress = view.progress
    sentence = tr("Step {step} of {total}").format(step=progress.step, total=progress.total)
    return sentence if progress.remaining < 0 else f"{sentence}, {_left(progress.remaining, tr)}"


def _left(seconds: float, tr: Callable[[str], str]) -> str:
    return tr("{duration} to go").format(duration=duration(seconds))


def duration(seconds: float) -> str:
    """ "12 s", "3 min" or "1 h 20 min"."""
    if seconds < 100:
        return f"{round(seconds)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
