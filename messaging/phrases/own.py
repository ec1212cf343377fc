"""What staff say instead of the shipped words, as this process last read it.

Thousands of texts a minute are composed, and none of them may cost a query for it: all rows are read at once, when the
last look is older than a second. So a change is heard of everywhere within a second of the next text; in the process
that made it, at once. There is no message between processes that could be lost.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from messaging import clock
from messaging.compiled import Compiled
from messaging.models import TextTemplate
from messaging.text import measure

# (key of a phrase, language) → words
Words = Mapping[tuple[str, str], str]

LOOK_AGAIN = timedelta(seconds=1)
_NONE: Words = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Look:
    """What was there at a time. Replaced as a whole: threads see the old words or the new ones, nothing between."""

    at: datetime | None
    words: Words


class _Memory:
    look = _Look(None, _NONE)


_memory = _Memory()
_instead: ContextVar[Words | None] = ContextVar("words_instead", default=None)


def refresh() -> None:
    """Read them again if the last look is old."""
    at, now = _memory.look.at, clock.now()
    # A clock that was set back must not make old words last.
    if at is None or not timedelta(0) <= now - at < LOOK_AGAIN:
        _memory.look = _Look(now, {(key, language): text for key, language, text in _ROWS.rows()})


_ROWS = Compiled(lambda: TextTemplate.objects.exclude(text="").order_by().values_list("key", "language", "text"))


def forget() -> None:
    """Have them read again before the next text."""
    _memory.look = _Look(None, _memory.look.words)


def words_of(key: str, language: str) -> str:
    """What staff say instead; "" for the shipped words."""
    return _all().get((key, language), "")


def _all() -> Words:
    instead = _instead.get()
    return _memory.look.words if instead is None else instead


@contextmanager
def trying(key: str, language: str, text: str) -> Iterator[None]:
    """Within, this is what staff say for a phrase, and everything else is as it is."""
    with _saying({**_all(), (key, language): text}):
        yield


@contextmanager
def shipped() -> Iterator[None]:
    """Within, every phrase is said as shipped."""
    with _saying(_NONE):
        yield


@contextmanager
def _saying(words: Words) -> Iterator[None]:
    before = _instead.set(words)
    try:
        yield
    finally:
        _instead.reset(before)


def fitting(compose: Callable[[], str]) -> str:
    """A text in staff's own words; in the shipped ones where those make it longer than AWS takes.

    What was checked when it was begun (an incident's description with the longest text about it) must be sent, whatever
    staff have written since.
    """
    body = compose()
    # On trial it is shown as it would be, however long.
    if measure(body).fits or _instead.get() is not None:
        return body
    with shipped():
        return compose()
