"""When a request arrived, however late it is read."""

import socket
import sys
import time

import pytest

from messaging.simulator.arrivals import Arrivals, stamp


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")
def test_what_is_read_late_came_when_it_came() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        stamp(listening)
        with socket.create_connection(listening.getsockname()) as caller, listening.accept()[0] as connection:
            before = time.monotonic()
            caller.sendall(b"POST")
            after = time.monotonic()
            time.sleep(0.2)
            arrivals = Arrivals(connection)
            assert arrivals.read(4) == b"POST"
            assert before - 0.02 <= arrivals.at <= after + 0.02


def test_without_the_kernels_word_it_is_when_it_was_read() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"POST")
        time.sleep(0.1)
        before = time.monotonic()
        arrivals = Arrivals(ours)
        assert arrivals.read(4) == b"POST"
        assert before <= arrivals.at <= time.monotonic()
