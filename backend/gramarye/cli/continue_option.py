"""``--continue JOB|last``: finds the job to continue."""

from __future__ import annotations

from gramarye_protocol.jobs import DONE

from ..client import Client
from ..errors import InputError

LAST = "last"


def resolve_continue_job(client: Client, text: str) -> str:
    """Return the name of the job to continue; ``last`` selects the job that finished last.

    Errors: ``continues-unfit`` if ``last`` is given and no job is finished.
    """
    if text != LAST:
        return text
    done = [job for job in client.status().jobs if job.state == DONE]
    if not done:
        raise InputError("continues-unfit", "There is no finished painting to continue.", "Paint one first.")
    return max(done, key=lambda job: job.ended).job
