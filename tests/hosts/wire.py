"""Wires between hosts: TCP that is forwarded until it is cut, and then is not, while nobody is told.

A cut wire accepts nothing, forwards nothing and closes nothing: what talks through it waits, as on a network that has
begun to drop packets. The kernel goes on taking bytes at both ends, so neither learns of it by TCP's own time-outs:
only its own patience helps. Mended, what was said and not yet forwarded arrives late, unless whoever said it has hung
up meanwhile.
"""

import itertools
import select
import selectors
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from messaging.simulator import arrivals

# (host, port), or the path of a unix socket.
Address = tuple[str, int] | str

_PIECE = 65_536
_CONNECT_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Piece:
    """Something a client (an address) said, just forwarded: it had been here for ``age`` seconds when it was read."""

    target: int
    connection: int
    said: bytes
    age: float
    client: str


Listener = Callable[[Piece], None]


class Exchange:
    """All wires of a test, in one thread: `with Exchange() as exchange: exchange.wire(target)`."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._ear, self._mouth = socket.socketpair()
        self._ear.setblocking(False)
        self._selector.register(self._ear, selectors.EVENT_READ, self._hear)
        self._asked: list[Callable[[], None]] = []
        self._wires: list[Wire] = []
        self._ended = False
        self.running = False
        self._thread = threading.Thread(target=self._work, name="wires", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.running = True
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the thread and close all wires."""
        self._ended, self.running = True, False
        self._mouth.send(b".")
        self._thread.join(10)
        for wire in self._wires:
            wire.close()
        self._selector.close()
        self._ear.close()
        self._mouth.close()

    def wire(
        self, *targets: Address, address: str = "127.0.0.1", port: int = 0, listener: Listener | None = None
    ) -> "Wire":
        """A new wire: each connection to its port goes to the next of the targets that takes it."""
        made = Wire(self, targets, (address, port), listener)
        self._wires.append(made)
        self.do(made.resume)
        return made

    def do(self, what: Callable[[], None]) -> None:
        """Have it done by the thread of the wires, between two pieces, and wait for that."""
        if threading.current_thread() is self._thread:
            what()
            return
        done = threading.Event()

        def then() -> None:
            what()
            done.set()

        self._asked.append(then)
        self._mouth.send(b".")
        if not done.wait(10):
            raise RuntimeError("the thread of the wires does not answer")

    def watch(self, sock: socket.socket, events: int, tell: Callable[[int], None]) -> None:
        """Have a socket's events told; 0 is none. By the thread of the wires only."""
        known = sock in self._selector.get_map()
        if events and known:
            self._selector.modify(sock, events, tell)
        elif events:
            self._selector.register(sock, events, tell)
        elif known:
            self._selector.unregister(sock)

    def _hear(self, _: int) -> None:
        with suppress(BlockingIOError):
            self._ear.recv(_PIECE)
        while self._asked:
            self._asked.pop(0)()

    def _work(self) -> None:
        while not self._ended:
            for key, events in self._selector.select():
                # What one event did may have closed the socket of the next one, or given its number to another.
                now = self._selector.get_map().get(key.fd)
                if now is not None and now.fileobj is key.fileobj:
                    key.data(events)


class Wire:
    """One listening port and the connections that came through it. ``taken`` counts them by target."""

    def __init__(
        self, exchange: Exchange, targets: Sequence[Address], here: tuple[str, int], listener: Listener | None
    ) -> None:
        self.exchange, self.listener = exchange, listener
        self._targets = targets
        self._turn = itertools.count()
        self._links: set[_Link] = set()
        self._is_cut = False
        self._socket = socket.create_server(here, backlog=128)
        self._socket.setblocking(False)
        arrivals.stamp(self._socket)
        self.port: int = self._socket.getsockname()[1]
        self.taken = [0] * len(targets)

    def cut(self) -> None:
        """Accept, forward and close nothing from now on."""
        self.exchange.do(self._cut)

    def mend(self) -> None:
        """Go on as if nothing had been; whoever has hung up meanwhile is heard no more."""
        self.exchange.do(self.resume)

    def resume(self) -> None:
        """By the thread of the wires: listen and forward."""
        self._is_cut = False
        self.exchange.watch(self._socket, selectors.EVENT_READ, self._accept)
        for link in list(self._links):
            link.resume()

    def close(self) -> None:
        """Close everything. The thread of the wires has ended."""
        for link in list(self._links):
            link.close(watched=False)
        self._socket.close()

    def forget(self, link: "_Link") -> None:
        """By the thread of the wires: a connection has ended."""
        self._links.discard(link)

    @property
    def is_cut(self) -> bool:
        """Whether nothing passes."""
        return self._is_cut

    def _cut(self) -> None:
        self._is_cut = True
        self.exchange.watch(self._socket, 0, self._accept)
        for link in self._links:
            link.pause()

    def _accept(self, _: int) -> None:
        try:
            client, (address, _port) = self._socket.accept()
        except OSError:
            return
        if _has_hung_up(client):
            client.close()
            return
        for _try in self._targets:
            target = next(self._turn) % len(self._targets)
            try:
                server = _connected(self._targets[target])
            except OSError:
                continue
            self.taken[target] += 1
            link = _Link(self, client, server, target, sum(self.taken), address)
            self._links.add(link)
            link.resume()
            return
        client.close()


