"""The load generator: a process of its own that posts prepared requests, and says of each when it was due and answered.

    closed loop  so many connections, each posts the next request as soon as it has its answer: what a server can do
    open loop    so many requests a second whatever the server does, each counted from the moment at which it was *due*:
                 one that had to wait for a slow one before it has waited, and says so (no coordinated omission)

`python -m benchmarks.load FILE` does what the file says; `post` writes the file.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

# gunicorn closes what is idle for five seconds, perhaps in the very moment in which we use it.
_STALE_SECONDS = 3.0
_PATIENCE_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Answered:
    """One request: when it was due and when its answer was complete (seconds since the epoch), and the HTTP status.

    A request without an answer has status 0.
    """

    due: float
    answered: float
    status: int

    @property
    def seconds(self) -> float:
        """From the moment at which it was due, however late it left."""
        return self.answered - self.due


@dataclass(frozen=True, slots=True)
class Job:
    """What the generator is told to do. ``per_second`` None is a closed loop."""

    url: str
    bodies: Sequence[str]
    connections: int
    per_second: float | None = None


def post(job: Job) -> list[Answered]:
    """Post all of it from a process of its own; the answers are in the order of the bodies."""
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory) / "job.json"
        file.write_text(json.dumps(asdict(job)))
        seconds = _PATIENCE_SECONDS + (len(job.bodies) / job.per_second if job.per_second else len(job.bodies) / 10)
        command = [sys.executable, "-m", "benchmarks.load", str(file)]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=seconds)
    return [Answered(*each) for each in json.loads(done.stdout)]


class _Connection(asyncio.Protocol):
    """One connection that is kept: one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[int] | None = None
        self._read = b""
        self.used_at = time.monotonic()
        self.closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def request(self, data: bytes) -> asyncio.Future[int]:
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(data)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._read += data
        end = self._read.find(b"\r\n\r\n")
        if end < 0 or self._answer is None:
            return
        head = self._read[:end].lower()
        at = head.find(b"\r\ncontent-length:")
        length = int(head[at + 17 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._read) < end + 4 + length:
            return
        self._read = b""
        self.used_at = time.monotonic()
        self.closed = self.closed or b"\r\nconnection: close" in head
        answer, self._answer = self._answer, None
        answer.set_result(int(head.split(b" ", 2)[1]))

    def connection_lost(self, problem: Exception | None) -> None:
        self.closed = True
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(0)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


class _Generator:
    def __init__(self, job: Job) -> None:
        url = urlsplit(job.url)
        self._host, self._port = url.hostname or "", url.port or 80
        head = f"POST {url.path} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Type: text/plain; charset=UTF-8\r\n"
        self._requests = [
            f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in map(str.encode, job.bodies)
        ]
        self._job = job
        self._idle: list[_Connection] = []
        self._answers: list[tuple[float, float, int]] = [(0.0, 0.0, 0)] * len(self._requests)

    async def run(self) -> list[tuple[float, float, int]]:
        await (self._closed() if self._job.per_second is None else self._open(self._job.per_second))
        for connection in self._idle:
            connection.close()
        return self._answers

    async def _closed(self) -> None:
        # Connections are made before the first request is due.
        self._idle = [await self._connect() for _ in range(self._job.connections)]
        numbers = iter(range(len(self._requests)))

        async def one_after_another() -> None:
            for number in numbers:
                await self._exchange(number, time.time())

        await asyncio.gather(*(one_after_another() for _ in range(self._job.connections)))

    async def _open(self, per_second: float) -> None:
        self._idle = [await self._connect() for _ in range(self._job.connections)]
        began = time.time() + 0.1
        under_way = set()
        for number in range(len(self._requests)):
            due = began + number / per_second
            if (left := due - time.time()) > 0:
                await asyncio.sleep(left)
            task = asyncio.create_task(self._exchange(number, due))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        await asyncio.gather(*under_way)

    async def _exchange(self, number: int, due: float) -> None:
        connection = await self._connection()
        try:
            status = await asyncio.wait_for(connection.request(self._requests[number]), _PATIENCE_SECONDS / 2)
        except TimeoutError:
            connection.closed, status = True, 0
        self._answers[number] = (due, time.time(), status)
        if connection.closed:
            connection.close()
        else:
            self._idle.append(connection)

    async def _connection(self) -> _Connection:
        while self._idle:
            connection = self._idle.pop()
            if not connection.closed and time.monotonic() - connection.used_at < _STALE_SECONDS:
                return connection
            connection.close()
        return await self._connect()

    async def _connect(self) -> _Connection:
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(_Connection, self._host, self._port)
        return connection


def main(path: str) -> int:
    """Do what the file says; prints the answers as JSON."""
    job = Job(**json.loads(Path(path).read_text()))
    answers = asyncio.run(_Generator(job).run())
    print(json.dumps(answers))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
