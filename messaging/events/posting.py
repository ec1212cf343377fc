"""One signed request to an endpoint: to an address that was checked, and to no other.

The name is resolved once, every address it has is checked, and the connection is made to one of exactly these: a name
that answers differently the second time (DNS rebinding) is not asked a second time. TLS and the header Host have the
name of the URL all the same. No redirects, no cookies, no proxy, whatever the environment says; one request for a
connection. Nothing here touches the database.
"""

import contextlib
import http.client
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol, cast

import botocore
from django.conf import settings

from messaging import clock
from messaging.events import addresses, signing, verdicts
from messaging.events.addresses import Refused, Rules, Target
from messaging.events.verdicts import Answer
from messaging.timed import Deadline, Reader

CONNECT_SECONDS, READ_SECONDS = 3.0, 10.0
# All of it, however slowly bytes drip. A name is resolved before: the resolver has a time-out of its own.
TOTAL_SECONDS = 15.0
# What is read of an answer, and what is kept of that.
_MOST_BYTES, _MOST_CHARACTERS = 4_096, 1_000

# host, port → the addresses it has
Resolve = Callable[[str, int], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent: to where, signed with which secrets (the newest first), and the event."""

    url: str
    secrets: Sequence[str]
    event_id: str
    body: bytes


class Post(Protocol):
    """Whatever delivers a letter."""

    def __call__(self, letter: Letter, /) -> Answer:
        """Deliver it; never raises for what the other side does."""


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, by the system's resolver.

    Raises:
        OSError: it has none, or nobody can be asked.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(where[0]) for *_, where in found))


def rules() -> Rules:
    """What the operator allows, by settings.MESSAGING."""
    given = settings.MESSAGING
    return Rules(
        http=bool(given.get("WEBHOOKS_ALLOW_HTTP")),
        ports=frozenset(int(port) for port in given.get("WEBHOOKS_PORTS") or Rules().ports),
        networks=addresses.networks(given.get("WEBHOOKS_ALLOWED_NETWORKS") or ()),
    )


@dataclass(frozen=True)
class HttpPost:
    """A request over the network.

    Attributes:
        resolve: finds the addresses of a host.
        context: the trusted authorities, instead of those of the system and of boto3.
        rules: what may be called, read anew for each request.
    """

    resolve: Resolve = resolve
    context: ssl.SSLContext | None = None
    rules: Callable[[], Rules] = rules
    connect_seconds: float = CONNECT_SECONDS
    read_seconds: float = READ_SECONDS
    total_seconds: float = TOTAL_SECONDS

    def __call__(self, letter: Letter) -> Answer:
        """Deliver it, and say what came of that."""
        began = time.monotonic()
        try:
            return self._send(letter, began)
        except Refused as problem:
            return Answer(_since(began), problem=f"Not called: {problem}"[:300])
        except TimeoutError:
            return Answer(_since(began), problem="It did not answer in time.")
        except ssl.SSLError as problem:
            why = getattr(problem, "verify_message", "") or problem.reason or problem
            return Answer(_since(began), problem=f"TLS: {why}"[:300])
        except (OSError, http.client.HTTPException) as problem:
            return Answer(_since(began), problem=f"{type(problem).__name__}: {problem}"[:300])

    def _send(self, letter: Letter, began: float) -> Answer:
        allowed = self.rules()
        target = addresses.parse(letter.url, allowed)
        where = self._checked(target, allowed)
        deadline = Deadline.after(self.total_seconds)
        with self._connected(where, target.port, deadline) as plain:
            plain.settimeout(deadline.seconds(self.connect_seconds))
            with self._wrapped(plain, target) as connection:
                # Only now: a receiver may refuse what was signed long ago.
                head = self._head(letter, target)
                connection.settimeout(deadline.seconds(self.read_seconds))
                connection.sendall(head + letter.body)
                return self._answer(connection, deadline, began)

    def _checked(self, target: Target, allowed: Rules) -> list[str]:
        """The addresses of the host, if all of them may be called."""
        try:
            found = [ip_address(one) for one in self.resolve(target.host, target.port)]
        except (socket.gaierror, UnicodeError) as problem:
            raise OSError(f"{target.host} has no address: {getattr(problem, 'strerror', None) or problem}") from problem
        if not found:
            raise OSError(f"{target.host} has no address")
        for one in found:
            addresses.check(one, allowed)
        return [str(one) for one in found]

    def _connected(self, where: Sequence[str], port: int, deadline: Deadline) -> socket.socket:
        """A connection to the first of these addresses that answers, within the time for all of them."""
        connecting = Deadline.after(deadline.seconds(self.connect_seconds))
        failure: OSError = OSError("nobody to connect to")
        for one in where:
            try:
                # An address and no name: nothing is resolved again.
                return socket.create_connection((one, port), timeout=connecting.seconds(self.connect_seconds))
            except OSError as problem:
                failure = problem
        raise failure

    def _wrapped(self, plain: socket.socket, target: Target) -> socket.socket:
        if not target.is_https:
            return plain
        context = self.context or _trusted()
        return context.wrap_socket(plain, server_hostname=target.host)

    def _head(self, letter: Letter, target: Target) -> bytes:
        now = int(clock.now().timestamp())
        fields = {
            "Host": target.header,
            "User-Agent": "Textback-Webhooks/1",
            "Content-Type": "application/json; charset=utf-8",
            "Content-Length": str(len(letter.body)),
            "Accept-Encoding": "identity",
            "Connection": "close",
            **signing.headers(letter.secrets, letter.event_id, now, letter.body),
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        return f"POST {target.path} HTTP/1.1\r\n{lines}\r\n".encode("ascii")

    def _answer(self, connection: socket.socket, deadline: Deadline, began: float) -> Answer:
        reader = Reader(connection, deadline, self.read_seconds)
        with http.client.HTTPResponse(cast("socket.socket", reader), method="POST") as response:
            response.begin()
            code = response.status
            took = _since(began)
            asked = response.headers.get("Retry-After", "")
            content = b""
            # The status has said it: an answer whose body drips or breaks off is an answer.
            with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
                while len(content) < _MOST_BYTES and (more := response.read1(_MOST_BYTES - len(content))):
                    content += more
            return Answer(
                took,
                status_code=code,
                problem=_why(code),
                response=_text(content),
                retry_after=verdicts.retry_after(asked, clock.now()) if asked else None,
            )


def _why(code: int) -> str:
    if 200 <= code < 300:
        return ""
    if 300 <= code < 400:
        return f"It answered {code}: redirects are not followed. Give the address that it leads to."
    return f"It answered {code}."


def _text(content: bytes) -> str:
    """What people may read of an answer; no database takes a NUL."""
    return content.decode("utf-8", "replace").replace("\0", "�")[:_MOST_CHARACTERS]


def _since(began: float) -> int:
    return max(0, round((time.monotonic() - began) * 1000))


@cache
def _trusted() -> ssl.SSLContext:
    context = ssl.create_default_context()
    # The bundle that boto3 trusts, for machines without a system store.
    bundle = Path(botocore.__file__).with_name("cacert.pem")
    if bundle.exists():
        context.load_verify_locations(cafile=bundle)
    return context