class _End:
    """One end of a connection: its socket, what waits to be said to it, whether it has said all it will."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        if sock.family == socket.AF_INET:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = sock
        self.waits = bytearray()
        self.said_all = False
        self.told_all = False

    def send(self) -> None:
        """Say what waits, as far as it is taken.

        Raises:
            OSError: nobody is there.
        """
        with suppress(BlockingIOError):
            while self.waits:
                del self.waits[: self.socket.send(self.waits)]


class _Link:
    """A client and a server, and what each says to the other."""

    def __init__(
        self, wire: Wire, client: socket.socket, server: socket.socket, target: int, connection: int, address: str
    ) -> None:
        self._wire, self._target, self._connection, self._address = wire, target, connection, address
        self._client, self._server = _End(client), _End(server)

    def pause(self) -> None:
        for end in (self._client, self._server):
            self._wire.exchange.watch(end.socket, 0, self._nothing)

    def resume(self) -> None:
        if _has_hung_up(self._client.socket):
            self.close()
            return
        self._watch()

    def close(self, *, watched: bool = True) -> None:
        for end in (self._client, self._server):
            if watched:
                self._wire.exchange.watch(end.socket, 0, self._nothing)
            end.socket.close()
        self._wire.forget(self)

    def _nothing(self, _: int) -> None:
        return

    def _watch(self) -> None:
        for end, tell in ((self._client, self._of_client), (self._server, self._of_server)):
            events = 0 if end.said_all else selectors.EVENT_READ
            self._wire.exchange.watch(end.socket, events | (selectors.EVENT_WRITE if end.waits else 0), tell)

    def _of_client(self, events: int) -> None:
        self._moved(self._client, self._server, events)

    def _of_server(self, events: int) -> None:
        self._moved(self._server, self._client, events)

    def _moved(self, end: _End, other: _End, events: int) -> None:
        try:
            if events & selectors.EVENT_READ:
                self._read(end, other)
            end.send()
            for one, its_other in ((end, other), (other, end)):
                if its_other.said_all and not one.waits and not one.told_all:
                    one.told_all = True
                    one.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.close()
            return
        if self._client.told_all and self._server.told_all:
            self.close()
        elif not self._wire.is_cut:
            # What was just heard may have cut it.
            self._watch()

    def _read(self, end: _End, other: _End) -> None:
        try:
            data, ancillary, _, _ = end.socket.recvmsg(_PIECE, arrivals.SPACE)
        except BlockingIOError:
            return
        if not data:
            end.said_all = True
            return
        other.waits += data
        other.send()
        if end is self._client and self._wire.listener is not None:
            age = arrivals.age(ancillary)
            self._wire.listener(Piece(self._target, self._connection, data, age, self._address))


def _connected(address: Address) -> socket.socket:
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.settimeout(_CONNECT_SECONDS)
    try:
        made.connect(address)
    except BaseException:
        made.close()
        raise
    return made


def _has_hung_up(sock: socket.socket) -> bool:
    look: Any = select.poll()
    look.register(sock, select.POLLRDHUP)
    return bool(look.poll(0))


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    """Look again and again until it holds. Returns whether it did in time."""
    ends_at = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends_at:
            return False
        time.sleep(0.02)
    return True
