"""A real gunicorn with our settings, and people who are slow on purpose: the webhook answers all others meanwhile.

There are four times as many of them as threads. With a thread for each, nobody else would be heard.
"""

import http.client
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from messaging.inbound.sns.envelope import MAX_BODY_BYTES
from messaging.models import InboundMessage
from tests.messaging.inbound.sns.signing import body, notification, sign
from tests.redis_server import RedisServer
from tests.security.genuine import WEBHOOK, delivery, payload
from tests.security.web_process import Web, web

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

HEAD = f"POST {WEBHOOK} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain; charset=UTF-8\r\n".encode()
# 1.4 MB that anybody may have.
LONG = b"GET /static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js HTTP/1.1\r\nHost: localhost\r\n\r\n"
CLOSE = b"Connection: close\r\n"
SLOW = 64
# As patient as SNS.
PATIENCE = 15


@contextmanager
def dripping(port: int, count: int, beginning: bytes, drop: bytes, *, tiny_window: bool = False) -> Iterator[None]:
    """So many connections that have sent a beginning and go on a byte at a time; nobody reads what is answered."""
    over = threading.Event()
    with ExitStack() as stack:
        connections = []
        for _ in range(count):
            connection = stack.enter_context(socket.socket())
            if tiny_window:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            connection.settimeout(PATIENCE)
            connection.connect(("127.0.0.1", port))
            connection.sendall(beginning)
            connections.append(connection)

        def drip() -> None:
            while not over.wait(0.2):
                for connection in connections:
                    with suppress(OSError):
                        connection.sendall(drop)

        dropper = threading.Thread(target=drip)
        dropper.start()
        try:
            yield
        finally:
            over.set()
            dropper.join()


