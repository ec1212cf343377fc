"""An HTTP request and its answer as values, between the server and those who know what to answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from messaging.simulator import clock
from messaging.simulator.hub import Feed


@dataclass(frozen=True)
class Request:
    """``headers`` are by lower-case name; ``arrived`` is when its first bytes did, by the steady clock."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    arrived: float = field(default_factory=clock.steady)

    @property
    def signed(self) -> bool:
        """Signed by AWS's scheme, right or wrong: any credentials will do here, none will not."""
        return self.headers.get("authorization", "").startswith("AWS4-HMAC-SHA256 ")

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True)
class Answer:
    """``silent`` hangs up without a word, ``withhold_seconds`` lets the caller wait, ``feed`` streams.

    ``before`` is called when it is about to be written.
    """

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    silent: bool = False
    withhold_seconds: float = 0.0
    before: Callable[[], None] | None = None
    feed: Feed | None = None


def as_json(value: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(value).encode())


def error(status: int, text: str) -> Answer:
    return as_json({"error": text}, status)
