"""What the daemon refused, as the error that its reader should catch."""

from __future__ import annotations

from gramarye_protocol.messages import Refused

from ..errors import DaemonError, GramaryeError, JobError, RefusedError, WeightsError

_DAEMONS = ("message-", "requests-", "version-", "queue-", "spool-", "daemon-", "internal-")
"""How the codes begin that tell of the connection or the daemon, not of what was asked."""

_NETWORKS = ("no-network", "unknown-network", "weights-")
_JOBS = ("job-",)


def refusal(refused: Refused) -> GramaryeError:
    """The error of a refusal, under its own code: of the daemon, the weights, the job, or else the input."""
    kinds: tuple[tuple[tuple[str, ...], type[GramaryeError]], ...] = (
        (_DAEMONS, DaemonError),
        (_NETWORKS, WeightsError),
        (_JOBS, JobError),
    )
    kind = next((kind for beginnings, kind in kinds if refused.code.startswith(beginnings)), RefusedError)
    return kind(refused.code, refused.message, refused.hint)
