"""Another system on this machine, which hears of events: it writes down what comes, and now and then fails.

Each request is in its journal before it is answered, with the answer: what it has taken it remembers, whoever dies.
"""

import json
import random
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.crash.doors import Api

FILE = "received.jsonl"
# Texts, because they are many and wait for each other; of incidents and shifts, what follows on each other.
TYPES = (
    *("incident.opened", "incident.escalated", "incident.acknowledged", "incident.unacknowledged"),
    *("shift.booked", "shift.released"),
    *("message.delivered", "message.failed"),
)
TAKES, REFUSES, HANGS_UP = 204, 500, None
# Less than the ten seconds that Textback waits for an answer: what is held is answered in the end.
_HELD_SECONDS = 5.0
_ASKING_SECONDS = 60.0

Answers = Mapping[int, int | None]


def failures(seed: int) -> dict[int, int | None]:
    """Which requests fail, counted from one, and how; the rest are taken. Pure.

    Few, because after each nothing else comes for five seconds; one event fails twice, and then it is fifteen.
    """
    chance = random.Random(f"receiver {seed}")
    kinds = [REFUSES, HANGS_UP, chance.choice((REFUSES, HANGS_UP))]
    chance.shuffle(kinds)
    plan: dict[int, int | None] = {}
    number = 0
    for kind in kinds:
        number += chance.randrange(5, 40)
        plan[number] = kind
    plan[number + 1] = chance.choice((REFUSES, HANGS_UP))
    return plan


class Receiver:
    """`with Receiver(file) as receiver: ...`, in threads of the harness, which nobody kills.

    Attributes:
        secret: what signatures are made with, once there is an endpoint.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.secret = ""
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, name="receiver", daemon=True)
        self._failures: dict[int, int | None] = {}
        self._came = 0
        self._changed = threading.Condition()
        self._holds_next = False
        self._holding = False

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(10)
        self._server.server_close()

    @property
    def settings(self) -> dict[str, str]:
        """What Textback needs to be allowed to call it: it is on this machine, on any port, and speaks no TLS."""
        return {
            "WEBHOOKS_ALLOW_HTTP": "1",
            "WEBHOOKS_ALLOWED_NETWORKS": "127.0.0.1/32",
            "WEBHOOKS_PORTS": str(self._server.server_port),
        }

    def subscribe(self, api: Api) -> None:
        """Have an operator make its endpoint. A second later all processes know of it."""
        url = f"http://127.0.0.1:{self._server.server_port}/hooks"
        asked = {"name": "Dispatch", "url": url, "event_types": list(TYPES)}
        until = time.monotonic() + _ASKING_SECONDS
        self.secret = api.insist("POST", "webhook-endpoints/", asked, until, lambda: False)["secret"]

    def fail(self, plan: Answers) -> None:
        """Fail these requests, counted from the first that ever came."""
        with self._changed:
            self._failures = dict(plan)

    @property
    def undone(self) -> tuple[str, ...]:
        """Failures that never happened."""
        with self._changed:
            return tuple(f"answer {kind or 'nothing'} to event {n}" for n, kind in sorted(self._failures.items()))

    def hold(self) -> None:
        """Keep the next request waiting for its answer, for a while or until it is let go."""
        with self._changed:
            self._holds_next = True

    @property
    def holds(self) -> bool:
        """Whether a request waits for its answer."""
        with self._changed:
            return self._holding

    def let_go(self) -> None:
        """Answer what is held, and hold nothing more."""
        with self._changed:
            self._holds_next = self._holding = False
            self._changed.notify_all()

    def answer(self, headers: Mapping[str, str], body: bytes) -> int | None:
        """Write a request down and say what it is answered; None: the receiver hangs up."""
        at = time.time()
        with self._changed:
            self._came += 1
            status = self._failures.pop(self._came, TAKES)
            if self._holds_next:
                self._holds_next, self._holding = False, True
                self._changed.wait_for(lambda: not self._holding, _HELD_SECONDS)
                self._holding = False
            self._write({"at": at, "headers": headers, "body": body.decode("utf-8", "replace"), "answer": status})
        return status

    def _write(self, record: Mapping[str, Any]) -> None:
        with self.file.open("a") as file:
            file.write(json.dumps(record) + "\n")


def read(file: Path) -> Iterator[dict[str, Any]]:
    """The journal, in the order in which requests were answered."""
    if file.exists():
        with file.open() as lines:
            yield from map(json.loads, lines)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        super().__init__(("127.0.0.1", 0), _Door)

    def handle_error(self, request: Any, client_address: Any) -> None:
        # Whoever asked has been killed, and hears no answer.
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Door(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        body = self.rfile.read(length)
        if len(body) < length:
            # Whoever asked was killed before it had said everything: nothing has come.
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        status = self.server.receiver.answer(headers, body)
        if status is not None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        pass
