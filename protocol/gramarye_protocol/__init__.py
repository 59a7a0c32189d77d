"""The contract between an editor and the daemon: see ``protocol/SPEC.md``.

Standard library only, Python 3.8 and later, because editors embed Pythons of many ages without pip.
"""

from __future__ import annotations

PROTOCOL_MAJOR = 1
"""Messages of another major version are refused in words (SPEC, "Versions")."""

PROTOCOL_MINOR = 0
"""A minor version only adds messages and fields, which an older peer ignores."""
