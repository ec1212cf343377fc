"""When bytes reached this machine, by its kernel: earlier than the simulator found the time to read them."""

from __future__ import annotations

import io
import socket
import struct
import sys
import time
from collections.abc import Iterable
from typing import Any

from messaging.simulator import clock

# <asm-generic/socket.h>; the socket module does not have it. A connection inherits it from the socket that listens.
_SO_TIMESTAMPNS = 35
_TIMESPEC = struct.Struct("qq")
SPACE = 128
"""Bytes that what the kernel says needs."""
# More than that, and the wall clock was moved meanwhile.
_OLDEST_SECONDS = 60.0


def stamp(listening: socket.socket) -> None:
    """Have the kernel say of each connection's bytes when they came, where it can."""
    if sys.platform == "linux":
        listening.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)


class Arrivals(io.RawIOBase):
    """What a connection receives. ``at`` is when the bytes that were read last had arrived, by the steady clock."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self.at = clock.steady()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count, ancillary, _, _ = self._connection.recvmsg_into([buffer], SPACE)
        self.at = clock.steady() - age(ancillary)
        return count


def age(ancillary: Iterable[tuple[int, int, bytes]]) -> float:
    """For how many seconds bytes had been there when they were read, by what recvmsg told beside them."""
    for level, kind, data in ancillary:
        if (level, kind, len(data)) == (socket.SOL_SOCKET, _SO_TIMESTAMPNS, _TIMESPEC.size):
            seconds, nanoseconds = _TIMESPEC.unpack(data)
            ago = time.time() - (seconds + nanoseconds / 1e9)
            return ago if 0 <= ago < _OLDEST_SECONDS else 0.0
    return 0.0
