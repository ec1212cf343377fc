"""gunicorn's threaded worker, but slow people cost no thread: docs/decisions/0015-slow-requests.md .

gunicorn gives a thread to a connection at its first byte, and the thread waits for the rest as long as the sender
likes; and again for whoever does not take the answer. Here the loop of the worker, which waits for all connections at
once, takes the whole request in first, sends what of an answer is not taken at once, and waits for the other side to
close. A thread waits for nobody.

Bounds: seconds and bytes of a request are those of arriving. The connections of a worker are at most
worker_connections; for one more, whoever has kept us waiting longest goes.
"""

import errno
import selectors
import socket
import time
from contextlib import suppress
from functools import partial
from typing import IO, Any, Final

from gunicorn import http  # type: ignore[import-untyped]
from gunicorn.http.unreader import SocketUnreader  # type: ignore[import-untyped]
from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

from config.processes.arriving import HEAD_SECONDS, Arriving, Progress
from config.processes.leaving import AnswerSocket

# One read of the loop: enough for nearly every request, little enough that nobody else waits for it.
_AT_ONCE: Final = 65_536
# Bytes of unfinished requests that a worker keeps, most of them in files.
_MOST_HELD: Final = 256 * 1_048_576
# An answer is taken faster than this, or not wanted.
_TAKING_SECONDS: Final = 20.0
_SLOWEST_BYTES_PER_SECOND: Final = 8_192
# RFC 9112 section 9.6: the other side must have time to read the answer before the connection is reset.
_LINGER_SECONDS: Final = 2.0
_LINGER_BYTES: Final = 262_144
# Looking at a thousand connections takes a millisecond, and events come more often than that.
_LOOK_EVERY_SECONDS: Final = 0.25
_WORDS_EVERY_SECONDS: Final = 60.0

_REFUSALS: Final = {
    Progress.HEAD_TOO_LARGE: "431 Request Header Fields Too Large",
    Progress.BODY_TOO_LARGE: "413 Content Too Large",
    Progress.LENGTH_REQUIRED: "411 Length Required",
}
_TOO_SLOW: Final = "408 Request Timeout"
_NO_PLACE: Final = "503 Service Unavailable"


