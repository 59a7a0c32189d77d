"""A web server with one file and configurable faults."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import ClassVar


@dataclass
class FileServer:
    """Serves ``content`` at every path, on a free port.

    ``ranges``: whether it honours Range headers. ``breaks_after``: one entry per connection, the number of bytes after
    which it breaks off. ``status``, ``content_type``, ``redirect``: its response. ``seen``: the Range header of each
    request.
    """

    content: bytes
    ranges: bool = True
    breaks_after: list[int] = field(default_factory=list)
    status: int = 200
    content_type: str = "application/octet-stream"
    redirect: str = ""
    seen: list[str] = field(default_factory=list)

    def __enter__(self) -> FileServer:
        handler = type("Handler", (_Handler,), {"served": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """URL of the file."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/file.bin"


class _Handler(BaseHTTPRequestHandler):
    served: ClassVar[FileServer]

    def do_GET(self) -> None:
        served = self.served
        asked = self.headers.get("Range", "")
        served.seen.append(asked)
        if served.redirect or served.status != 200:
            self.send_response(302 if served.redirect else served.status)
            if served.redirect:
                self.send_header("Location", served.redirect)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and served.ranges else 0
        if start >= len(served.content) > 0:
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(served.content)}")
            self.end_headers()
            return
        rest = served.content[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Type", served.content_type)
        self.send_header("Content-Length", str(len(rest)))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(served.content) - 1}/{len(served.content)}")
        self.end_headers()
        cut = served.breaks_after.pop(0) if served.breaks_after else len(rest)
        self.wfile.write(rest[:cut])

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""
