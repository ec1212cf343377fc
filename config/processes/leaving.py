"""One answer on its way out: a socket on which a thread does not wait.

What the other side does not take at once is kept, and sent by the loop of the worker (config.processes.web_worker).
"""

import errno
import os
import socket
import tempfile
from collections import deque
from contextlib import suppress
from typing import IO, Any, Final, Protocol

# Beyond this a thread waits after all: only exports are so long, and only staff get them.
MOST_KEPT: Final = 32 * 1_048_576
# An answer beyond it, of which nothing is taken for so long, is not wanted.
_PATIENCE_SECONDS: Final = 60.0
_IN_MEMORY: Final = 65_536
_PIECE: Final = 65_536


class AnswerSocket(socket.socket):
    """Written to by one thread at a time: that of the answer, then the loop."""

    @classmethod
    def of(cls, plain: socket.socket) -> "AnswerSocket":
        """The same connection; ``plain`` is no longer one."""
        family, kind, protocol = plain.family, plain.type, plain.proto
        made = cls(family, kind, protocol, fileno=plain.detach())
        made._kept = deque()
        return made

    _kept: "deque[_Kept]"

    @property
    def has_more(self) -> bool:
        """Whether something of the answer still has to be sent."""
        return bool(self._kept)

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        """Send what is taken at once, and keep the rest."""
        left = memoryview(data).cast("B")
        if not self._kept:
            left = left[self._offer(left) :]
        if not left:
            return
        spool = self._kept[-1] if self._kept else None
        if not isinstance(spool, _Spool):
            spool = _Spool()
            self._kept.append(spool)
        spool.add(left)
        if spool.left > MOST_KEPT:
            self._send_patiently()

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        """Keep a handle of the file, whoever closes it meanwhile; the loop sends it."""
        handle = os.dup(file.fileno())
        size = os.fstat(handle).st_size - offset
        region = _Region(handle, offset, size if count is None else min(count, size))
        length = region.left
        self._kept.append(region)
        self.send_more()
        return length

    def send_more(self) -> int:
        """Send of what is kept as much as is taken at once; returns how many bytes.

        Raises:
            OSError: the other side has gone.
        """
        total = 0
        while self._kept:
            first = self._kept[0]
            sent = self._offer(memoryview(first.look(_PIECE)))
            first.move(sent)
            total += sent
            if first.left:
                break
            self._kept.popleft().close()
        return total

    def close(self) -> None:
        """Forget what is kept as well."""
        while self._kept:
            self._kept.popleft().close()
        super().close()

    def _offer(self, data: memoryview) -> int:
        try:
            return self.send(data) if data else 0
        except BlockingIOError:
            return 0

    def _send_patiently(self) -> None:
        self.settimeout(_PATIENCE_SECONDS)
        try:
            while self._kept:
                self.send_more()
        except TimeoutError as problem:
            # What gunicorn takes for somebody who went away, which it is.
            raise BrokenPipeError(errno.EPIPE, "the answer was not taken in time") from problem
        finally:
            with suppress(OSError):
                self.setblocking(False)


class _Kept(Protocol):
    left: int

    def look(self, most: int) -> bytes: ...
    def move(self, sent: int) -> None: ...
    def close(self) -> None: ...


class _Spool:
    """Bytes in memory or, when there are many, in a file without a name."""

    def __init__(self) -> None:
        self.left = 0
        self._at = 0
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - see close

    def add(self, data: memoryview) -> None:
        self._file.seek(0, os.SEEK_END)
        self._file.write(data)
        self.left += len(data)

    def look(self, most: int) -> bytes:
        self._file.seek(self._at)
        return self._file.read(min(most, self.left))

    def move(self, sent: int) -> None:
        self._at += sent
        self.left -= sent

    def close(self) -> None:
        self._file.close()


class _Region:
    """A part of somebody else's file."""

    def __init__(self, handle: int, at: int, length: int) -> None:
        self.left = length
        self._handle = handle
        self._at = at

    def look(self, most: int) -> bytes:
        piece = os.pread(self._handle, min(most, self.left), self._at)
        if not piece and self.left:
            raise OSError(errno.EPIPE, "the file became shorter while it was sent")
        return piece

    def move(self, sent: int) -> None:
        self._at += sent
        self.left -= sent

    def close(self) -> None:
        os.close(self._handle)
