"""One published file over HTTP: resumed where it broke off, and verified before anyone reads it.

urllib rather than a library: one file at a time, over HTTPS, through the system's proxies and certificates, is
what it does; resuming (RFC 9110, section 14) and verifying would be ours with any other client too.
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
from .manifest import Release
from .read import compute_digests, is_web_page, read_first_bytes

Progress = Callable[[int, int], None]
"""Called with the bytes that are here and the bytes in all (0: not told)."""

MAX_SIZE = 1 << 30
"""Bytes at which a download is given up: VGG19 with its classifier is 575 MB."""

_CHUNK = 1 << 18
_TIMEOUT = 30.0
"""Seconds without a byte after which a connection counts as lost."""

_MAX_CONNECTIONS = 5
"""Connections that may be lost in one call, as long as each brought something."""


def download(release: Release, address: str, part: Path, progress: Progress) -> None:
    """Complete the file ``part`` from ``address``, beginning with what it holds, and verify it.

    A file that was begun earlier and proves wrong is fetched once more from the start; what is wrong then is
    deleted. Errors: ``fetch-address``, ``fetch-offline``, ``fetch-http``, ``fetch-interrupted``,
    ``weights-checksum``, ``weights-unwritable``.
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
    """HTTPS, or plain HTTP on this machine where ``loopback`` allows it. Errors: ``fetch-address``."""
    parts = urllib.parse.urlsplit(address)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and loopback and _is_loopback(parts.hostname or ""):
        return
    hint = "Give an address that begins with https://, or download it yourself: gramarye weights import FILE"
    raise WeightsError("fetch-address", f"{address} is not an encrypted address.", hint)


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to encrypted addresses; from this machine also to this machine."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Refuse the rest. Errors: ``fetch-address``."""
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
        "Run the command again: it goes on where it stopped.",
    )


def _receive(release: Release, address: str, part: Path, progress: Progress) -> bool:
    """One connection's worth; whether the file is whole now."""
    bytes_received = _size(part)
    if release.size and bytes_received >= release.size:
        return True  # whole, or wrong: its checksum tells
    response = _open(address, bytes_received)
    if response is None:  # the range begins at or beyond the end
        return True
    with response:
        resumed = response.status == http.HTTPStatus.PARTIAL_CONTENT
        if resumed and not re.match(rf"bytes {bytes_received}-", response.headers.get("Content-Range", "")):
            raise _http_error(address, "it sent another part of the file than was asked for")
        offset = bytes_received if resumed else 0
        length = response.length or 0  # what Content-Length says, if it says a number
        total = offset + length if length else release.size
        _check_response(release, address, response, total)
        return _write_response(response, address, part, offset, total, progress)


def _open(address: str, bytes_received: int) -> http.client.HTTPResponse | None:
    """The answer to a request for the bytes from ``bytes_received`` on; None where there are none."""
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
    """Refuse what cannot be the file, before it is received."""
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
                    raise _http_error(address, "it does not end")
    except OSError as error:
        raise unwritable(part.parent, error) from error
    return done >= total


def _read_chunk(response: http.client.HTTPResponse) -> bytes:
    """What has come; nothing at the end, and where the connection is lost."""
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
    return WeightsError("fetch-http", f"{address} does not give the file: {what}.", hint)


def _web_page(address: str) -> WeightsError:
    return _http_error(address, "it answered with a web page")


def _checksum_error(release: Release, address: str) -> WeightsError:
    return WeightsError(
        "weights-checksum",
        f"What {_host(address)} sent is not the published {release.file}: its checksum differs.",
        "It was deleted. Try again, or another address with --url.",
    )
