"""Another system on this machine: takes events, answers as it is told, and remembers what came."""

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPMessage, parse_headers
from io import BufferedReader
from typing import Any


@dataclass(frozen=True)
class Got:
    """A request as it came."""

    line: str
    headers: HTTPMessage
    body: bytes

    @property
    def event_id(self) -> str:
        return str(self.headers["webhook-id"])

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


Script = Callable[[socket.socket, Got], None]


def answer(status: str = "204 No Content", content: bytes = b"", *headers: str) -> Script:
    """A whole answer."""
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", *headers, "", ""])
    return lambda connection, got: connection.sendall(head.encode() + content)


def raw(content: bytes) -> Script:
    """Bytes as they are, then the end."""
    return lambda connection, got: connection.sendall(content)


def drip(content: bytes, seconds: float) -> Script:
    """One byte at a time."""

    def script(connection: socket.socket, got: Got) -> None:
        pause = threading.Event()
        for each in content:
            connection.sendall(bytes([each]))
            pause.wait(seconds)

    return script


@dataclass
class Receiver:
    """Where it listens, what it does, and what came. ``script`` may be changed at any time."""

    port: int
    script: Script = field(default_factory=answer)
    got: list[Got] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks"

    @property
    def ids(self) -> list[str]:
        return [one.event_id for one in self.got]

    @property
    def subjects(self) -> list[Any]:
        return [one.event["data"].get("n") for one in self.got]


@contextlib.contextmanager
def receiving(script: Script | None = None, *, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver, until the block ends."""
    listener = socket.create_server(("127.0.0.1", 0))
    receiver = Receiver(listener.getsockname()[1])
    if script is not None:
        receiver.script = script

    def handle(plain: socket.socket) -> None:
        with contextlib.suppress(OSError, HTTPException, ValueError), plain:
            plain.settimeout(20)
            connection = tls.wrap_socket(plain, server_side=True) if tls else plain
            with connection:
                got = _read(connection)
                if got is not None:
                    receiver.got.append(got)
                    receiver.script(connection, got)

    def accept() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            receiver.connections += 1
            threading.Thread(target=handle, args=(plain,), daemon=True).start()

    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield receiver
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        acceptor.join(5)


def _read(connection: socket.socket) -> Got | None:
    with connection.makefile("rb") as stream:
        assert isinstance(stream, BufferedReader)
        line = stream.readline().decode().strip()
        if not line:
            return None
        headers = parse_headers(stream)
        return Got(line, headers, stream.read(int(headers.get("Content-Length", 0))))
