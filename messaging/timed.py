"""Talking to a server within limits that the other side cannot stretch, however slowly its bytes drip."""

import io
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment of time.monotonic() by which all of it must be over."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """So many seconds from now."""
        return cls(time.monotonic() + seconds)

    def seconds(self, at_most: float) -> float:
        """How long the next step may take.

        Raises:
            TimeoutError: nothing is left.
        """
        left = self.at - time.monotonic()
        if left <= 0:
            raise TimeoutError("too slow altogether")
        return min(left, at_most)


class Reader(io.RawIOBase):
    """A socket for http.client to read from, which sets its time-out anew before each read."""

    def __init__(self, connected: socket.socket, deadline: Deadline, read_seconds: float) -> None:
        self._socket = connected
        self._deadline = deadline
        self._read_seconds = read_seconds

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        """What http.client reads."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """One read, within what is left.

        Raises:
            TimeoutError: nothing is left, or nothing came.
        """
        self._socket.settimeout(self._deadline.seconds(self._read_seconds))
        return self._socket.recv_into(buffer)
