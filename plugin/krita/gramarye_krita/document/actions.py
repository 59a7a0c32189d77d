"""Triggers Krita's own actions, as a click on their menu entries would."""

from __future__ import annotations

from typing import Any

from krita import Krita


def trigger(document: Any, name: str) -> None:
    """Trigger an action of Krita, and wait until the document in front, ``document``, is no longer busy with it.

    Krita updates later which actions are enabled, but Qt 6 ignores a disabled one.
    """
    document.waitForDone()  # Krita ignores undo while it redraws
    action = Krita.instance().action(name)
    action.setEnabled(True)
    action.trigger()
    document.waitForDone()
