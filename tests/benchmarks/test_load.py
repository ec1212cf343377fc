"""The load generator waits for nobody in an open loop, and counts from when a request was due."""

import itertools
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks import load
from benchmarks.load import Job

COUNT = 5


class _Server(ThreadingHTTPServer):
    """Answers nobody before so many have asked."""

    daemon_threads = True

    def __init__(self, together: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.barrier = threading.Barrier(together, timeout=60)
        self.bodies: list[bytes] = []


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        assert isinstance(self.server, _Server)
        self.server.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.barrier.wait()
        self.send_response(404 if self.path == "/nothing" else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def servers() -> Iterator[list[_Server]]:
    servers: list[_Server] = []
    yield servers
    for server in servers:
        server.shutdown()
        server.server_close()


def _serve(servers: list[_Server], together: int) -> tuple[_Server, str]:
    server = _Server(together)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    servers.append(server)
    return server, f"http://127.0.0.1:{server.server_address[1]}"


def test_an_open_loop_sends_though_nothing_is_answered(servers: list[_Server]) -> None:
    server, url = _serve(servers, COUNT)
    answers = load.post(Job(f"{url}/", [str(each) for each in range(COUNT)], 1, per_second=50))
    assert sorted(server.bodies) == [str(each).encode() for each in range(COUNT)]
    assert [each.status for each in answers] == [200] * COUNT
    # They were due evenly, whatever the server did: the first has waited for the last to be sent.
    due = [each.due for each in answers]
    assert [b - a for a, b in itertools.pairwise(due)] == pytest.approx([0.02] * (COUNT - 1), abs=1e-4)
    assert answers[0].answered >= due[-1]


def test_a_closed_loop_has_so_many_under_way(servers: list[_Server]) -> None:
    # Three at a time, or nobody would be answered.
    server, url = _serve(servers, 3)
    answers = load.post(Job(f"{url}/", ["a"] * 9, 3))
    assert [each.status for each in answers] == [200] * 9
    assert len(server.bodies) == 9


def test_refusals_are_told(servers: list[_Server]) -> None:
    _, url = _serve(servers, 1)
    assert [each.status for each in load.post(Job(f"{url}/nothing", ["a"], 1))] == [404]
