"""The keys folder: matching key pairs, owner-only files, names that cannot leave the folder."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest
import zmq

from gramarye.access.curve import KeyFolder, generate_key_pair, signing_key
from gramarye.errors import DaemonError, InputError


@pytest.fixture
def folder(tmp_path: Path) -> KeyFolder:
    return KeyFolder(tmp_path / "keys")


def test_the_daemons_key_pair_is_created_once_and_matches(folder: KeyFolder) -> None:
    pair = folder.daemon_pair()
    assert folder.daemon_pair() == pair
    assert zmq.curve_public(pair.secret.encode()).decode() == pair.public


@pytest.mark.skipif(sys.platform == "win32", reason="Windows protects folders by access lists")
def test_all_files_are_owner_only_and_no_client_secret_is_stored(folder: KeyFolder, tmp_path: Path) -> None:
    folder.daemon_pair()
    laptop = folder.add("laptop")
    paths = [tmp_path / "keys", *(tmp_path / "keys").rglob("*")]
    assert len(paths) == 4
    for path in paths:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
        assert path.is_dir() or laptop.secret not in path.read_text()


def test_clients_are_added_and_removed_by_name(folder: KeyFolder) -> None:
    pairs = {name: folder.add(name) for name in ("tablet", "laptop")}
    assert {client.name: client.public for client in folder.clients()} == {n: p.public for n, p in pairs.items()}
    with pytest.raises(InputError) as caught:
        folder.add("laptop")
    assert caught.value.code == "client-exists"
    folder.remove("laptop")
    assert [client.name for client in folder.clients()] == ["tablet"]
    with pytest.raises(InputError) as caught:
        folder.remove("laptop")
    assert caught.value.code == "client-unknown"


@pytest.mark.parametrize("name", ["", "..", "../daemon", "a/b", "/etc/passwd", ".hidden", "a\0b", "x" * 65, "a\n"])
def test_a_name_that_leaves_the_folder_is_refused(folder: KeyFolder, name: str) -> None:
    folder.daemon_pair()
    for action in (folder.add, folder.remove):
        with pytest.raises(InputError) as caught:
            action(name)
        assert caught.value.code == "client-bad-name"


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"public": 7}', '{"public": "short"}'])
def test_a_damaged_client_file_is_skipped(folder: KeyFolder, tmp_path: Path, text: str) -> None:
    folder.add("laptop")
    broken = tmp_path / "keys" / "clients" / "broken.json"
    broken.write_text(text)
    broken.chmod(0o600)
    assert [client.name for client in folder.clients()] == ["laptop"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows protects folders by access lists")
def test_a_client_file_that_others_can_write_is_skipped(folder: KeyFolder, tmp_path: Path) -> None:
    folder.add("laptop")
    (tmp_path / "keys" / "clients" / "laptop.json").chmod(0o666)
    assert list(folder.clients()) == []


@pytest.mark.parametrize("text", ["", "[]", '{"public": "x", "secret": "y"}'])
def test_a_damaged_key_pair_is_refused(folder: KeyFolder, tmp_path: Path, text: str) -> None:
    folder.daemon_pair()
    (tmp_path / "keys" / "daemon.json").write_text(text)
    with pytest.raises(DaemonError) as caught:
        folder.daemon_pair()
    assert caught.value.code == "keys-unreadable"


def test_each_client_has_its_own_signing_key() -> None:
    daemon, first, second = generate_key_pair(), generate_key_pair(), generate_key_pair()
    keys = {signing_key(daemon, first.public), signing_key(daemon, second.public), signing_key(first, second.public)}
    assert len(keys) == 3
    assert {len(key) for key in keys} == {32}
    assert signing_key(daemon, first.public) in keys
