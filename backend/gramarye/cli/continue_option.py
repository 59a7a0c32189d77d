"""``--continue JOB|last``: finds the job to continue."""

from __future__ import annotations

from gramarye_protocol.jobs import DONE

from ..client import Client
from ..errors import InputError

LAST = "last"


def resolve_continue_job(client: Client, text: str) -> str:
    """Return the job's name; for ``last``, that of the job done last. Errors: ``continues-unfit`` if none is done."""
    if text != LAST:
        return text
    done = [job for job in client.status().jobs if job.state == DONE]
    if not done:
        raise InputError("continues-unfit", "There is no finished painting to continue.", "Paint one first.")
    return max(done, key=lambda job: job.ended).job
