"""The keys that sign messages: one for this user on loopback, and one for each client on another machine."""

from __future__ import annotations

from gramarye_protocol.frames import CLIENT, Opener

from ...access.curve import KeyFolder, KeyPair, signing_key

LOCAL_USER = "local"
"""The user id of all clients on loopback."""


class Keyring:
    """Signing keys by user id: `LOCAL_USER`, or the public key of a remote client that is in the keys folder."""

    def __init__(self, local: bytes, remote: tuple[KeyPair, KeyFolder] | None = None) -> None:
        self._keys = {LOCAL_USER: local}
        self._openers: dict[str, Opener] = {}
        self._remote = remote

    def refresh(self) -> None:
        """Read the keys folder again, for clients that were added or removed."""
        if self._remote is None:
            return
        pair, folder = self._remote
        known = {client.public for client in folder.clients()}
        for gone in self._keys.keys() - known - {LOCAL_USER}:
            del self._keys[gone]
            self._openers.pop(gone, None)
        for public in known - self._keys.keys():
            self._keys[public] = signing_key(pair, public)

    def key(self, user: str) -> bytes | None:
        """Return the key for messages to ``user``; None if the user is not allowed to connect."""
        return self._keys.get(user)

    def opener(self, user: str) -> Opener | None:
        """Return the opener that verifies messages from ``user``; None if the user is not allowed to connect.

        All connections of a user share one, so that a message cannot be replayed on another connection.
        """
        key = self._keys.get(user)
        if key is None:
            return None
        if user not in self._openers:
            self._openers[user] = Opener(key, CLIENT)
        return self._openers[user]
