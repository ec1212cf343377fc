"""A carrier that costs as little as it can: SendTextMessage on the wire, an answer at once, and when each text came.

The simulator checks, remembers and shows each text, which takes longer than the call; here the carrier must not be what
is measured. It runs in a process of its own: `python -m benchmarks.carrier` prints its port.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from dataclasses import dataclass
from typing import Self

from config.processes.lifeline import end_with_parent
from messaging.simulator import arrivals

_TARGET = b"sendtextmessage"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A text as it came: when its bytes reached the machine (seconds since the epoch), to whom, from which number."""

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


class _Connection:
    """The little HTTP/1.1 that boto3 and urllib speak: one request at a time, with a Content-Length."""

    def __init__(self, connection: socket.socket, log: list[tuple[float, str, str, str]]) -> None:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection = connection
        self._log = log
        self._waiting = b""

    def read(self) -> None:
        """Take what has come, and answer what is whole."""
        try:
            data, ancillary, _, _ = self._connection.recvmsg(65_536, arrivals.SPACE)
        except BlockingIOError:
            return
        except ConnectionError:
            data, ancillary = b"", []
        if not data:
            asyncio.get_running_loop().remove_reader(self._connection)
            self._connection.close()
            return
        # By the kernel: on a busy machine this process finds the time to read a little later.
        at = time.time() - arrivals.age(ancillary)
        self._waiting += data
        while (end := self._waiting.find(b"\r\n\r\n")) >= 0:
            head = self._waiting[:end].lower()
            length = _length(head)
            if len(self._waiting) < end + 4 + length:
                return
            body = self._waiting[end + 4 : end + 4 + length]
            self._waiting = self._waiting[end + 4 + length :]
            self._write(self._answer(head, body, at))

    def _write(self, answer: bytes) -> None:
        # The log of a hundred thousand texts does not fit into a socket's buffer.
        self._connection.setblocking(True)
        self._connection.sendall(answer)
        self._connection.setblocking(False)

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
    loop = asyncio.get_running_loop()
    listening = socket.create_server(("127.0.0.1", 0), backlog=256)
    listening.setblocking(False)
    arrivals.stamp(listening)

    def accept() -> None:
        connection, _ = listening.accept()
        loop.add_reader(connection, _Connection(connection, log).read)

    loop.add_reader(listening, accept)
    print(listening.getsockname()[1], flush=True)
    # It ends with whoever started it: nobody writes here, and the end of that process closes the pipe.
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    end_with_parent(os.getppid())
    asyncio.run(_serve())
