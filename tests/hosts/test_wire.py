"""A wire forwards, and when it is cut it does not, while both ends take it for alive."""

import socket
import threading
from collections.abc import Iterator

import pytest

from tests.hosts.wire import Exchange, Piece, wait_for


class Echo:
    """A server that says back what it hears, with its name before it."""

    def __init__(self, name: bytes) -> None:
        self._name = name
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address: tuple[str, int] = self._socket.getsockname()
        threading.Thread(target=self._work, daemon=True).start()

    def close(self) -> None:
        # Closed alone, it would wait for the next connection for ever.
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _work(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            while heard := connection.recv(1000):
                connection.sendall(self._name + heard)


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    with Exchange() as exchange:
        yield exchange


@pytest.fixture
def one() -> Iterator[Echo]:
    echo = Echo(b"1:")
    yield echo
    echo.close()


def dial(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def heard(client: socket.socket, seconds: float) -> bytes | None:
    client.settimeout(seconds)
    try:
        return client.recv(1000)
    except TimeoutError:
        return None


def test_it_forwards_both_ways_and_tells_what_was_said(exchange: Exchange, one: Echo) -> None:
    pieces: list[Piece] = []
    wire = exchange.wire(one.address, listener=pieces.append)
    with dial(wire.port) as client:
        client.sendall(b"hello")
        assert heard(client, 10) == b"1:hello"
        client.shutdown(socket.SHUT_WR)
        assert heard(client, 10) == b"", "the end is forwarded too"
    assert [(piece.said, piece.target, piece.client) for piece in pieces] == [(b"hello", 0, "127.0.0.1")]
    assert 0 <= pieces[0].age < 10


def test_what_is_said_to_a_cut_wire_arrives_when_it_is_mended(exchange: Exchange, one: Echo) -> None:
    wire = exchange.wire(one.address)
    with dial(wire.port) as client:
        client.sendall(b"a")
        assert heard(client, 10) == b"1:a"
        wire.cut()
        client.sendall(b"b")
        with dial(wire.port) as late:
            late.sendall(b"c")
            assert heard(client, 0.3) is None
            assert heard(late, 0.1) is None
            wire.mend()
            assert heard(client, 10) == b"1:b"
            assert heard(late, 10) == b"1:c"


def test_whoever_hung_up_meanwhile_is_heard_no_more(exchange: Exchange, one: Echo) -> None:
    pieces: list[Piece] = []
    wire = exchange.wire(one.address, listener=pieces.append)
    client = dial(wire.port)
    client.sendall(b"a")
    assert heard(client, 10) == b"1:a"
    wire.cut()
    client.sendall(b"too late")
    client.close()
    wire.mend()
    with dial(wire.port) as other:
        other.sendall(b"b")
        assert heard(other, 10) == b"1:b"
    assert [piece.said for piece in pieces] == [b"a", b"b"]


def test_a_wire_cut_by_what_was_said_lets_exactly_that_through(exchange: Exchange, one: Echo) -> None:
    pieces: list[Piece] = []

    def listen(piece: Piece) -> None:
        pieces.append(piece)
        if piece.said == b"commit":
            wire.cut()

    wire = exchange.wire(one.address, listener=listen)
    with dial(wire.port) as client:
        client.sendall(b"commit")
        assert wait_for(lambda: wire.is_cut, 10)
        assert heard(client, 0.3) is None, "the answer stays away"
        wire.mend()
        assert heard(client, 10) == b"1:commit"


def test_targets_take_turns_and_one_that_is_away_is_passed_over(exchange: Exchange, one: Echo) -> None:
    two, away = Echo(b"2:"), socket.create_server(("127.0.0.1", 0))
    nobody: tuple[str, int] = away.getsockname()
    away.close()
    wire = exchange.wire(one.address, nobody, two.address)
    answers = []
    for _ in range(4):
        with dial(wire.port) as client:
            client.sendall(b"x")
            answers.append(heard(client, 10))
    two.close()
    assert answers == [b"1:x", b"2:x", b"1:x", b"2:x"]
    assert wire.taken == [2, 0, 2]
