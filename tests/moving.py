"""Time that tests move."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from messaging import clock


class MovableTime:
    """The present, which goes on by itself and can be moved forward; whoever sleeps moves it."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self._traveller = traveller

    def forward(self, seconds: float) -> None:
        """Let so many seconds pass at once."""
        if seconds > 0:
            self._traveller.shift(timedelta(seconds=seconds))

    @property
    def now(self) -> datetime:
        """The present."""
        return clock.now()


@contextmanager
def movable_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[MovableTime]:
    """Time that is moved instead of slept through, within the block."""
    with time_machine.travel(datetime.now(UTC), tick=True) as traveller:
        time = MovableTime(traveller)
        monkeypatch.setattr(clock, "sleep", time.forward)
        yield time
