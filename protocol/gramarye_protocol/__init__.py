"""The protocol between a client (an editor's plugin, the command line) and the daemon: see ``protocol/SPEC.md``.

Standard library only, Python 3.8 and later, because the plugins run in the editors' embedded Pythons, without pip.

- ``pixels``: `PixelBuffer`, a rectangle of pixels
- ``messages``: every request, reply and event
- ``errors``: `ProtocolError`
- ``codec``: messages to JSON and payloads, and back
- ``frames``: signed frames
- ``connection``: the connection file
- ``jobs``: a job's state as a client sees it
- ``zmtp``: ZeroMQ's wire protocol without libzmq
"""

from __future__ import annotations

PROTOCOL_MAJOR = 1
"""Messages of another major version are refused (SPEC, "Versions")."""
