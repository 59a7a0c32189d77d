"""Converts a refusal from the daemon to an exception."""

from __future__ import annotations

from gramarye_protocol.messages import Refused

from ..errors import DaemonError, GramaryeError, JobError, RefusedError, WeightsError

_DAEMON_PREFIXES = ("message-", "requests-", "version-", "queue-", "spool-", "daemon-", "internal-")
"""Prefixes of the codes that concern the connection or the daemon, not the content of the request."""

_WEIGHTS_PREFIXES = ("no-network", "unknown-network", "weights-")
_JOB_PREFIXES = ("job-",)


def error_from_refusal(refused: Refused) -> GramaryeError:
    """Return the exception for a refusal, with the same code.

    The prefix of the code selects the class: `DaemonError`, `WeightsError` or `JobError`; otherwise `RefusedError`.
    """
    kinds: tuple[tuple[tuple[str, ...], type[GramaryeError]], ...] = (
        (_DAEMON_PREFIXES, DaemonError),
        (_WEIGHTS_PREFIXES, WeightsError),
        (_JOB_PREFIXES, JobError),
    )
    kind = next((kind for prefixes, kind in kinds if refused.code.startswith(prefixes)), RefusedError)
    return kind(refused.code, refused.message, refused.hint)
