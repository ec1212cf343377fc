"""A carrier that costs as little as it can: SendTextMessage on the wire, an answer at once, and when each text came.

The simulator checks, remembers and shows each text, which takes longer than the call; here the carrier must not be what
is measured. It runs in a process of its own: `python -m benchmarks.carrier` prints its port.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.request
import uuid
from dataclasses import dataclass
from typing import Self

from config.processes.lifeline import end_with_parent

_TARGET = b"sendtextmessage"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A text as it came: when (seconds since the epoch, before it was answered), to whom, from which number."""

    at: float
    destination: str
    origination: str
    body: str


class Carrier:
    """`with Carrier() as carrier: ... carrier.url, carrier.arrivals()`."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self.url = ""

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.carrier"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.url = f"http://127.0.0.1:{int(self._process.stdout.readline())}"
        return self

    def __exit__(self, *exception: object) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.communicate()

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None
        return self._process.pid

    def arrivals(self) -> list[Arrival]:
        """All texts since it was told to forget, in the order in which they came."""
        return [Arrival(*each) for each in json.loads(self._ask("log"))]

    def count(self) -> int:
        """How many they are."""
        return int(self._ask("count"))

    def forget(self) -> None:
        """Begin anew."""
        self._ask("forget")

    def _ask(self, what: str) -> bytes:
        with urllib.request.urlopen(f"{self.url}/{what}", timeout=60) as answer:  # noqa: S310 - our own address
            taken: bytes = answer.read()
        return taken


class _Connection(asyncio.Protocol):
    """The little HTTP/1.1 that boto3 and urllib speak: one request at a time, with a Content-Length."""

    def __init__(self, log: list[tuple[float, str, str, str]]) -> None:
        self._log = log
        self._waiting = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        at = time.time()
        self._waiting += data
        while (end := self._waiting.find(b"\r\n\r\n")) >= 0:
            head = self._waiting[:end].lower()
            length = _length(head)
            if len(self._waiting) < end + 4 + length:
                return
            body = self._waiting[end + 4 : end + 4 + length]
            self._waiting = self._waiting[end + 4 + length :]
            assert self._transport is not None
            self._transport.write(self._answer(head, body, at))

    def _answer(self, head: bytes, body: bytes, at: float) -> bytes:
        if head.startswith(b"post / ") and _TARGET in head:
            text = json.loads(body)
            if not isinstance(text.get("DestinationPhoneNumber"), str) or not text.get("MessageBody"):
                return _http(b'{"__type":"ValidationException","Message":"no number or no text"}', b"400 Bad Request")
            self._log.append(
                (at, text["DestinationPhoneNumber"], text.get("OriginationIdentity", ""), text["MessageBody"])
            )
            return _http(b'{"MessageId":"%s"}' % str(uuid.uuid4()).encode())
        match head.split(b" ", 2)[:2]:
            case [b"get", b"/log"]:
                return _http(json.dumps(self._log).encode())
            case [b"get", b"/count"]:
                return _http(str(len(self._log)).encode())
            case [b"get", b"/forget"]:
                self._log.clear()
                return _http(b"{}")
        return _http(b'{"__type":"UnknownOperationException"}', b"400 Bad Request")


def _length(head: bytes) -> int:
    at = head.find(b"\r\ncontent-length:")
    return int(head[at + 17 :].split(b"\r\n", 1)[0]) if at >= 0 else 0


def _http(body: bytes, status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: %d\r\n\r\n%s" % (
        status,
        len(body),
        body,
    )


async def _serve() -> None:
    log: list[tuple[float, str, str, str]] = []
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(log), "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    # It ends with whoever started it: nobody writes here, and the end of that process closes the pipe.
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    end_with_parent(os.getppid())
    asyncio.run(_serve())
