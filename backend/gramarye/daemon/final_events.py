"""The events that end a job, and their conversion to and from the ledger's columns."""

from __future__ import annotations

from gramarye_protocol.jobs import CANCELLED, DONE, FAILED
from gramarye_protocol.messages import Cancelled, Done, Failed

from .store.ledger import Entry
from .worker_pipe import Unfit

FinalEvent = Done | Failed | Cancelled


def stopped(job: str) -> Failed:
    """Return the failure of a job that ends because the daemon stops."""
    return Failed(job, "daemon-stopped", "The daemon stopped before this job was done.", "Paint again.")


def suspended(job: str) -> Failed:
    """Return the event for the clients of a job that the next daemon will continue; not for the ledger."""
    return Failed(
        job,
        "daemon-stopped",
        "The daemon stopped before this job was done.",
        "It continues when a daemon runs again; `gramarye jobs` lists it.",
    )


def worker_died(job: str, reason: str) -> Failed:
    """Return the failure of a job whose worker process died for ``reason`` or could not be started."""
    return Failed(
        job,
        "worker-died",
        f"The painting process died: {reason}.",
        "Paint again; if it dies again, paint a smaller picture: memory may have run out.",
    )


def device_unfit(job: str, failure: Unfit) -> Failed:
    """Return the failure of a job whose device cannot be used."""
    return Failed(job, failure.code, failure.message, failure.hint)


def final_columns(event: FinalEvent) -> dict[str, object]:
    """Return the columns of the ledger that record ``event``, without the time."""
    if isinstance(event, Done):
        return {
            "state": DONE,
            "network": event.network,
            "device": event.device,
            "steps": event.steps,
            "loss": event.loss,
            "seconds": event.seconds,
            "kept": int(event.kept),
        }
    if isinstance(event, Failed):
        return {"state": FAILED, "code": event.code, "message": event.message, "hint": event.hint}
    return {"state": CANCELLED}


def final_event(entry: Entry) -> FinalEvent:
    """Return the event that ended the job of ``entry``; its state must be final."""
    if entry.state == DONE:
        return Done(entry.job, entry.network, entry.device, entry.steps, entry.loss, entry.seconds, kept=entry.kept)
    if entry.code:
        return Failed(entry.job, entry.code, entry.message, entry.hint)
    return Cancelled(entry.job)
