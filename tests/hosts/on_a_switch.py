"""A few hosts on a switch, for test_network: started in a namespace of its own, it says what it found there.

python -m tests.hosts.on_a_switch OUTSIDE look    what is heard, and what is not, as JSON
python -m tests.hosts.on_a_switch OUTSIDE stay    processes on hosts; their ids, then nothing until it is killed
python -m tests.hosts.on_a_switch OUTSIDE vanish  for how long a host keeps its locks that vanishes in mid-batch;
                                                  vanish-sending: while it claims or writes down answers
"""

import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psycopg

from tests.crash import processes
from tests.hosts.network import Namespace, Switch, namespace_of
from tests.hosts.wire import wait_for
from tests.postgres import Postgres

_PORT = 7000
_SOON, _SECONDS = 0.5, 10.0
_LOCKS = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
# As psycopg's executemany does, whose statements are on the way one after the other before the server is asked to end.
_IN_MID_BATCH = """
import django, time
django.setup()
from django.db import connection, transaction
from messaging import silence
with transaction.atomic(), connection.cursor() as cursor:
    cursor.execute("SELECT 1")
    if SENDS:
        silence.ends_the_transaction()
    with connection.connection.pipeline() as pipeline:
        connection.connection.execute("SELECT pg_advisory_xact_lock(NUMBER)")
        if ANSWERED:
            connection.connection.pgconn.send_flush_request()
        while connection.connection.pgconn.flush():
            time.sleep(0.01)
        time.sleep(600)
"""


def look(switch: Switch) -> dict[str, object]:
    """What hosts hear of each other as links go down and up."""
    one, two, three = (switch.plug(name) for name in ("one", "two", "three"))
    for address in (one.address, "127.0.0.1"):
        _serve(one, address)
    found: dict[str, object] = {
        "names": [host.do(socket.gethostname) for host in (one, two, three)],
        "namespaces": len({one.number, two.number, three.number, namespace_of("self")}),
        "links": two.do(lambda: sorted(name for _, name in socket.if_nameindex() if name in ("eth0", "three"))),
        "own loopback": _ask(one, "127.0.0.1"),
        "loopback of another": _ask(two, "127.0.0.1"),
        "address": _ask(two, one.address),
        "who asks": _client_of(two, one.address),
    }
    with two.do(lambda: socket.create_connection((one.address, _PORT), timeout=_SECONDS)) as kept:
        kept.sendall(b"before;")
        assert kept.recv(100) == b"before;"
        switch.pull("two")
        kept.sendall(b"meanwhile;")
        kept.settimeout(_SOON)
        found["while its link is down"] = [_heard(kept), _ask(two, one.address, _SOON), _ask(three, one.address)]
        switch.join("two")
        kept.settimeout(_SECONDS)
        found["afterwards"] = [_heard(kept), _ask(two, one.address)]
    for name in ("one", "two"):
        switch.isolate(name, isolated=True)
    found["two that are isolated"] = [_ask(two, one.address, _SOON), _ask(three, one.address)]
    switch.isolate("two", isolated=False)
    found["no longer"] = _ask(two, one.address)
    return found


def stay(switch: Switch) -> dict[str, object]:
    """A process on each of two hosts."""

    def start() -> int:
        return processes.start(["-c", "import time; time.sleep(600)"], dict(os.environ), Path(os.devnull)).pid

    return {"pids": [switch.plug(name).do(start) for name in ("one", "two")]}


def vanish(switch: Switch, *, sends: bool) -> dict[str, object]:
    """How long it takes until the locks of hosts are free that are cut off in the middle of a batch of statements.

    One has asked for no answer yet; to the other an answer is on the way, which nobody takes. ``sends``: in
    transactions that everybody waits for.
    """
    database = switch.plug("database")
    senders = {name: switch.plug(name) for name in ("quiet", "answered")}
    postgres = Postgres()
    postgres.address = database.address
    database.do(postgres.__enter__)
    env = {**os.environ, "DATABASE_URL": f"postgresql://postgres@{database.address}/postgres", "SECRET_KEY": "tests"}
    env["DJANGO_SETTINGS_MODULE"] = "config.settings"
    log = postgres.directory / "senders.log"
    try:
        for number, (name, sender) in enumerate(senders.items()):
            program = _IN_MID_BATCH.replace("NUMBER", str(number)).replace("ANSWERED", str(name == "answered"))
            program = program.replace("SENDS", str(sends))
            sender.do(partial(processes.start, ["-c", program], env, log))
        with psycopg.connect(postgres.url, autocommit=True) as sees:
            if not wait_for(lambda: sees.execute(_LOCKS).fetchone() == (2,), 60):
                return {"problem": log.read_text()}
            for name in senders:
                switch.pull(name)
            began = time.monotonic()
            free = wait_for(lambda: sees.execute(_LOCKS).fetchone() == (0,), 60)
            return {"free": free, "seconds": time.monotonic() - began}
    finally:
        postgres.close()


def _serve(host: Namespace, address: str) -> None:
    listening = host.do(lambda: socket.create_server((address, _PORT)))

    def echo(connection: socket.socket) -> None:
        with connection:
            while said := connection.recv(100):
                connection.sendall(connection.getpeername()[0].encode() if said == b"who" else said)

    def work() -> None:
        while True:
            threading.Thread(target=echo, args=(listening.accept()[0],), daemon=True).start()

    threading.Thread(target=work, daemon=True).start()


def _ask(host: Namespace, address: str, seconds: float = _SECONDS) -> str:
    """What becomes of a new connection."""

    def ask() -> str:
        try:
            with socket.create_connection((address, _PORT), timeout=seconds) as connection:
                connection.sendall(b"hello")
                return _heard(connection)
        except TimeoutError:
            return "silence"
        except OSError as problem:
            return type(problem).__name__

    return host.do(ask)


def _client_of(host: Namespace, address: str) -> str:
    with host.do(lambda: socket.create_connection((address, _PORT), timeout=_SECONDS)) as connection:
        connection.sendall(b"who")
        return _heard(connection)


def _heard(connection: socket.socket) -> str:
    try:
        return connection.recv(100).decode()
    except TimeoutError:
        return "silence"


_KINDS: dict[str, Callable[[Switch], dict[str, object]]] = {
    "look": look,
    "stay": stay,
    "vanish": partial(vanish, sends=False),
    "vanish-sending": partial(vanish, sends=True),
}

if __name__ == "__main__":
    with Switch(int(sys.argv[1])) as made:
        print(json.dumps(_KINDS[sys.argv[2]](made)), flush=True)
        if sys.argv[2] == "stay":
            time.sleep(600)
    # Threads that serve are still there.
    sys.stdout.flush()
    os._exit(0)
