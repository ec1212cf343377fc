"""What has caused what is going on: one id from an inbound text, or from a web request, to the texts it leads to.

The cause of an inbound text is the text itself, by its ``inbound_message_id``. Who queues a text keeps the cause on
its row, so that the worker that sends it, on whatever host, speaks of the same id. Every line of the log has it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Cause:
    """What has caused something.

    Attributes:
        id: of an inbound text or of a web request; "" when nobody did it (timers, campaigns).
        at: when it came; None when that is not known.
    """

    id: str = ""
    at: datetime | None = None


NOBODY = Cause()
# Where a web request keeps its id (request.META): no header that is sent can have this name.
KEPT_AS = "textback.request_id"

_cause: ContextVar[Cause] = ContextVar("textback_cause", default=NOBODY)
_request: ContextVar[str] = ContextVar("textback_request", default="")


def cause() -> Cause:
    """The cause of what this thread does now."""
    return _cause.get()


def request_id() -> str:
    """The id of the web request that this thread answers; "" when it answers none."""
    return _request.get()


@contextmanager
def caused_by(id: str, at: datetime | None = None) -> Iterator[None]:
    """Within the block, this is the cause. Threads that are started in it have their own."""
    token = _cause.set(Cause(id, at))
    try:
        yield
    finally:
        _cause.reset(token)


@contextmanager
def in_request(id: str, at: datetime) -> Iterator[None]:
    """Within the block this request is answered, and is the cause until somebody knows a better one."""
    token = _request.set(id)
    try:
        with caused_by(id, at):
            yield
    finally:
        _request.reset(token)
