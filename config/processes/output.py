"""One stream for the lines of many processes, which never makes the one who writes wait.

A reader of our output that has stopped reading (a full pipe, a suspended terminal) must not stop a supervisor from
restarting and ending processes. So a thread writes, and lines that would pile up are dropped, and counted.
"""

import contextlib
import datetime
import os
import queue
import threading

from honcho.printer import Message, Printer

_WAITING_PIECES = 20_000
_COLOURS = ("36", "33", "32", "35", "34", "36;1", "33;1", "32;1", "35;1", "34;1")


class _Stream:
    """What honcho's printer writes to: a queue in front of a file descriptor."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._queue: queue.Queue[bytes | None] = queue.Queue(_WAITING_PIECES)
        self._dropped = 0
        self._thread = threading.Thread(target=self._work, name="output", daemon=True)
        self._thread.start()
        self.closed_by_reader = False

    def write(self, text: str) -> None:
        try:
            self._queue.put_nowait(text.encode())
        except queue.Full:
            self._dropped += 1

    def flush(self) -> None:
        """Nothing to do: each piece is written as soon as the reader takes it."""

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def close(self, seconds: float) -> None:
        """Write what waits, for so long at most."""
        with contextlib.suppress(queue.Full):
            self._queue.put_nowait(None)
        self._thread.join(seconds)

    def _work(self) -> None:
        while (piece := self._queue.get()) is not None:
            dropped, self._dropped = self._dropped, 0
            if dropped:
                piece = f"... {dropped} pieces of output dropped: nobody was reading\n".encode() + piece
            try:
                while piece:
                    piece = piece[os.write(self._descriptor, piece) :]
            except OSError:
                self.closed_by_reader = True
                return


class Output:
    """Prints `12:34:56 name | line`, in colour on a terminal."""

    def __init__(self, descriptor: int = 1) -> None:
        self._stream = _Stream(descriptor)
        self._printer = Printer(self._stream)
        self._colours: dict[str, str] = {}
        self._lock = threading.Lock()

    @property
    def closed_by_reader(self) -> bool:
        """Whether whoever read our output has gone away."""
        return self._stream.closed_by_reader

    def known(self, *names: str) -> None:
        """Make the column as wide as the longest of these names."""
        for name in names:
            self._colours.setdefault(name, _COLOURS[len(self._colours) % len(_COLOURS)])
            self._printer.width = max(self._printer.width, len(name))

    def line(self, name: str, text: str | bytes) -> None:
        """Print one or more lines of one process."""
        # honcho prints the text and the line's end in two writes: without the lock two threads' lines could mix.
        with self._lock:
            self._printer.write(Message("line", text, datetime.datetime.now(), name, self._colours.get(name)))

    def close(self, seconds: float = 1.0) -> None:
        """Print what waits, for so long at most, then stop."""
        self._stream.close(seconds)
