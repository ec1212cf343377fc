"""One HTTP post to a webhook, the way SNS makes it: 15 s, no redirects, the answer's body is not read."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from urllib.parse import urlsplit

NO_ANSWER = 0


def post(url: str, body: bytes, headers: Mapping[str, str], timeout: float) -> int:
    """The status code, or NO_ANSWER when the webhook could not be reached or did not answer in time."""
    target = urlsplit(url)
    connect = http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
    connection = connect(target.hostname or "", target.port, timeout=timeout)
    try:
        path = (target.path or "/") + (f"?{target.query}" if target.query else "")
        connection.request("POST", path, body=body, headers=dict(headers))
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return NO_ANSWER
    finally:
        connection.close()


def succeeded(status: int) -> bool:
    return 200 <= status < 300


def worth_retrying(status: int) -> bool:
    """SNS takes 4xx for a permanent refusal and gives up at once."""
    return status == NO_ANSWER or status >= 500 or status in (100, 101)
