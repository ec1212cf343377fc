"""Whether the database takes writes: asked by writing something and taking it back, at most every few seconds.

A full disk, a standby and default_transaction_read_only show only there. What is written is large enough to need room
of its own, and nobody ever sees it.
"""

import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.contrib.sessions.models import Session
from django.db import Error, connection, transaction

from messaging import clock

ASK_AGAIN_SECONDS = 5.0
# No page of SQLite, and no tuple of PostgreSQL, holds it with others.
_BYTES = 6_000
_PATIENCE_MILLISECONDS = 500
# SQLite writes at commit, and this is never committed: less room than this is none.
_NO_ROOM_BYTES = 1 << 20
_SQLITE_DEFAULT_TIMEOUT_SECONDS = 5


@dataclass
class _Answer:
    at: float = float("-inf")
    refusal: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)


_last = _Answer()


def refusal() -> str:
    """Why the database takes no writes, by the name of its error; "" when it takes them. A few seconds old at most.

    Raises:
        django.db.Error: it cannot be asked at all.
    """
    # Whoever comes meanwhile gets the last answer: probes must not queue for a database in trouble.
    if time.monotonic() - _last.at >= ASK_AGAIN_SECONDS and _last.lock.acquire(blocking=False):
        try:
            _last.refusal = _ask()
            _last.at = time.monotonic()
        finally:
            _last.lock.release()
    return _last.refusal


def bytes_free() -> int | None:
    """The room left where an SQLite database lies; None for a database elsewhere."""
    if connection.vendor != "sqlite":
        return None
    return shutil.disk_usage(Path(connection.settings_dict["NAME"]).parent).free


def forget() -> None:
    """Ask anew the next time."""
    _last.at = float("-inf")


def _ask() -> str:
    free = bytes_free()
    if free is not None and free < _NO_ROOM_BYTES:
        return "no room is left on its disk"
    row = Session(
        session_key=secrets.token_hex(20), session_data=secrets.token_hex(_BYTES // 2), expire_date=clock.now()
    )
    connection.ensure_connection()
    try:
        with _patience(), transaction.atomic():
            row.save(force_insert=True)
            transaction.set_rollback(True)
    except Error as problem:
        # Somebody else is writing: then so could we.
        return "" if "locked" in str(problem) else type(problem).__name__
    return ""


@contextmanager
def _patience() -> Iterator[None]:
    """Wait for nobody who is writing, for longer than a moment."""
    if connection.vendor == "postgresql":
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {_PATIENCE_MILLISECONDS}")
            yield
        return
    usual = connection.settings_dict["OPTIONS"].get("timeout", _SQLITE_DEFAULT_TIMEOUT_SECONDS)
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout = {_PATIENCE_MILLISECONDS}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA busy_timeout = {round(usual * 1000)}")
