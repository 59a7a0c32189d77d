"""The daemon's key pair and the public keys of its clients on other machines (ZMTP CURVE, RFC 26).

The keys folder contains ``daemon.json`` and ``clients/NAME.json``. Only their owner can use the folders and files.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import zmq

from ..errors import DaemonError, InputError
from .private import make_private_folder, read_private, write_private

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

_SIGNATURE = b"gramarye signature\0"


@dataclass(frozen=True)
class KeyPair:
    """A Curve25519 key pair; each key is 40 characters of Z85 (ZeroMQ RFC 32)."""

    public: str
    secret: str


@dataclass(frozen=True)
class KnownClient:
    """An authorised client: the name that the user gave it, and its public key, 40 characters of Z85."""

    name: str
    public: str


def generate_key_pair() -> KeyPair:
    """Return a new key pair. Errors: ``curve-missing`` if libzmq was built without CURVE."""
    if not zmq.has("curve"):
        raise DaemonError("curve-missing", "This libzmq has no encryption.", "pip install -c constraints.txt pyzmq")
    public, secret = zmq.curve_keypair()
    return KeyPair(public.decode("ascii"), secret.decode("ascii"))


def signing_key(daemon: KeyPair, client: str) -> bytes:
    """Return the HMAC key, 32 bytes, for messages between the daemon and the client with this public key.

    It is HMAC-SHA256 (RFC 2104) of the client's public key under the daemon's secret key, so it need not be stored and
    cannot be computed from another client's key.
    """
    return hmac.new(daemon.secret.encode("ascii"), _SIGNATURE + client.encode("ascii"), hashlib.sha256).digest()


class KeyFolder:
    """The keys on disk. Changes apply to connections that are opened afterwards."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._clients = root / "clients"

    def daemon_pair(self) -> KeyPair:
        """Return the daemon's keys; creates them if needed. Errors: ``folder-unsafe``, ``keys-unreadable``."""
        try:
            make_private_folder(self._root)
            path = self._root / "daemon.json"
            if not path.exists():
                write_private(path, json.dumps(asdict(generate_key_pair())))
            return _pair(json.loads(read_private(path)))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _unreadable(self._root, error) from None

    def add(self, name: str) -> KeyPair:
        """Create a key pair for a client and authorise it; the secret key is not stored.

        Errors: ``client-bad-name``, ``client-exists``, ``folder-unsafe``, ``keys-unreadable``.
        """
        path = self._path(name)
        pair = generate_key_pair()
        try:
            make_private_folder(self._root)
            make_private_folder(self._clients)
            write_private(path, json.dumps({"public": pair.public}), replace=False)
        except FileExistsError:
            raise InputError(
                "client-exists",
                f"There is a client called {name}.",
                f"Choose another name, or: gramarye keys remove {name}",
            ) from None
        except OSError as error:
            raise _unreadable(self._root, error) from None
        return pair

    def remove(self, name: str) -> None:
        """Revoke a client's key. Errors: ``client-bad-name``, ``client-unknown``, ``keys-unreadable``."""
        try:
            self._path(name).unlink()
        except FileNotFoundError:
            raise InputError(
                "client-unknown", f"There is no client called {name}.", "gramarye keys list shows all clients."
            ) from None
        except OSError as error:
            raise _unreadable(self._root, error) from None

    def clients(self) -> Iterator[KnownClient]:
        """Yield the authorised clients, sorted by name; files that are damaged or open to others are skipped."""
        for path in sorted(self._clients.glob("*.json")):
            try:
                public = json.loads(read_private(path))["public"]
            except (DaemonError, OSError, ValueError, KeyError, TypeError):
                continue
            if isinstance(public, str) and len(public) == 40:
                yield KnownClient(path.stem, public)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise InputError(
                "client-bad-name",
                f"{name!r} cannot be a client's name.",
                "Use up to 64 letters, digits, dots, hyphens and underscores, starting with a letter or digit.",
            )
        return self._clients / f"{name}.json"


def _pair(data: dict[str, object]) -> KeyPair:
    pair = KeyPair(str(data["public"]), str(data["secret"]))
    if zmq.curve_public(pair.secret.encode("ascii")).decode("ascii") != pair.public:
        raise ValueError("the keys do not belong together")
    return pair


def _unreadable(root: Path, error: Exception) -> DaemonError:
    return DaemonError(
        "keys-unreadable",
        f"The keys in {root} cannot be used: {error}.",
        "Check that the folder is yours and that the disk is not full.",
    )
