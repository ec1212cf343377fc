"""Hosts by wires: on one network, each with forwarded ports of its own to PostgreSQL, Redis and the carrier."""

import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import parse_qs, unquote, urlsplit

from tests.hosts.host import CARRIER, DATABASE, REDIS, Cut, Host, Moment
from tests.hosts.place import WEBS, Hosts
from tests.hosts.wire import Address, Exchange, Listener, Piece, Wire


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


class WiredHost(Host):
    """A host that is cut off by its wires."""

    def __init__(self, name: str, runs: Sequence[str], exchange: Exchange, servers: Servers, called: Listener) -> None:
        """``called`` is told of everything that is said to the carrier."""
        super().__init__(name, runs)
        self._port = _free_port()
        self.wires: dict[str, Wire] = {
            DATABASE: exchange.wire(servers.database, listener=self._said),
            REDIS: exchange.wire(servers.redis),
            CARRIER: exchange.wire(servers.carrier, listener=called),
        }
        self._trap: _Trap | None = None

    @property
    def web(self) -> tuple[str, int]:
        return "127.0.0.1", self._port

    def own_environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": f"postgresql://postgres@127.0.0.1:{self.wires[DATABASE].port}/postgres",
            "REDIS_URL": f"redis://127.0.0.1:{self.wires[REDIS].port}/0",
            "PORT": str(self._port),
            "CARRIER": f"http://127.0.0.1:{self.wires[CARRIER].port}",
        }

    def cut_when(self, moment: Moment, servers: tuple[str, ...], seconds: float) -> Cut | None:
        """Cut it off just after it has said the words of the moment."""
        trap = self._trap = _Trap(moment.words, servers)
        if not trap.sprung.wait(seconds):
            self._trap = None
            return None
        return Cut(self.name, trap.servers, trap.at, trap.steady)

    def mend(self) -> None:
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


class WiredHosts(Hosts):
    """Needs nothing of the machine."""

    @property
    def way(self) -> str:
        """How the hosts are apart."""
        return "by wires"

    def make(self, name: str, runs: Sequence[str]) -> Host:
        return WiredHost(name, runs, self.exchange, self._servers(), partial(self.note_call, name))

    def open_the_webs(self) -> None:
        webs = [self.hosts[name].web for name in WEBS]
        self.exchange.wire(*webs, port=self._port, listener=self.note_post)

    def _servers(self) -> Servers:
        assert self.postgres is not None
        assert self.redis is not None
        directory = parse_qs(urlsplit(self.postgres.url).query)["host"][0]
        return Servers(
            f"{directory}/.s.PGSQL.5432",
            unquote(urlsplit(self.redis.url).path),
            ("127.0.0.1", self._simulator_port),
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
