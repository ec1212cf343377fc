"""A real Redis for the tests, on a unix socket in a directory of its own."""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from config.processes import embedded_redis
from config.processes.lifeline import end_with_parent


class RedisServer:
    """`with RedisServer() as server: ... server.url`.

    Attributes:
        address: where it listens besides its socket, at port 6379; "" is nowhere. To be set before it is started.
    """

    def __init__(self) -> None:
        self._directory = Path(tempfile.mkdtemp(prefix="textback-redis-"))
        self._socket = self._directory / "redis.sock"
        self._process: subprocess.Popen[bytes] | None = None
        self.url = embedded_redis.url(self._socket)
        self.address = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        shutil.rmtree(self._directory, ignore_errors=True)

    def start(self) -> None:
        """Start it, empty, and wait until it answers."""
        here = os.getpid()
        self._process = subprocess.Popen(
            embedded_redis.arguments(self._directory, self._socket) + self._listening(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=lambda: end_with_parent(here),
        )
        if not embedded_redis.wait(self._socket, 10, lambda: time.sleep(0.01)):
            raise RuntimeError((self._directory / "redis.log").read_text())

    def _listening(self) -> list[str]:
        return ["--port", "6379", "--bind", self.address, "--protected-mode", "no"] if self.address else []

    def kill(self) -> None:
        """Kill it, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        """Kill it and start it again, empty."""
        self.kill()
        self.start()
