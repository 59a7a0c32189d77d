"""Downloads from a real server on this machine: resumed, verified, installed; the original file is deleted."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from filelock import FileLock

from gramarye.errors import WeightsError
from gramarye.weights.download import check_address
from gramarye.weights.fetch import fetch
from gramarye.weights.importing import Imported
from gramarye.weights.manifest import manifest
from gramarye.weights.store import installed_networks, load
from support.file_server import FileServer

pytestmark = pytest.mark.usefixtures("data")


def ignore(done: int, total: int) -> None:
    """Ignore progress."""


def refusal(url: str | None) -> WeightsError:
    """Return the error of fetching from ``url``, after which nothing is installed."""
    with pytest.raises(WeightsError) as caught:
        fetch(None, url, ignore)
    assert caught.value.hint
    assert installed_networks() == []
    return caught.value


def fetched(server: FileServer) -> Imported:
    """Fetch the recommended network from ``server``."""
    return fetch(None, server.url, ignore)


def parts(cache: Path) -> list[Path]:
    """Return the unfinished downloads."""
    return list((cache / "downloads").glob("*.part"))


def begin(cache: Path, content: bytes) -> None:
    """Create an unfinished download."""
    (cache / "downloads").mkdir(parents=True)
    release = manifest()[0].releases[0]
    (cache / "downloads" / f"small-{release.md5[:8]}.part").write_bytes(content)


def test_fetch_installs_and_removes_the_original(cache: Path, published: bytes) -> None:
    told: list[tuple[int, int]] = []
    with FileServer(published) as server:
        imported = fetch("small", server.url, lambda done, total: told.append((done, total)))
    assert not imported.was_installed
    assert (imported.info.name, imported.info.source_name) == ("small", "small.h5")
    assert load(imported.info)
    assert parts(cache) == []
    assert told[0] == (0, len(published))
    assert told[-1] == (len(published), len(published))
    assert told == sorted(told)


def test_installed_network_is_not_fetched_again(published: bytes) -> None:
    with FileServer(published) as server:
        fetched(server)
        assert fetched(server).was_installed
        assert server.seen == [""]


def test_lost_connection_is_resumed_at_once(published: bytes) -> None:
    half = len(published) // 2
    with FileServer(published, breaks_after=[half, 100]) as server:
        fetched(server)
        assert server.seen == ["", f"bytes={half}-", f"bytes={half + 100}-"]


def test_interrupted_download_goes_on_next_time(cache: Path, published: bytes) -> None:
    with FileServer(published, breaks_after=[1000, 0]) as server:
        assert refusal(server.url).code == "fetch-interrupted"
        assert [part.stat().st_size for part in parts(cache)] == [1000]
        fetched(server)
        assert server.seen[-1] == "bytes=1000-"


def test_server_that_ignores_ranges_starts_over(cache: Path, published: bytes) -> None:
    begin(cache, published[:1000])
    with FileServer(published, ranges=False) as server:
        assert fetched(server).info.name == "small"
        assert server.seen == ["bytes=1000-"]


@pytest.mark.parametrize("begun", [b"x" * 1000, b"x" * 10_000_000], ids=["wrong start", "too long"])
def test_wrong_beginning_is_downloaded_again(begun: bytes, cache: Path, published: bytes) -> None:
    begin(cache, begun)
    with FileServer(published) as server:
        assert fetched(server).info.name == "small"
        assert server.seen[-1] == ""


def test_complete_download_of_an_earlier_day_needs_no_server(cache: Path, published: bytes) -> None:
    begin(cache, published)
    with FileServer(published) as server:
        assert fetched(server).info.name == "small"
        assert server.seen == []


def test_release_without_size_ends_where_the_server_says(data: Path, cache: Path, published: bytes) -> None:
    _without_size(data)
    begin(cache, published)
    with FileServer(published) as server:  # status 416: no more bytes to send
        assert fetched(server).info.name == "small"
        assert server.seen == [f"bytes={len(published)}-"]


def test_other_content_of_the_same_size_is_refused_and_deleted(cache: Path, published: bytes) -> None:
    with FileServer(published[:-1] + b"x") as server:
        assert refusal(server.url).code == "weights-checksum"
    assert parts(cache) == []


def test_other_size_is_refused_before_it_is_received(published: bytes) -> None:
    with FileServer(published + b"x") as server:
        assert f"it offers {len(published) + 1} bytes" in refusal(server.url).message


@pytest.mark.parametrize("content_type", ["text/html; charset=utf-8", "application/octet-stream"])
def test_web_page_in_place_of_the_file(content_type: str, data: Path, cache: Path) -> None:
    _without_size(data)
    with FileServer(b"<html>not here any more</html>", content_type=content_type) as server:
        error = refusal(server.url)
    assert (error.code, "web page" in error.message) == ("fetch-http", True)
    assert parts(cache) == []


@pytest.mark.parametrize("status", [403, 404, 500])
def test_refusal_by_the_server(status: int) -> None:
    with FileServer(b"", status=status) as server:
        error = refusal(server.url)
    assert (error.code, str(status) in error.message) == ("fetch-http", True)


def test_no_server() -> None:
    with FileServer(b"") as server:
        url = server.url
    assert refusal(url).code == "fetch-offline"


def test_addresses_are_tried_in_order(data: Path, published: bytes) -> None:
    with FileServer(b"", status=404) as dead, FileServer(published) as good:
        text = (data / "manifest.toml").read_text()
        changed = text.replace('["https://nowhere.invalid/small.h5"]', f'["{dead.url}", "{good.url}"]')
        (data / "manifest.toml").write_text(changed)
        manifest.cache_clear()
        assert fetch(None, None, ignore).info.name == "small"
        assert (dead.seen, good.seen) == ([""], [""])


def test_redirects(published: bytes) -> None:
    with FileServer(published) as good, FileServer(b"", redirect=good.url) as first:
        assert fetched(first).info.name == "small"


@pytest.mark.parametrize("target", ["http://example.com/x", "ftp://example.com/x"])
def test_redirect_to_an_open_address_is_refused(target: str) -> None:
    with FileServer(b"", redirect=target) as server:
        assert refusal(server.url).code in ("fetch-address", "fetch-http")


@pytest.mark.parametrize("url", ["http://example.com/x", "file:///etc/passwd", "ftp://127.0.0.1/x", "x", "https://"])
def test_open_addresses_are_refused(url: str) -> None:
    assert refusal(url).code == "fetch-address"


def test_https_does_not_redirect_to_this_machine() -> None:
    with pytest.raises(WeightsError, match="not an encrypted address"):
        check_address("http://127.0.0.1/x", loopback=False)


def test_two_downloads_at_once(cache: Path, published: bytes) -> None:
    (cache / "downloads").mkdir(parents=True)
    with FileLock(cache / "downloads" / "small.lock"), FileServer(published) as server:
        assert refusal(server.url).code == "fetch-busy"


def test_unknown_name() -> None:
    with pytest.raises(WeightsError, match="No published network is called nonesuch"):
        fetch("nonesuch", None, ignore)


def test_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "occupied").touch()
    monkeypatch.setenv("GRAMARYE_CACHE_DIR", os.fspath(tmp_path / "occupied"))
    assert refusal(None).code == "weights-unwritable"


def test_download_is_what_was_published(published: bytes) -> None:
    with FileServer(published) as server:
        info = fetched(server).info
    assert info.source_sha256 == hashlib.sha256(published).hexdigest()


def _without_size(data: Path) -> None:
    lines = (data / "manifest.toml").read_text().splitlines()
    (data / "manifest.toml").write_text("\n".join(line for line in lines if not line.strip().startswith("size")))
    manifest.cache_clear()
