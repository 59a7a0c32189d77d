"""Errors that users see: each has a stable code, a message of one sentence, and a hint."""

from __future__ import annotations

from typing import ClassVar


class GramaryeError(Exception):
    """Base class of the errors that users see.

    ``code`` is stable across releases (scripts match on it). ``message`` is one sentence that says what is wrong.
    ``hint`` says what to do about it; it may be empty. ``exit_status`` is the exit status of the command line.
    """

    exit_status: ClassVar[int] = 1

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[type[GramaryeError], tuple[str, str, str]]:
        return type(self), (self.code, self.message, self.hint)


class InputError(GramaryeError):
    """A picture, layer or recipe that cannot be painted."""

    exit_status = 3


class RefusedError(GramaryeError):
    """A well-formed request that the daemon refuses because of its recipe, style or layer."""

    exit_status = 3


class WeightsError(GramaryeError):
    """A network that is missing, damaged or not what it claims to be."""

    exit_status = 4


class DaemonError(GramaryeError):
    """The daemon cannot be started, reached or understood."""

    exit_status = 5


class JobError(GramaryeError):
    """An accepted job that ended without a painting."""

    exit_status = 6


class DeviceError(GramaryeError):
    """The device is out of memory, was lost, or does not exist."""

    exit_status = 7
