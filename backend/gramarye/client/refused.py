"""What the daemon refused, as the error that its reader should catch."""

from __future__ import annotations

from gramarye_protocol.messages import Refused

from ..errors import DaemonError, GramaryeError, JobError, RefusedError, WeightsError

_DAEMON_PREFIXES = ("message-", "requests-", "version-", "queue-", "spool-", "daemon-", "internal-")
"""How the codes begin that tell of the connection or the daemon, not of what was asked."""

_WEIGHTS_PREFIXES = ("no-network", "unknown-network", "weights-")
_JOB_PREFIXES = ("job-",)


def error_from_refusal(refused: Refused) -> GramaryeError:
    """The error of a refusal, under its own code: of the daemon, the weights, the job, or else the input."""
    kinds: tuple[tuple[tuple[str, ...], type[GramaryeError]], ...] = (
        (_DAEMON_PREFIXES, DaemonError),
        (_WEIGHTS_PREFIXES, WeightsError),
        (_JOB_PREFIXES, JobError),
    )
    kind = next((kind for prefixes, kind in kinds if refused.code.startswith(prefixes)), RefusedError)
    return kind(refused.code, refused.message, refused.hint)
