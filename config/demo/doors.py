"""The demo's doors: the API, and a handset's text through SNS. What people and other systems use."""

import json
import urllib.error
import urllib.request
from typing import Any

from config.demo.place import OUR_NUMBER, Place


class Trouble(Exception):
    """What went wrong, in words for whoever watches."""


def call(place: Place, method: str, path: str, data: object = None) -> Any:
    """Ask the API."""
    token = place.token_file.read_text().strip()
    return _request(f"http://127.0.0.1:{place.port}/api/v1/{path}", method, data, {"Authorization": f"Token {token}"})


def text_from(place: Place, phone_number: str, body: str) -> None:
    """Text our number from a handset."""
    text = {"from": phone_number, "to": OUR_NUMBER, "body": body}
    _request(f"{place.simulator_url}/simulator/api/texts", "POST", text)


def _request(url: str, method: str, data: object = None, headers: dict[str, str] | None = None) -> Any:
    body = None if data is None else json.dumps(data).encode()
    # Both addresses are of the demo itself, on this machine.
    request = urllib.request.Request(  # noqa: S310
        url, body, {"Content-Type": "application/json", **(headers or {})}, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
            return json.load(response)
    except urllib.error.HTTPError as refusal:
        raise Trouble(f"{method} {url} answered {refusal.code}: {refusal.read(500)!r}") from refusal
    except (OSError, ValueError) as problem:
        raise Trouble(f"{method} {url}: {problem}") from problem
