"""The place of a crash round, but on many hosts: one PostgreSQL, one Redis, one carrier, and wires between them."""

import re
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.crash.doors import AWAY, request
from tests.crash.place import DoesNotStart, Place
from tests.crash.processes import BASE
from tests.hosts import leases
from tests.hosts.host import Host, Servers
from tests.hosts.wire import Exchange, Piece, Wire, wait_for

WEBS = ("web-1", "web-2")
SENDERS = ("sender-1", "sender-2")
# A worker for everything, and a clock: two clocks do no harm.
WORKERS = ("worker-1", "worker-2")
_RUNS = {
    **dict.fromkeys(WEBS, ("web",)),
    **dict.fromkeys(SENDERS, ("sender",)),
    **dict.fromkeys(WORKERS, ("worker", "clock")),
}
_CALL = re.compile(rb'"textback-message": ?"(\d+)", ?"textback-attempt": ?"(\d+)"')
_POST = re.compile(rb"x-amz-sns-message-id: *([\w-]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Called:
    """A call that a host's wire brought to the carrier: of which text, and when it came to the wire, by both clocks."""

    host: str
    row: int
    attempt: int
    at: float
    steady: float


class Hosts(Place):
    """`with Hosts(env) as place: ...`: two webs behind a balancer, two senders, two workers, each a host of its own.

    Attributes:
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
        self._balancer: Wire | None = None

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
        servers = self._servers()
        for name, runs in _RUNS.items():
            self.hosts[name] = Host(name, runs, self.exchange, servers, partial(self._note_call, name))
            self.hosts[name].start(self._env, self.directory)
        webs = [("127.0.0.1", self.hosts[name].port) for name in WEBS]
        self._balancer = self.exchange.wire(*webs, port=self._port, listener=self._note_post)

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
        said: dict[str, Any] = request(f"http://127.0.0.1:{self.hosts[name].port}/readyz", "GET", None, {})
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

    def _servers(self) -> Servers:
        assert self.postgres is not None
        assert self.redis is not None
        directory = parse_qs(urlsplit(self.postgres.url).query)["host"][0]
        return Servers(
            f"{directory}/.s.PGSQL.5432",
            unquote(urlsplit(self.redis.url).path),
            ("127.0.0.1", self._simulator_port),
        )

    def _note_call(self, host: str, piece: Piece) -> None:
        at, steady = time.time() - piece.age, time.monotonic() - piece.age
        # A request may come in two pieces, even in the middle of a word.
        connection = (host, piece.connection)
        said = self._half_said.pop(connection, b"") + piece.said
        end = 0
        for match in _CALL.finditer(said):
            self.called.append(Called(host, int(match[1]), int(match[2]), at, steady))
            end = match.end()
        self._half_said[connection] = said[end:][-200:]

    def _note_post(self, piece: Piece) -> None:
        for match in _POST.finditer(piece.said):
            self.posted.setdefault(match[1].decode(), []).append(piece.target)
