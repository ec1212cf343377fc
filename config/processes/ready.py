"""Waiting for /readyz: database, Redis, workers and clock are up."""

import http.client
import threading
import time
from collections.abc import Callable

_PATIENCE_SECONDS = 30.0


def when_ready(port: int, host: str, tell: Callable[[str], None], then: Callable[[], None]) -> threading.Thread:
    """Call a function, in a thread of its own, once /readyz answers 200.

    Args:
        port: Where the web server listens on this machine.
        host: A host name it accepts.
        tell: Told every half minute why it is not ready yet.
        then: The function.
    """
    thread = threading.Thread(target=_wait, args=(port, host, tell, then), name="ready", daemon=True)
    thread.start()
    return thread


def host_in(allowed_hosts: str) -> str:
    """A host name that ALLOWED_HOSTS accepts."""
    hosts = [host.strip() for host in allowed_hosts.split(",") if host.strip() not in ("", "*")]
    if not hosts or "localhost" in hosts:
        return "localhost"
    return hosts[0].lstrip(".")


def _wait(port: int, host: str, tell: Callable[[str], None], then: Callable[[], None]) -> None:
    tell_at = time.monotonic() + _PATIENCE_SECONDS
    while (problem := _why_not(port, host)) is not None:
        if time.monotonic() >= tell_at:
            tell(f"Not ready yet: {problem}")
            tell_at += _PATIENCE_SECONDS
        time.sleep(0.25)
    then()


def _why_not(port: int, host: str) -> str | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz", headers={"Host": host, "X-Forwarded-Proto": "https"})
        response = connection.getresponse()
        body = response.read(500)
        if response.status == http.HTTPStatus.OK:
            return None
        return f"/readyz answers {response.status}: {body.decode('utf-8', 'replace').strip()[:300]}"
    except (OSError, http.client.HTTPException) as problem:
        return f"the web server does not answer ({problem})"
    finally:
        connection.close()
