"""The doors into the running place: its API, insisted on while parts of it are dead, and the simulator's own API."""

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

_AGAIN_SECONDS = 0.5
# What a caller sees of a server that is dead, dying or starting.
AWAY = (OSError, http.client.HTTPException, ValueError)


class Refused(Exception):
    """A 4xx: the harness asked for something wrong, or the product refuses what it should take."""


class Api:
    """Textback's REST API."""

    def __init__(self, url: str, token: str) -> None:
        self._url = f"{url}/api/v1/"
        self._headers = {"Authorization": f"Token {token}"}

    def insist(self, method: str, path: str, data: object, until: float, gone: Callable[[], bool]) -> Any:
        """Ask until there is an answer, as a monitoring system that repeats itself does.

        Raises:
            Refused: a 4xx.
            TimeoutError: no answer until that moment of the steady clock, or the caller is told to go.
        """
        while True:
            try:
                return request(f"{self._url}{path}", method, data, self._headers)
            except AWAY as problem:
                if time.monotonic() > until or gone():
                    raise TimeoutError(f"{method} {path}: {problem}") from problem
                time.sleep(_AGAIN_SECONDS)


class Carrier:
    """The simulator's control API."""

    def __init__(self, url: str) -> None:
        self.url = url

    def fault(
        self, kind: str, *, probability: float, seed: int, seconds: float | None = None, count: int | None = None
    ) -> bool:
        """Switch a fault on. Returns whether the simulator was there to hear it."""
        data = {"kind": kind, "probability": probability, "seed": seed, "seconds": seconds, "count": count}
        return self._tell("PUT", "/simulator/api/faults", data)

    def faults(self) -> dict[str, int] | None:
        """The faults that are on, and how often each has struck; None when the simulator is not there to tell."""
        try:
            said = request(f"{self.url}/simulator/api/faults", "GET", None, {})
        except AWAY:
            return None
        return {one["kind"]: one["used"] for one in said["active"]}

    def mend(self, kind: str | None = None) -> bool:
        """Switch one fault off, or all."""
        return self._tell("DELETE", "/simulator/api/faults" + (f"?kind={kind}" if kind else ""), None)

    def text(self, sender: str, to: str, body: str) -> bool:
        """A text from a handset. Returns whether it was taken for sure; else its journal tells."""
        return self._tell("POST", "/simulator/api/texts", {"from": sender, "to": to, "body": body})

    def add_phone(self, number: str, name: str) -> bool:
        """A handset for somebody."""
        return self._tell("POST", "/simulator/api/handsets", {"name": name, "number": number})

    def switch(self, number: str, state: str) -> bool:
        """Make a handset ``on``, ``off`` or ``unreachable``. Returns whether the simulator was there to hear it."""
        return self._tell("POST", f"/simulator/api/handsets/{number}", {"state": state})

    def _tell(self, method: str, path: str, data: object) -> bool:
        try:
            request(f"{self.url}{path}", method, data, {})
        except AWAY:
            return False
        return True


def request(url: str, method: str, data: object, headers: dict[str, str]) -> Any:
    """The JSON that answers a request.

    Raises:
        Refused: a 4xx.
        OSError, http.client.HTTPException, ValueError: no answer, a broken one, or a 5xx.
    """
    raw = isinstance(data, str)
    body = None if data is None else (data.encode() if isinstance(data, str) else json.dumps(data).encode())
    kind = "text/csv" if raw else "application/json"
    asked = urllib.request.Request(url, body, {"Content-Type": kind, **headers}, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=20) as response:
            return json.loads(response.read() or b"null")
    except urllib.error.HTTPError as answer:
        with answer:
            if answer.code < 500:
                text = answer.read(500).decode("utf-8", "replace")
                raise Refused(f"{method} {url} answered {answer.code}: {text}") from None
            raise OSError(f"{method} {url} answered {answer.code}") from None
