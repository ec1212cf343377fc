"""The HTTP server: one thread a connection, kept alive, answered in one write without Nagle's delay."""

from __future__ import annotations

import contextlib
import io
import socket
import socketserver
import threading
from collections.abc import Callable
from http import HTTPStatus
from queue import Empty
from typing import Any, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from messaging.simulator.arrivals import Arrivals, stamp
from messaging.simulator.hub import Feed
from messaging.simulator.messages import Answer, Request, error

BODY_BYTES = 1 << 20
LINE_BYTES = 1 << 16
REASONS = {status.value: status.phrase for status in HTTPStatus}
HEARTBEAT_SECONDS = 15.0
Application = Callable[[Request], Answer]


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    allow_reuse_address = True

    def __init__(
        self,
        address: tuple[str, int],
        application: Application,
        stopping: threading.Event,
        close_feed: Callable[[Feed], None],
    ) -> None:
        self.application = application
        self.stopping = stopping
        self.close_feed = close_feed
        self._open: set[socket.socket] = set()
        super().__init__(address, Handler)
        stamp(self.socket)

    def start(self) -> None:
        serve = threading.Thread(target=self.serve_forever, args=(0.05,), name="simulator-http", daemon=True)
        serve.start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        # Callers that are kept waiting on purpose must not keep the simulator from ending.
        for connection in list(self._open):
            _hang_up(connection)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)


class Handler(socketserver.StreamRequestHandler):
    """The little HTTP/1.1 that is needed; the standard library parses headers as e-mail, slowly."""

    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.rfile.close()
        self._arrivals = Arrivals(self.connection)
        self.rfile = io.BufferedReader(self._arrivals)

    def handle(self) -> None:
        try:
            while self._exchange(cast("Server", self.server)):
                pass
        except OSError:
            # The caller hung up in the middle: everyday life for a simulator that withholds answers.
            return

    def _exchange(self, server: Server) -> bool:
        """One request and its answer; whether the connection stays open for another."""
        line = self.rfile.readline(LINE_BYTES)
        arrived = self._arrivals.at
        if not line.strip():
            return False
        try:
            method, target, version = line.decode("latin-1").split()
            headers = self._headers()
            length = int(headers.get("content-length", "0"))
        except ValueError:
            return self._write(error(400, "This is not an HTTP request"), keep=False)
        if not 0 <= length <= BODY_BYTES or "transfer-encoding" in headers:
            return self._write(error(413, f"Send a Content-Length of at most {BODY_BYTES} bytes"), keep=False)
        if headers.get("expect", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        url = urlsplit(target)
        query = dict(parse_qsl(url.query))
        body = self.rfile.read(length)
        if len(body) < length:
            # The caller died in the middle of its request: nothing was asked.
            return False
        request = Request(method, unquote(url.path), query, headers, body, arrived)
        answer = server.application(request)
        if answer.withhold_seconds:
            server.stopping.wait(answer.withhold_seconds)
        if answer.silent or server.stopping.is_set():
            return False
        if answer.feed is not None:
            return self._stream(answer.feed, server)
        if answer.before is not None:
            answer.before()
        return self._write(answer, keep=version == "HTTP/1.1" and headers.get("connection", "").lower() != "close")

    def _headers(self) -> dict[str, str]:
        """By lower-case name."""
        headers: dict[str, str] = {}
        while (line := self.rfile.readline(LINE_BYTES)) not in (b"\r\n", b"\n", b""):
            name, colon, value = line.decode("latin-1").partition(":")
            if not colon or len(headers) > 100:
                raise ValueError("malformed header")
            headers[name.lower()] = value.strip()
        return headers

    def _write(self, answer: Answer, *, keep: bool) -> bool:
        lines = [
            f"HTTP/1.1 {answer.status} {REASONS.get(answer.status, 'Unknown')}",
            f"Content-Type: {answer.content_type}",
            f"Content-Length: {len(answer.body)}",
            *(f"{name}: {value}" for name, value in answer.headers.items()),
        ]
        if not keep:
            lines.append("Connection: close")
        self.wfile.write("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + answer.body)
        return keep

    def _stream(self, feed: Feed, server: Server) -> bool:
        try:
            self.wfile.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
                b"Connection: close\r\n\r\nretry: 1000\n\n"
            )
            while not server.stopping.is_set():
                try:
                    line = feed.get(timeout=HEARTBEAT_SECONDS)
                except Empty:
                    line = ": still here\n\n"
                if line is None:
                    break
                self.wfile.write(line.encode())
        finally:
            server.close_feed(feed)
        return False


def _hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
