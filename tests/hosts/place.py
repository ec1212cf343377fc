"""The place of a crash round, but on many hosts: one PostgreSQL, one Redis, one carrier, and ways between them."""

import re
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.crash.doors import AWAY, request
from tests.crash.place import DoesNotStart, Place
from tests.crash.processes import BASE
from tests.hosts import leases
from tests.hosts.host import Host
from tests.hosts.wire import Exchange, Piece, wait_for

WEBS = ("web-1", "web-2")
SENDERS = ("sender-1", "sender-2")
# A worker for everything, and a clock: two clocks do no harm.
WORKERS = ("worker-1", "worker-2")
_RUNS = {
    **dict.fromkeys(WEBS, ("web",)),
    **dict.fromkeys(SENDERS, ("sender",)),
    **dict.fromkeys(WORKERS, ("worker", "clock")),
}
_CALL = re.compile(
    rb'"OriginationIdentity": ?"([^"]+)", ?"MessageBody".*?"textback-message": ?"(\d+)", ?"textback-attempt": ?"(\d+)"',
    re.DOTALL,
)
# From a text's number to the end of its context, whatever its body.
_LONGEST_CALL = 16_000
_POST = re.compile(rb"x-amz-sns-message-id: *([\w-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Called:
    """A call that a host's way brought to the carrier: from which number, of which text.

    ``at`` and ``steady`` are when it came to the wire or the door, by both clocks; ``heard`` when it was let through.
    """

    host: str
    number: str
    row: int
    attempt: int
    at: float
    steady: float
    heard: float


class Hosts(Place, ABC):
    """`with WiredHosts(env) as place: ...`: two webs behind a balancer, two senders, two workers, each on its own host.

    Attributes:
        way: how the hosts are apart.
        called: what went to the carrier.
        posted: by the id of a notification, the webs that it was posted to, once for each post.
    """

    def __init__(self, env: dict[str, str]) -> None:
        super().__init__("postgresql", env)
        self.exchange = Exchange()
        self.hosts: dict[str, Host] = {}
        self.called: list[Called] = []
        self.posted: dict[str, list[int]] = {}
        self._half_said: dict[tuple[str, int], bytes] = {}

    @property
    @abstractmethod
    def way(self) -> str:
        """How the hosts are apart."""

    @abstractmethod
    def make(self, name: str, runs: Sequence[str]) -> Host:
        """A host, not started yet."""

    @abstractmethod
    def open_the_webs(self) -> None:
        """Hosts have been started: let everybody in to the webs, at `url`."""

    def close(self) -> None:
        for host in self.hosts.values():
            host.mend()
            host.ask_to_end()
        for host in self.hosts.values():
            host.wait_for_end()
        if self.exchange.running:
            self.exchange.close()
        super().close()

    def start_serving(self) -> None:
        """Migrate, then start all hosts."""
        prepared = subprocess.run(
            [sys.executable, "-m", "config.processes", "prepare"],
            cwd=BASE,
            env=self._env,
            capture_output=True,
            text=True,
            check=False,
        )
        if prepared.returncode != 0:
            raise DoesNotStart(f"prepare: {prepared.stdout}{prepared.stderr}")
        leases.watch(self.database_url)
        self.exchange.__enter__()
        for name, runs in _RUNS.items():
            self.hosts[name] = self.make(name, runs)
            self.hosts[name].start(self._env, self.directory)
        self.open_the_webs()

    def keep_serving(self) -> bool:
        """Nobody looks after these processes: none of them may end.

        Raises:
            DoesNotStart: one has.
        """
        dead = [one for host in self.hosts.values() for one in host.dead]
        if dead:
            raise DoesNotStart(f"ended: {', '.join(dead)}")
        return False

    @property
    def senders(self) -> dict[int, str]:
        """The hosts that send, by the process id of their sender."""
        return {self.hosts[name].processes["sender"].pid: name for name in SENDERS}

    def ready(self, name: str) -> dict[str, Any]:
        """What a web says of itself at /readyz.

        Raises:
            OSError, http.client.HTTPException, ValueError: it does not answer, or is not ready.
        """
        address, port = self.hosts[name].web
        said: dict[str, Any] = request(f"http://{address}:{port}/readyz", "GET", None, {})
        return said

    def wait_for_calls(self, more: int, seconds: float) -> None:
        """Wait until so many calls more have gone to the carrier, or so long."""
        enough = len(self.called) + more
        wait_for(lambda: len(self.called) >= enough, seconds)

    def _is_ready(self) -> str:
        self.keep_serving()
        for name in WEBS:
            try:
                said = self.ready(name)
            except AWAY as problem:
                return f"{name}: {problem}"
            if said["senders"] < len(SENDERS):
                return f"{name} knows of {said['senders']} senders"
        return ""

    def note_call(self, host: str, piece: Piece) -> None:
        """By the thread of the wires: something that a host said to the carrier."""
        heard, steady = time.time(), time.monotonic() - piece.age
        # A request may come in two pieces, even in the middle of a word.
        connection = (host, piece.connection)
        said = self._half_said.pop(connection, b"") + piece.said
        end = 0
        for match in _CALL.finditer(said):
            number, row, attempt = match[1].decode(), int(match[2]), int(match[3])
            self.called.append(Called(host, number, row, attempt, heard - piece.age, steady, heard))
            end = match.end()
        self._half_said[connection] = said[end:][-_LONGEST_CALL:]

    def note_post(self, piece: Piece) -> None:
        """By the thread of the wires: something that was posted to a web."""
        for match in _POST.finditer(piece.said):
            self.posted.setdefault(match[1].decode(), []).append(piece.target)