def post(port: int, content: bytes, path: str = WEBHOOK, **headers: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("POST", path, content, {"Content-Type": "text/plain; charset=UTF-8", **headers})
        return connection.getresponse().status
    finally:
        connection.close()


def exchange(port: int, *pieces: bytes) -> bytes:
    """What is answered to these bytes, until the other side closes."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        with suppress(OSError):
            for piece in pieces:
                connection.sendall(piece)
        with suppress(ConnectionResetError):
            while received := connection.recv(65_536):
                answer += received
    return answer


def statuses(answer: bytes) -> list[int]:
    return [int(code) for code in re.findall(rb"HTTP/1\.1 ([0-9]{3}) ", answer)]


def texts_are_taken(port: int, name: str, count: int = 20) -> None:
    assert [post(port, delivery(f"{name}-{i}", MessageId=f"{name}-{i}")) for i in range(count)] == [200] * count
    assert InboundMessage.objects.filter(inbound_message_id__startswith=f"{name}-").count() == count


SLOW_PEOPLE: dict[str, tuple[bytes, bytes, bool]] = {
    "connect and say nothing": (b"", b"", False),
    "drip their head": (HEAD + b"X-Slow: ", b"a", False),
    "never begin a line": (b"P", b"O", False),
    "drip their body": (HEAD + b"Content-Length: 4000\r\n\r\n{", b" ", False),
    "drip a long body": (HEAD + b"Content-Length: 4000000\r\n\r\n{" + b" " * 200_000, b" ", False),
    "ask whether to go on, and do not": (HEAD + b"Expect: 100-continue\r\nContent-Length: 4000\r\n\r\n", b"", False),
    "are slow with the second request": (
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" + HEAD + b"Content-Length: 400\r\n\r\n",
        b" ",
        False,
    ),
    "never close": (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", b"a", False),
    "never close what was refused": (b"nonsense\r\n\r\n", b"a", False),
    "do not read a file": (LONG * 10, b"", True),
}


@pytest.fixture(scope="module")
def server(django_db_setup: None, redis_server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """One for all tests that it survives."""
    with web(redis_server, tmp_path_factory.mktemp("web")) as running:
        yield running


@pytest.fixture(autouse=True)
def _nothing_unforeseen(server: Web) -> Iterator[None]:
    yield
    assert "Traceback" not in server.log.read_text()


@pytest.mark.parametrize("people", SLOW_PEOPLE)
def test_slow_people_keep_nobody_from_being_heard(server: Web, people: str) -> None:
    beginning, drop, tiny_window = SLOW_PEOPLE[people]
    with dripping(server.port, SLOW, beginning, drop, tiny_window=tiny_window):
        texts_are_taken(server.port, "in")


def test_when_connections_run_out_the_slowest_go(redis_server: RedisServer, tmp_path: Path) -> None:
    few = ("--workers", "1", "--worker-connections", "20")
    with web(redis_server, tmp_path, *few) as small, dripping(small.port, 60, *SLOW_PEOPLE["drip their head"][:2]):
        texts_are_taken(small.port, "in")


def test_who_is_too_slow_is_told_so_and_cut(redis_server: RedisServer, tmp_path: Path) -> None:
    hasty = "import config.processes.arriving as a; a.HEAD_SECONDS = a.BODY_SECONDS = 0.3"
    with web(redis_server, tmp_path, before=hasty) as running:
        assert exchange(running.port) == b"", "who says nothing is answered nothing"
        assert statuses(exchange(running.port, HEAD)) == [408]
        assert statuses(exchange(running.port, HEAD + b"Content-Length: 10\r\n\r\n12345")) == [408]


def test_it_ends_in_time_though_slow_people_are_there(redis_server: RedisServer, tmp_path: Path) -> None:
    with web(redis_server, tmp_path) as running, ExitStack() as stack:
        for people in ("drip their head", "connect and say nothing", "do not read a file"):
            beginning, drop, tiny_window = SLOW_PEOPLE[people]
            stack.enter_context(dripping(running.port, 20, beginning, drop, tiny_window=tiny_window))
        assert post(running.port, b"{}") == 400
        running.process.terminate()
        # The supervisor gives it 10 s before it kills.
        assert running.process.wait(9) == 0


def test_whole_requests_in_every_framing(server: Web) -> None:
    whole = delivery("plain")
    length = b"Content-Length: %d\r\n" % len(whole)
    once = HEAD + CLOSE + length + b"\r\n" + whole
    assert statuses(exchange(server.port, *(bytes([byte]) for byte in once))) == [200]
    asking = exchange(server.port, HEAD + CLOSE + b"Expect: 100-continue\r\n" + length + b"\r\n", whole)
    assert set(statuses(asking)) == {100, 200}
    several = HEAD + length + b"\r\n" + whole
    assert statuses(exchange(server.port, several * 3 + HEAD + CLOSE + length + b"\r\n" + whole)) == [200] * 4
    assert InboundMessage.objects.get().inbound_message_id == "plain"


ONCE = HEAD + CLOSE
BIG = b"x" * 1_048_576
REFUSED: dict[str, tuple[tuple[bytes, ...], int]] = {
    "more than SNS sends": ((ONCE + b"Content-Length: 262145\r\n\r\n", b"x" * (MAX_BODY_BYTES + 1)), 413),
    "a gigabyte, announced": ((ONCE + b"Content-Length: 1073741824\r\n\r\n",), 413),
    "a length beyond all numbers": ((ONCE + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",), 400),
    "a length beyond what Python counts": ((ONCE + b"Content-Length: 1" + b"0" * 17 + b"\r\n\r\n",), 413),
    "chunks, which Django takes for nothing": ((ONCE + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",), 411),
    "chunks without end": ((ONCE + b"Transfer-Encoding: chunked\r\n\r\n", *[b"100000\r\n" + BIG + b"\r\n"] * 24), 411),
    "a length and chunks": ((ONCE + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",), 411),
    "a coding that is none": ((ONCE + b"Content-Length: 5\r\nTransfer-Encoding: identity\r\n\r\nabcde",), 411),
    "two lengths": ((ONCE + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",), 400),
    "a length that is none": ((ONCE + b"Content-Length: +5\r\n\r\nabcde",), 400),
    "a length of another alphabet": ((ONCE + b"Content-Length: \xb2\r\n\r\nab",), 400),
    "a head without end": ((ONCE + b"X: " + b"x" * 40_000,), 431),
    "a long line": ((ONCE + b"X: " + b"x" * 20_000 + b"\r\n\r\n",), 431),
    "many lines": ((ONCE + b"X: y\r\n" * 500 + b"\r\n",), 431),
    "a long address": ((b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",), 414),
    "no HTTP": ((b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",), 400),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_too_large_or_ambiguous_is_refused(server: Web, name: str) -> None:
    pieces, code = REFUSED[name]
    assert statuses(exchange(server.port, *pieces))[:1] == [code]


def test_a_length_that_lies(server: Web) -> None:
    whole = delivery("lying")
    too_short = HEAD + b"Content-Length: %d\r\n\r\n" % (len(whole) - 1) + whole
    assert statuses(exchange(server.port, too_short + b"\r\n\r\n"))[0] == 400
    with socket.create_connection(("127.0.0.1", server.port), PATIENCE) as connection:
        connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % (len(whole) + 1) + whole)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(4096) == b"", "a request that was not finished is not answered"
    assert not InboundMessage.objects.exists()


DEEP: list[Callable[[int], bytes]] = [
    lambda depth: b"[" * depth,
    lambda depth: b"[" * depth + b"]" * depth,
    lambda depth: b'{"Type":' * depth + b"1" + b"}" * depth,
    lambda depth: delivery().replace(b'"MessageAttributes"', b'"x":' + b"[" * depth + b"]" * depth + b',"y"'),
]


@pytest.mark.parametrize("depth", [200, 490, 900, 990, 20_000])
def test_deep_bodies(server: Web, depth: int) -> None:
    """Read or refused; Python's own limit of nesting is no trouble of ours that SNS should try again."""
    for make in DEEP:
        assert post(server.port, make(depth)) in {200, 400}
    message = json.dumps(payload("deep"))[:-1] + ',"x":' + "[" * depth + "]" * depth + "}"
    deep = body(sign(notification(Message=message), "2"))
    status = post(server.port, deep)
    assert status == (200 if InboundMessage.objects.filter(inbound_message_id="deep") else 400)
