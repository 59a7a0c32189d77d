"""Whose key signs what: this user's own on loopback, each other machine's its own."""

from __future__ import annotations

from gramarye_protocol.frames import CLIENT, Opener

from ...access.curve import KeyFolder, KeyPair, signing_key

LOCAL_USER = "local"
"""The user id of whoever comes by loopback."""


class Keyring:
    """Signing keys by user id: `LOCAL_USER`, or a remote client's public key as long as the keys folder has it."""

    def __init__(self, local: bytes, remote: tuple[KeyPair, KeyFolder] | None = None) -> None:
        self._keys = {LOCAL_USER: local}
        self._openers: dict[str, Opener] = {}
        self._remote = remote

    def refresh(self) -> None:
        """Take note of the clients that were added and removed."""
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
        """The key that signs what goes to ``user``; None: nobody who may come."""
        return self._keys.get(user)

    def opener(self, user: str) -> Opener | None:
        """What checks that user's messages. One for all its connections, so that none replays another's."""
        key = self._keys.get(user)
        if key is None:
            return None
        if user not in self._openers:
            self._openers[user] = Opener(key, CLIENT)
        return self._openers[user]
