"""A host: processes that reach PostgreSQL, Redis and the carrier by wires of their own and by nothing else."""

import shlex
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.processes.supervise import processes as procfile
from tests.crash import processes
from tests.hosts.wire import Address, Exchange, Listener, Piece, Wire

DATABASE, REDIS, CARRIER = "database", "redis", "carrier"
EVERYTHING = (DATABASE, REDIS, CARRIER)
_END_SECONDS = 12.0


@dataclass(frozen=True, slots=True)
class Cut:
    """A host was cut off from these servers, at this moment of both clocks, until that one."""

    host: str
    servers: tuple[str, ...]
    at: float
    steady: float
    mended_at: float = float("inf")


@dataclass(frozen=True, slots=True)
class Servers:
    """Where the one PostgreSQL, the one Redis and the one carrier are."""

    database: Address
    redis: Address
    carrier: Address


class _Trap:
    """Cuts a host off as soon as it has said certain words to the database."""

    def __init__(self, words: bytes, servers: Sequence[str]) -> None:
        self.words, self.servers = words, tuple(servers)
        self.sprung = threading.Event()
        self.at = self.steady = 0.0


class Host:
    """Some processes of the Procfile, by their names there, as on a machine of their own."""

    def __init__(self, name: str, runs: Sequence[str], exchange: Exchange, servers: Servers, called: Listener) -> None:
        """``called`` is told of everything that is said to the carrier."""
        self.name, self._runs = name, runs
        self.port = _free_port()
        self.wires: dict[str, Wire] = {
            DATABASE: exchange.wire(servers.database, listener=self._said),
            REDIS: exchange.wire(servers.redis),
            CARRIER: exchange.wire(servers.carrier, listener=called),
        }
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._trap: _Trap | None = None

    def start(self, env: Mapping[str, str], directory: Path) -> None:
        """Start its processes, each with a log of its own. From a thread that lives as long as they do."""
        carrier = f"http://127.0.0.1:{self.wires[CARRIER].port}"
        own = {name: carrier for name in env if name.startswith("AWS_ENDPOINT_URL_")} | {
            "DATABASE_URL": f"postgresql://postgres@127.0.0.1:{self.wires[DATABASE].port}/postgres",
            "REDIS_URL": f"redis://127.0.0.1:{self.wires[REDIS].port}/0",
            "PORT": str(self.port),
            "WEB_CONCURRENCY": "1",
        }
        for what in self._runs:
            words = shlex.split(procfile()[what])
            arguments = words[1:] if words[0] == "python" else ["-m", *words]
            self.processes[what] = processes.start(arguments, {**env, **own}, directory / f"{self.name}-{what}.log")

    def ask_to_end(self) -> None:
        """SIGTERM to all."""
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)

    def wait_for_end(self) -> None:
        """Wait for their end, and make an end of what does not."""
        for process in self.processes.values():
            try:
                process.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @property
    def dead(self) -> list[str]:
        """Its processes that have ended."""
        return [f"{what} of {self.name}" for what, one in self.processes.items() if one.poll() is not None]

    def cut_when_it_says(self, words: bytes, servers: Sequence[str], seconds: float) -> Cut | None:
        """Cut it off from these servers just after it has said these words to the database; None: it never did."""
        trap = self._trap = _Trap(words, servers)
        if not trap.sprung.wait(seconds):
            self._trap = None
            return None
        return Cut(self.name, trap.servers, trap.at, trap.steady)

    def mend(self) -> None:
        """Let everything through again."""
        for wire in self.wires.values():
            if wire.is_cut:
                wire.mend()

    def _said(self, piece: Piece) -> None:
        trap = self._trap
        if trap is not None and trap.words in piece.said:
            # By the thread of the wires: nothing passes between these words and the cut.
            self._trap = None
            for server in trap.servers:
                self.wires[server].cut()
            trap.at, trap.steady = time.time(), time.monotonic()
            trap.sprung.set()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
