"""Passes: read back as written; invalid ones are refused."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from gramarye.access.curve import generate_key_pair
from gramarye.access.passes import Pass, new_pass, parse_pass
from gramarye.errors import DaemonError


@pytest.fixture(scope="module")
def access_pass() -> Pass:
    return new_pass("tcp://studio.example:7707", generate_key_pair(), generate_key_pair())


def test_a_pass_is_read_back_as_written(access_pass: Pass) -> None:
    assert parse_pass(asdict(access_pass)) == access_pass
    assert access_pass.address == ("studio.example", 7707)
    assert len(access_pass.key_bytes) == 32


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"endpoint": "ipc:///tmp/x"}, "connection-malformed"),
        ({"endpoint": "tcp://host:0"}, "connection-malformed"),
        ({"endpoint": "tcp://host:99999"}, "connection-malformed"),
        ({"endpoint": "tcp://host:7707;tcp://other:1"}, "connection-malformed"),
        ({"endpoint": 7}, "connection-malformed"),
        ({"key": "ab"}, "connection-malformed"),
        ({"server_key": "short"}, "connection-malformed"),
        ({"client_secret": None}, "connection-malformed"),
        ({"version": 2}, "version-unsupported"),
    ],
)
def test_an_invalid_pass_is_refused(access_pass: Pass, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(DaemonError) as caught:
        parse_pass({**asdict(access_pass), **changes})
    assert caught.value.code == code
    assert caught.value.hint


def test_a_pass_that_lacks_a_field_is_refused(access_pass: Pass) -> None:
    for name in asdict(access_pass):
        data = asdict(access_pass)
        del data[name]
        with pytest.raises(DaemonError):
            parse_pass(data)


@pytest.mark.parametrize("address", ["studio.example:7707", "http://studio:1", "tcp://*:7707", "tcp://h:*", "tcp://:1"])
def test_an_address_that_no_client_could_use_is_refused(address: str) -> None:
    with pytest.raises(DaemonError) as caught:
        new_pass(address, generate_key_pair(), generate_key_pair())
    assert caught.value.code == "address-malformed"
