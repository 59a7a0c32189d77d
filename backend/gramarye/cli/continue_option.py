"""``--continue JOB|last``: which earlier job is meant."""

from __future__ import annotations

from gramarye_protocol.jobs import DONE

from ..client import Client
from ..errors import InputError

LAST = "last"


def resolve_continue_job(client: Client, text: str) -> str:
    """The job's name; of ``last`` the job's that was done last. Errors: ``continues-unfit`` where none was."""
    if text != LAST:
        return text
    done = [job for job in client.status().jobs if job.state == DONE]
    if not done:
        raise InputError("continues-unfit", "No painting is done that could be continued.", "Paint one first.")
    return max(done, key=lambda job: job.ended).job