class Worker(ThreadWorker):  # type: ignore[misc]
    """Reads in its loop, answers in its threads. All but ``handle`` runs in the loop, so nothing here needs a lock."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._arriving: set[Connection] = set()
        self._taking: dict[Connection, None] = {}
        self._leaving: dict[Connection, None] = {}
        self._held = 0
        self._cut = 0
        self._told_at = 0.0
        self._look_again_at = 0.0

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        """Refuse what this worker cannot do.

        Raises:
            RuntimeError: gunicorn was told to speak TLS.
        """
        super().check_config(cfg, log)
        if cfg.is_ssl:
            raise RuntimeError("This worker speaks no TLS. Put a proxy in front of it that does, and set BEHIND_PROXY.")

    def accept(self, listener: Any) -> None:
        """Take a new connection; nobody waits for its first byte but the loop."""
        try:
            plain, client = listener.accept()
        except OSError as problem:
            if problem.errno in {errno.EMFILE, errno.ENFILE}:
                self._make_room()
            elif problem.errno not in {errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK}:
                raise
            return
        if self.nr_conns >= self.worker_connections - 1:
            self._make_room()
        self.nr_conns += 1
        connection = Connection(self.cfg, AnswerSocket.of(plain), client, listener.getsockname())
        self._await(connection, HEAD_SECONDS)

    def finish_request(self, conn: "Connection", fs: Any) -> None:
        """A thread has finished an answer; it may not have left yet."""
        conn.goes_on = not fs.cancelled() and fs.exception() is None and bool(fs.result())
        if conn.sock.fileno() < 0:
            self._drop(conn)
        elif conn.sock.has_more:
            conn.due = time.monotonic() + _TAKING_SECONDS
            self._taking[conn] = None
            self.poller.register(conn.sock, selectors.EVENT_WRITE, partial(self._writable, conn))
        else:
            self._answered(conn)

    def _writable(self, conn: "Connection", _: Any) -> None:
        if conn not in self._taking:
            return
        try:
            conn.due += conn.sock.send_more() / _SLOWEST_BYTES_PER_SECOND
        except OSError:
            self._drop(conn)
            return
        if not conn.sock.has_more:
            self._forget(conn)
            self._answered(conn)

    def _answered(self, conn: "Connection") -> None:
        """Await the next request of the connection, or let it go."""
        if not (conn.goes_on and self.alive):
            self._let_go(conn)
            return
        rest = conn.take_rest()
        self._await(conn, self.cfg.keepalive)
        if rest:
            self._take(conn, rest)

    def murder_pending(self) -> None:
        """Called after each batch of events, and once a second at least: end what has lasted too long."""
        super().murder_pending()
        now = time.monotonic()
        if now < self._look_again_at:
            return
        self._look_again_at = now + _LOOK_EVERY_SECONDS
        for conn in [conn for conn in self._arriving if now > conn.arriving.due or self._is_idle_at_the_end(conn)]:
            if conn.arriving.received:
                self._refuse(conn, _TOO_SLOW)
            else:
                self._drop(conn)
        for conn in [conn for conn in self._taking if now > conn.due]:
            self._cut += 1
            self._drop(conn)
        for conn in [conn for conn in self._leaving if now > conn.due]:
            self._drop(conn)
        if self._cut and now - self._told_at > _WORDS_EVERY_SECONDS:
            self.log.warning("Cut %d connections that were too slow or too many.", self._cut)
            self._cut, self._told_at = 0, now

    def _is_idle_at_the_end(self, conn: "Connection") -> bool:
        return not self.alive and not conn.arriving.received

    def _await(self, conn: "Connection", first_byte_within: float) -> None:
        conn.sock.setblocking(False)
        conn.arriving = Arriving(time.monotonic(), first_byte_within)
        self._arriving.add(conn)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._readable, conn))

    def _readable(self, conn: "Connection", _: Any) -> None:
        # Events come in batches: an earlier one of the batch may have made room by dropping this connection.
        if conn not in self._arriving:
            return
        try:
            data = conn.sock.recv(_AT_ONCE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self._take(conn, data)
        else:
            self._drop(conn)

    def _take(self, conn: "Connection", data: bytes) -> None:
        self._held += len(data)
        try:
            progress = conn.arriving.take(data, time.monotonic())
        except OSError:
            self.log.exception("There is no place for a long request. Make room for temporary files.")
            self._refuse(conn, _NO_PLACE)
            return
        if progress is Progress.WHOLE:
            self._forget(conn)
            conn.data_ready = True
            self.enqueue_req(conn)
        elif progress is Progress.MORE:
            self._encourage(conn)
            if self._held > _MOST_HELD:
                self._make_room()
        else:
            self._refuse(conn, _REFUSALS[progress])

    def _encourage(self, conn: "Connection") -> None:
        """Whoever asks before sending a long body is told to; gunicorn does so only when a thread reads it."""
        if conn.arriving.expects_continue:
            conn.arriving.expects_continue = False
            with suppress(OSError):
                conn.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _make_room(self) -> None:
        """Whoever has kept us waiting longest goes: first who leaves anyway, then who has sent nothing yet."""
        self._cut += 1
        if self._leaving:
            self._drop(next(iter(self._leaving)))
        elif self._arriving:
            self._drop(min(self._arriving, key=lambda conn: (conn.arriving.received > 0, conn.arriving.since)))
        elif self._taking:
            self._drop(next(iter(self._taking)))

    def _refuse(self, conn: "Connection", status: str) -> None:
        self._cut += 1
        with suppress(OSError):
            conn.sock.send(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode("ascii"))
        self._forget(conn)
        self._let_go(conn)

    def _let_go(self, conn: "Connection") -> None:
        """Half-close, and let the loop wait for the other side to close; gunicorn's own wait stops the loop."""
        conn.arriving.close()
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._last_words, conn))
        except (OSError, ValueError, KeyError):
            self._drop(conn)
            return
        conn.due = time.monotonic() + _LINGER_SECONDS
        self._leaving[conn] = None

    def _last_words(self, conn: "Connection", _: Any) -> None:
        if conn not in self._leaving:
            return
        try:
            data = conn.sock.recv(_AT_ONCE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        conn.drained += len(data)
        if not data or conn.drained > _LINGER_BYTES:
            self._drop(conn)

    def _drop(self, conn: "Connection") -> None:
        self._forget(conn)
        conn.arriving.close()
        self.nr_conns -= 1
        conn.close()

    def _forget(self, conn: "Connection") -> None:
        """The loop waits for it no longer."""
        if conn in self._arriving:
            self._arriving.remove(conn)
            self._held -= conn.arriving.received
        elif conn in self._taking:
            del self._taking[conn]
        elif conn in self._leaving:
            del self._leaving[conn]
        else:
            return
        self.poller.unregister(conn.sock)


class Connection(TConn):  # type: ignore[misc]
    """One connection, and the request on it."""

    arriving: Arriving
    parser: Any
    goes_on = False
    # While it is taking its answer, or leaving: the moment by which it must have.
    due = 0.0
    drained = 0

    def init(self) -> None:
        """Called in the thread before each request: give the parser what has come."""
        self.initialized = True
        self.sock.setblocking(False)
        if self.parser is None:
            self.parser = http.get_parser(self.cfg, self.sock, self.client)
            self.parser.unreader = WhatHasCome(self.sock)
        self.parser.unreader.content = self.arriving.content()

    def take_rest(self) -> bytes:
        """What has come beyond the request that was answered."""
        rest: bytes = self.parser.unreader.take_buffered() + self.arriving.content_left()
        self.arriving.close()
        return rest


class WhatHasCome(SocketUnreader):  # type: ignore[misc]
    """Reads what the loop has taken in. Then it ends: waiting for more is not a thread's part."""

    content: IO[bytes]

    def chunk(self, size_hint: int | None = None) -> bytes:
        """The next piece."""
        return self.content.read(min(max(size_hint or 0, self.mxchunk), self.max_body_chunk))
