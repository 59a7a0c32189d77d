"""Every message of the protocol as a frozen dataclass (SPEC, "Body").

- ``base``: the base class, and messages of unknown kinds
- ``requests``: client to daemon
- ``replies``: daemon to client, one for each request, which the header's ``reply_to`` names
- ``events``: daemon to the clients that watch a job
"""

from __future__ import annotations

from typing import Dict, Tuple, Type

from .base import Message, Unknown
from .events import Cancelled, Done, Event, Failed, Preview, Progress, Queued, Started
from .replies import Accepted, Acknowledged, JobList, JobSummary, Refused, Result, StyleEntry, StyleList, Welcome
from .requests import (
    Cancel,
    FetchResult,
    Hello,
    ListStyles,
    Prioritise,
    Shutdown,
    Status,
    StyleInput,
    Submit,
    Watch,
    WatchOptions,
)

REQUESTS: Tuple[Type[Message], ...] = (
    Hello,
    Submit,
    Cancel,
    Prioritise,
    Status,
    FetchResult,
    ListStyles,
    Watch,
    Shutdown,
)
REPLIES: Tuple[Type[Message], ...] = (Welcome, Accepted, JobList, Result, StyleList, Acknowledged, Refused)
EVENTS: Tuple[Type[Message], ...] = (Queued, Started, Progress, Preview, Done, Failed, Cancelled)

BY_KIND: Dict[str, Type[Message]] = {message.KIND: message for message in REQUESTS + REPLIES + EVENTS}
"""Name on the wire -> class."""

__all__ = [
    "BY_KIND",
    "EVENTS",
    "REPLIES",
    "REQUESTS",
    "Accepted",
    "Acknowledged",
    "Cancel",
    "Cancelled",
    "Done",
    "Event",
    "Failed",
    "FetchResult",
    "Hello",
    "JobList",
    "JobSummary",
    "ListStyles",
    "Message",
    "Preview",
    "Prioritise",
    "Progress",
    "Queued",
    "Refused",
    "Result",
    "Shutdown",
    "Started",
    "Status",
    "StyleEntry",
    "StyleInput",
    "StyleList",
    "Submit",
    "Unknown",
    "Watch",
    "WatchOptions",
    "Welcome",
]
