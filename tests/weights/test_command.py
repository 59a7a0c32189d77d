"""``gramarye weights`` as a separate process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.file_server import FileServer
from support.homes import REPOSITORY
from support.weight_files import small_network, write_npz


@pytest.fixture
def run(data: Path) -> Any:
    """Run ``gramarye weights`` with the test's data package; return status, standard output and standard error."""
    path = os.pathsep.join([str(data.parent), str(REPOSITORY / "backend"), str(REPOSITORY / "protocol")])
    environ = {**os.environ, "PYTHONPATH": path, "COLUMNS": "100"}

    def run(*arguments: str) -> tuple[int, str, str]:
        command = [sys.executable, "-m", "gramarye", "weights", *arguments]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    return run


def test_list_fetch_list_verify(run: Any, published: bytes) -> None:
    status, out, _ = run("list")
    assert (status, "recommended" in out, "gramarye weights fetch small" in out) == (0, True, True)
    with FileServer(published, breaks_after=[500]) as server:
        status, out, _ = run("fetch", "--url", server.url, "--json")
        assert (status, json.loads(out)["name"], json.loads(out)["was_there"]) == (0, "small", False)
        status, out, _ = run("fetch", "small", "--url", server.url)
        assert "small is installed already: 13 convolutions through conv5_1" in out
    listing = json.loads(run("list", "--json")[1])
    assert [info["name"] for info in listing["installed"]] == ["small"]
    assert listing["available"] == listing["damaged"] == []
    assert run("verify")[1] == "small: sound\n"


def test_import_and_damage(run: Any, tmp_path: Path, cache: Path) -> None:
    write_npz(tmp_path / "n.npz", small_network("conv3_4"))
    status, out, _ = run("import", str(tmp_path / "n.npz"), "--name", "mine")
    assert status == 0
    assert "used only when named" in out
    assert json.loads(run("import", str(tmp_path / "n.npz"), "--json")[1])["was_there"]
    stored = cache / "mine.safetensors"
    stored.write_bytes(stored.read_bytes()[:-1] + b"\x01")
    status, out, _ = run("verify", "mine")
    assert (status, "weights-checksum" in out) == (4, True)
    status, out, _ = run("verify", "--json")
    assert (status, json.loads(out)["damaged"][0]["code"]) == (4, "weights-checksum")


def test_errors_are_sentences_with_a_code(run: Any, tmp_path: Path) -> None:
    (tmp_path / "vgg19.pth").write_bytes(b"<html>")
    status, out, error = run("import", str(tmp_path / "vgg19.pth"), "--json")
    assert status == 4
    assert json.loads(out)["error"]["code"] == "weights-unrecognised"
    assert "Traceback" not in error
    status, _, error = run("fetch", "--url", "http://example.com/x")
    assert (status, "[fetch-address]" in error) == (4, True)
