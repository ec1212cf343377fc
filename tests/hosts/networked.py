"""Hosts by network namespaces: each on a link of its own, and so are PostgreSQL, Redis and the carrier.

Two doors are on the switch itself: the balancer before the webs, and the carrier's. They tell who said what, and what
passes them has crossed the link of whoever said it. To PostgreSQL and to Redis everybody speaks directly.
"""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import psycopg

from tests.crash.doors import Carrier
from tests.crash.place import DoesNotStart
from tests.hosts.host import CARRIER, DATABASE, EVERYTHING, REDIS, Cut, Host, Moment
from tests.hosts.network import SWITCH_ADDRESS, Namespace, Switch, namespace_of, own_namespace
from tests.hosts.place import WEBS, Hosts
from tests.hosts.wire import Piece, wait_for

_DATABASE_PORT, _REDIS_PORT, _WEB_PORT = 5432, 6379, 8000
# For so long nobody claims, or writes down answers, while a moment is waited for.
_HOLD_SECONDS = 0.7
_WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE client_addr = %s AND wait_event_type = 'Lock' AND position(%s IN query) > 0
"""
_OPEN = "SELECT count(*) FROM pg_stat_activity WHERE client_addr = %s AND xact_start IS NOT NULL"


class NetworkedHost(Host):
    """A host that is cut off by taking its link down, or, from the database alone, by the switch."""

    def __init__(
        self, namespace: Namespace, runs: Sequence[str], switch: Switch, database_url: str, servers: dict[str, str]
    ) -> None:
        """``database_url`` is where the harness reaches the database, ``servers`` where the host finds everything."""
        super().__init__(namespace.name, runs)
        self.namespace = namespace
        self._switch, self._database_url, self._servers = switch, database_url, servers

    @property
    def web(self) -> tuple[str, int]:
        return self.namespace.address, _WEB_PORT

    def own_environment(self) -> dict[str, str]:
        return {**self._servers, "PORT": str(_WEB_PORT)}

    def start(self, env: Mapping[str, str], directory: Path) -> None:
        start = super().start
        self.namespace.do(lambda: start(env, directory))

    def cut_when(self, moment: Moment, servers: tuple[str, ...], seconds: float) -> Cut | None:
        """Have the database make the host wait in that moment, cut it off, and then have its answer vanish."""
        ends_at = time.monotonic() + seconds
        with psycopg.connect(self._database_url) as holds, psycopg.connect(self._database_url, autocommit=True) as sees:
            waiting = (self.namespace.address, moment.words.decode())
            while time.monotonic() < ends_at:
                # Let go of at the end, in any case.
                with holds.transaction():
                    holds.execute(moment.hold)
                    if wait_for(lambda: sees.execute(_WAITING, waiting).fetchone() != (0,), _HOLD_SECONDS):
                        self._cut(servers)
                        return Cut(self.name, servers, time.time(), time.monotonic())
        return None

    def watch(self, seconds: float) -> float:
        began = time.monotonic()
        with psycopg.connect(self._database_url, autocommit=True) as sees:
            here = (self.namespace.address,)
            is_free = wait_for(lambda: sees.execute(_OPEN, here).fetchone() == (0,), seconds)
        after = time.monotonic() - began
        time.sleep(max(0.0, seconds - after))
        return after if is_free else float("inf")

    def mend(self) -> None:
        self._switch.isolate(self.name, isolated=False)
        self._switch.join(self.name)

    def _cut(self, servers: tuple[str, ...]) -> None:
        if servers == (DATABASE,):
            self._switch.isolate(self.name, isolated=True)
        else:
            assert servers == EVERYTHING
            self._switch.pull(self.name)


class NetworkedHosts(Hosts):
    """Needs Linux, `ip`, and to be root or allowed to act as it (tests.hosts.network)."""

    def __init__(self, env: dict[str, str], switch: Switch) -> None:
        super().__init__(env)
        self._switch = switch
        self._servers: dict[str, Namespace] = {}
        self._names: dict[str, str] = {}
        self.url = f"http://{SWITCH_ADDRESS}:{self._port}"
        self.carrier = Carrier(f"http://{SWITCH_ADDRESS}:{self._simulator_port}")
        self._env["ALLOWED_HOSTS"] = SWITCH_ADDRESS

    @property
    def way(self) -> str:
        """How the hosts are apart."""
        return f"in {len(self._switch.namespaces)} network namespaces on one switch"

    def start_servers(self) -> None:
        """On hosts of their own."""
        servers = self._servers = {name: self._switch.plug(name) for name in EVERYTHING}
        # Two links that are both isolated do not hear each other: a sender's and this one, when it is cut off from it.
        self._switch.isolate(DATABASE, isolated=True)
        assert self.postgres is not None
        assert self.redis is not None
        self.postgres.address, self.redis.address = servers[DATABASE].address, servers[REDIS].address
        self.simulator_address = servers[CARRIER].address
        self._servers[DATABASE].do(self.postgres.__enter__)
        self._servers[REDIS].do(self.redis.__enter__)

    def start_simulator(self) -> None:
        """On a host of its own."""
        self._servers[CARRIER].do(super().start_simulator)

    def make(self, name: str, runs: Sequence[str]) -> Host:
        namespace = self._switch.plug(name)
        self._names[namespace.address] = name
        where = {
            "DATABASE_URL": f"postgresql://postgres@{self._servers[DATABASE].address}:{_DATABASE_PORT}/postgres",
            "REDIS_URL": f"redis://{self._servers[REDIS].address}:{_REDIS_PORT}/0",
            "CARRIER": self.carrier.url,
        }
        return NetworkedHost(namespace, runs, self._switch, self.database_url, where)

    def open_the_webs(self) -> None:
        webs = [self.hosts[name].web for name in WEBS]
        self.exchange.wire(*webs, address=SWITCH_ADDRESS, port=self._port, listener=self.note_post)
        carrier = (self.simulator_address, self._simulator_port)
        self.exchange.wire(carrier, address=SWITCH_ADDRESS, port=self._simulator_port, listener=self._said)
        self._see_that_they_are_apart()

    def _said(self, piece: Piece) -> None:
        self.note_call(self._names.get(piece.client, piece.client), piece)

    def _see_that_they_are_apart(self) -> None:
        found = {"the harness": {own_namespace()}} | {
            name: {namespace_of(process.pid) for process in host.processes.values()}
            for name, host in self.hosts.items()
        }
        apart = {number for numbers in found.values() for number in numbers}
        if len(apart) != len(found) or any(len(numbers) != 1 for numbers in found.values()):
            raise DoesNotStart(f"hosts are not in network namespaces of their own: {found}")
