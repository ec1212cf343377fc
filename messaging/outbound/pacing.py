"""How fast a number may send. Pure: times are seconds of any steady clock.

AWS counts message *parts* per second (docs.aws.amazon.com/sms-voice/latest/userguide/sms-limitations-mps.html), and one
message per second to one recipient. Both are kept over a window a little longer than a second, because what leaves
here evenly does not arrive there quite as evenly.
"""

from collections import deque
from dataclasses import dataclass, field

WINDOW = 1.035
# From so many parts a second on one is kept back, and with it less of the time: a thread that is put off between its
# stamp and the wire, for however long, makes one window too full by one part. For slower numbers one is too much.
_ONE_KEPT_BACK_FROM = 100
_WINDOW_WITH_ONE_KEPT_BACK = 1.02
# Starts are spread over the window, up to this much faster than even: enough to catch up after a short delay.
_CATCH_UP = 1.25
# What may start within so many seconds may start at once: nobody wakes on time for each text of a quick number.
_AT_ONCE = 0.008


@dataclass(slots=True)
class Start:
    """The start of a text's parts, or of those that fill one window of it."""

    at: float
    parts: int
    after: "Start | None" = None

    def began(self, at: float) -> None:
        """Its call began only now: a busy machine took its time. Called from the thread that makes the call."""
        late = at - self.at
        start: Start | None = self
        while late > 0 and start is not None:
            start.at += late
            start = start.after


@dataclass(slots=True)
class Pace:
    """The starts of one number's last second.

    Attributes:
        mps: message parts per second the number is allowed; may change at any time.
    """

    mps: int
    _starts: deque[Start] = field(default_factory=deque)
    _used: int = 0
    # Parts that had started by a time and, were they spread evenly, would not have yet.
    _ahead: float = 0.0
    _ahead_at: float = 0.0
    _last_parts: int = 0

    def start(self, at: float, parts: int) -> Start:
        """Remember that a text of so many parts starts now. One of more than a window takes fills several."""
        self._ahead, self._ahead_at = self._ahead_by(at) + parts, at
        self._last_parts = parts
        self._used += parts
        most = self.most
        first = start = Start(at, min(parts, most))
        self._starts.append(start)
        while (parts := parts - most) > 0:
            start.after = Start(start.at + self._window, min(parts, most))
            start = start.after
            self._starts.append(start)
        return first

    @property
    def texts_per_second(self) -> float:
        """How many texts have started lately."""
        return len(self._starts) / self._window

    def room(self, at: float) -> int:
        """How many parts may start by a time, going by the window alone."""
        room = self.most - self._used
        for start in self._starts:
            if start.at > at - self._window:
                break
            room += start.parts
        return room

    def ready_at(self, now: float, parts: int) -> float:
        """The earliest time at which a text of so many parts may start: ``now``, or later."""
        while self._starts and self._starts[0].at <= now - self._window:
            self._used -= self._starts.popleft().parts
        too_many = self._used - (self.most - min(parts, self.most))
        ready = now
        for start in self._starts:
            if too_many <= 0:
                break
            too_many -= start.parts
            # A start stamped late may stand before one that was quicker.
            ready = max(ready, start.at + self._window)
        return max(ready, now + self._even_in(now)) if self.mps > 1 else ready

    def _even_in(self, now: float) -> float:
        """In how many seconds the next may start, for starts to be spread over the window."""
        rate = self.mps * _CATCH_UP
        too_early = self._ahead_by(now) - max(0.0, rate * _AT_ONCE - 1)
        # What went ahead at a higher rate, before that was lowered, is the window's affair.
        return max(0.0, min(too_early, self._last_parts)) / rate

    def _ahead_by(self, at: float) -> float:
        return max(0.0, self._ahead - (at - self._ahead_at) * self.mps * _CATCH_UP)

    @property
    def most(self) -> int:
        """How many parts may start within a window."""
        return self.mps - (self.mps >= _ONE_KEPT_BACK_FROM)

    @property
    def _window(self) -> float:
        return _WINDOW_WITH_ONE_KEPT_BACK if self.mps >= _ONE_KEPT_BACK_FROM else WINDOW
