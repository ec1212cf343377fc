"""A host: processes that reach PostgreSQL, Redis and the carrier by ways of their own, which can be cut."""

import shlex
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.processes.supervise import processes as procfile
from tests.crash import processes

DATABASE, REDIS, CARRIER = "database", "redis", "carrier"
EVERYTHING = (DATABASE, REDIS, CARRIER)
_END_SECONDS = 12.0


@dataclass(frozen=True, slots=True)
class Cut:
    """A host was cut off from these servers, at this moment of both clocks, until that one.

    Attributes:
        released_after: seconds after which none of its transactions was open any more; None: it cannot be seen.
    """

    host: str
    servers: tuple[str, ...]
    at: float
    steady: float
    mended_at: float = float("inf")
    released_after: float | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment in which a host that falls silent leaves much behind.

    Attributes:
        name: what it does just then.
        words: what it then says to the database.
        hold: what makes the database wait before it answers that, while somebody else has executed it.
    """

    name: str
    words: bytes
    hold: str


# A claim holds the lane and keeps all other claims waiting. Of answers that are being written down nobody else knows.
CLAIMS = Moment("claims", b"SELECT pg_advisory_xact_lock(", "SELECT pg_advisory_xact_lock(7214001)")
RECORDS = Moment(
    "writes down answers",
    b"SET status = 'sent'",
    # Waiting for none itself, it can be in no deadlock.
    "SELECT id FROM messaging_outboundmessage WHERE status = 'sending' FOR UPDATE SKIP LOCKED",
)


class Host(ABC):
    """Some processes of the Procfile, by their names there, as on a machine of their own."""

    def __init__(self, name: str, runs: Sequence[str]) -> None:
        self.name, self._runs = name, runs
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    @abstractmethod
    def web(self) -> tuple[str, int]:
        """Where its web is asked."""

    @abstractmethod
    def own_environment(self) -> dict[str, str]:
        """Where its processes find PostgreSQL and Redis, which port is their web's, and the carrier's address."""

    @abstractmethod
    def cut_when(self, moment: Moment, servers: tuple[str, ...], seconds: float) -> Cut | None:
        """Cut it off from these servers in such a moment; None: there was none within so many seconds."""

    def watch(self, seconds: float) -> float | None:
        """Let so much time pass. Returns after how much of it none of its transactions was open; None: cannot be seen.

        A wire ends in one connection to PostgreSQL like all others.
        """
        time.sleep(seconds)
        return None

    @abstractmethod
    def mend(self) -> None:
        """Let everything through again."""

    def start(self, env: Mapping[str, str], directory: Path) -> None:
        """Start its processes, each with a log of its own. From a thread that lives as long as they do."""
        own = self.own_environment()
        carrier = own.pop("CARRIER")
        own |= {name: carrier for name in env if name.startswith("AWS_ENDPOINT_URL_")} | {"WEB_CONCURRENCY": "1"}
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
