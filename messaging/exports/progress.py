"""How far a long run is: a line that is written over on a terminal, else a line now and then."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from messaging import clock

# On a terminal; and in a log, where every line stays.
_TERMINAL, _LOG = timedelta(seconds=0.5), timedelta(seconds=15)
# Before that nobody knows how long it will take.
_TOO_EARLY = 0.01
_CLEAR = "\r\x1b[K"


@dataclass(frozen=True, slots=True)
class Point:
    """How far a run is.

    Attributes:
        file: which of the ``files``, from 1; ``line`` is where in it.
        rows: read by now.
        share: of all bytes of the files, as they lie on the disk, from 0 to 1.
        sums: what became of the rows.
    """

    file: int
    files: int
    line: int
    rows: int
    share: float
    sums: str


class Shown:
    """Called with each point; writes some of them."""

    def __init__(self, write: Callable[[str], object], *, is_terminal: bool) -> None:
        """``write`` is given text as it is, with its line end."""
        self._write, self._is_terminal = write, is_terminal
        self._began: datetime | None = None
        self._at = clock.now()
        self._is_shown = False

    def __call__(self, point: Point) -> None:
        """Write a line, unless the last one was a moment ago."""
        now = clock.now()
        if self._began is None:
            self._began = self._at
        if now - self._at < (_TERMINAL if self._is_terminal else _LOG):
            return
        self._at = now
        line = sentence(point, (now - self._began).total_seconds())
        if self._is_terminal:
            self._write(_CLEAR + line[: shutil.get_terminal_size().columns - 1])
            self._is_shown = True
        else:
            self._write(f"{line}\n")

    def end(self) -> None:
        """Take the line away."""
        if self._is_shown:
            self._write(_CLEAR)


def sentence(point: Point, seconds: float) -> str:
    """A point in words. Pure.

    Args:
        point: how far it is.
        seconds: since it began.
    """
    rate = f", {point.rows / seconds:,.0f} a second" if seconds > 0 else ""
    left = f", {_time(seconds / point.share - seconds)} left" if point.share >= _TOO_EARLY else ""
    where = f"file {point.file} of {point.files}, line {point.line:,}"
    return f"{point.rows:,} rows ({point.share:.0%}{rate}{left}), {where}: {point.sums}"


def _time(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    return f"{int(seconds // 3600)} h {int(seconds % 3600 // 60)} min"
