"""Downloads one published file over HTTP: resumes partial downloads, and verifies the checksum.

Uses urllib, which supports HTTPS with the system's proxies and certificates. Other HTTP clients would also leave
resuming (RFC 9110, section 14) and verification to this module.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO

from .. import __version__
from ..errors import WeightsError
from .cache import unwritable
from .digests import compute_digests
from .manifest import Release
from .read import is_web_page, read_first_bytes

Progress = Callable[[int, int], None]
"""Called with the bytes received and the total bytes (0 if unknown)."""

MAX_SIZE = 1 << 30
"""Largest download in bytes. VGG19 with its classifier is 575 MB."""

_CHUNK = 1 << 18
_TIMEOUT = 30.0
"""Timeout in seconds for connecting and for each read."""

_MAX_CONNECTIONS = 5
"""Most connections in one call; each one must have received something for another to be tried."""


def download(release: Release, address: str, part: Path, progress: Progress) -> None:
    """Download ``address`` to the file ``part``, resuming from its current content, and verify the checksum.

    If a resumed file fails verification, it is downloaded again from the start; if that fails too, it is deleted.
    Errors: ``fetch-address``, ``fetch-offline``, ``fetch-http``, ``fetch-interrupted``, ``weights-checksum``,
    ``weights-unwritable``.
    """
    check_address(address)
    has_partial = _size(part) > 0
    _receive_all(release, address, part, progress)
    if not release.matches(compute_digests(part)) and has_partial:
        part.unlink()
        _receive_all(release, address, part, progress)
    if not release.matches(compute_digests(part)):
        web_page = is_web_page(read_first_bytes(part))
        part.unlink()
        raise _web_page(address) if web_page else _checksum_error(release, address)


def check_address(address: str, *, loopback: bool = True) -> None:
    """Require HTTPS, or HTTP to this machine if ``loopback``. Errors: ``fetch-address``."""
    parts = urllib.parse.urlsplit(address)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and loopback and _is_loopback(parts.hostname or ""):
        return
    hint = "Give an address that begins with https://, or download it yourself: gramarye weights import FILE"
    raise WeightsError("fetch-address", f"{address} is not an encrypted address.", hint)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to HTTPS addresses, and from this machine also to this machine."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Follow an allowed redirect. Errors: ``fetch-address``."""
        here = urllib.parse.urlsplit(req.full_url).hostname or ""
        check_address(newurl, loopback=_is_loopback(here))
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _receive_all(release: Release, address: str, part: Path, progress: Progress) -> None:
    for _ in range(_MAX_CONNECTIONS):
        before = _size(part)
        if _receive(release, address, part, progress):
            return
        if _size(part) <= before:
            break
    raise WeightsError(
        "fetch-interrupted",
        f"The connection to {_host(address)} was lost after {_size(part) / 1e6:.1f} MB.",
        "Run the command again: it resumes where it stopped.",
    )


def _receive(release: Release, address: str, part: Path, progress: Progress) -> bool:
    """Download over one connection; return whether the file is complete."""
    bytes_received = _size(part)
    if release.size and bytes_received >= release.size:
        return True  # complete, or wrong: the checksum will show which
    response = _open(address, bytes_received)
    if response is None:  # the range begins at or beyond the end
        return True
    with response:
        resumed = response.status == http.HTTPStatus.PARTIAL_CONTENT
        if resumed and not re.match(rf"bytes {bytes_received}-", response.headers.get("Content-Range", "")):
            raise _http_error(address, "it sent another part of the file than requested")
        offset = bytes_received if resumed else 0
        length = response.length or 0  # Content-Length, 0 if absent
        total = offset + length if length else release.size
        _check_response(release, address, response, total)
        return _write_response(response, address, part, offset, total, progress)


def _open(address: str, bytes_received: int) -> http.client.HTTPResponse | None:
    """Request the bytes from ``bytes_received`` on; return the response, None if there are no more bytes."""
    headers = {"User-Agent": f"gramarye/{__version__}", "Accept-Encoding": "identity"}
    if bytes_received:
        headers["Range"] = f"bytes={bytes_received}-"
    request = urllib.request.Request(address, headers=headers)
    try:
        response: http.client.HTTPResponse = urllib.request.build_opener(_Redirects).open(request, timeout=_TIMEOUT)
        return response
    except urllib.error.HTTPError as error:
        with error:
            if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and bytes_received:
                return None
            raise _http_error(address, f"HTTP {error.code} {error.reason}") from error
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise WeightsError(
            "fetch-offline",
            f"{_host(address)} cannot be reached: {reason}.",
            "Check the connection; or download the file elsewhere and run: gramarye weights import FILE",
        ) from error


def _check_response(release: Release, address: str, response: http.client.HTTPResponse, total: int) -> None:
    """Refuse a web page or a file of the wrong size before it is received."""
    if response.headers.get_content_type() in ("text/html", "application/xhtml+xml"):
        raise _web_page(address)
    if release.size and total != release.size:
        raise _http_error(address, f"it offers {total} bytes; the file has {release.size}")
    if total > MAX_SIZE:
        raise _http_error(address, f"it offers {total / 1e9:.1f} GB; VGG19 is 0.6 GB at most")


def _write_response(
    response: http.client.HTTPResponse, address: str, part: Path, offset: int, total: int, progress: Progress
) -> bool:
    done = offset
    try:
        with open(part, "ab" if offset else "wb") as file:
            progress(done, total)
            while chunk := _read_chunk(response):
                file.write(chunk)
                done += len(chunk)
                progress(done, total)
                if done > MAX_SIZE:
                    raise _http_error(address, "it sends more than 1 GiB")
    except OSError as error:
        raise unwritable(part.parent, error) from error
    return done >= total


def _read_chunk(response: http.client.HTTPResponse) -> bytes:
    """Return the next bytes; empty at the end or if the connection is lost."""
    try:
        return response.read1(_CHUNK)
    except (OSError, http.client.HTTPException):
        return b""


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _host(address: str) -> str:
    return urllib.parse.urlsplit(address).netloc


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _http_error(address: str, what: str) -> WeightsError:
    hint = "Try again later, or another address with --url, or: gramarye weights import FILE"
    return WeightsError("fetch-http", f"{address} did not send the file: {what}.", hint)


def _web_page(address: str) -> WeightsError:
    return _http_error(address, "it answered with a web page")


def _checksum_error(release: Release, address: str) -> WeightsError:
    return WeightsError(
        "weights-checksum",
        f"{_host(address)} did not send the published {release.file}: the checksum differs.",
        "The file was deleted. Try again, or another address with --url.",
    )
