"""One request on its way in: what has come so far, and whether it is whole. Knows nothing of sockets and threads.

Only the end of the request is looked for (RFC 9112 section 6.3). Judging the request is gunicorn's part: whatever looks
odd here counts as whole, and is refused there.
"""

import io
import tempfile
from enum import Enum, auto
from typing import IO, Final

# Ours are below 8 KiB, cookies included.
LARGEST_HEAD: Final = 32_768
# A list of employees (shifts.roster: 20 MiB) and what a form has around it. Nothing else is near it.
LARGEST_BODY: Final = 22 * 1_048_576
# An SNS delivery seldom has more; what has more lies in a file, so that a thousand slow uploads cost no memory.
IN_MEMORY: Final = 65_536
HEAD_SECONDS: Final = 10.0
# A whole list over a bad line takes some minutes; less than this is no line but an attack.
BODY_SECONDS: Final = 20.0
SLOWEST_BYTES_PER_SECOND: Final = 8_192
_END = b"\r\n\r\n"


class Progress(Enum):
    """How far a request has come."""

    MORE = auto()
    WHOLE = auto()
    HEAD_TOO_LARGE = auto()
    BODY_TOO_LARGE = auto()
    LENGTH_REQUIRED = auto()


class Arriving:
    """The bytes of one request, of which more may be to come. All times are seconds of one monotonic clock."""

    def __init__(self, now: float, first_byte_within: float) -> None:
        self.since = now
        self.received = 0
        self.expects_continue = False
        self._first_byte_within = first_byte_within
        self._content: IO[bytes] = io.BytesIO()
        self._head = bytearray()
        self._searched = 0
        # Bytes of the body still to come; None until the head is whole.
        self._left: int | None = None

    @property
    def due(self) -> float:
        """The moment by which more must have come: a few seconds for the head, a least pace for the body."""
        if not self.received:
            return self.since + self._first_byte_within
        if self._left is None:
            return self.since + HEAD_SECONDS
        return self.since + BODY_SECONDS + self.received / SLOWEST_BYTES_PER_SECOND

    def take(self, data: bytes, now: float) -> Progress:
        """Keep what has come.

        Raises:
            OSError: there is no place left for the file of a long request.
        """
        if not self.received:
            self.since = now
        self.received += len(data)
        self._keep(data)
        if self._left is not None:
            return self._of_body(len(data))
        self._head += data
        # What was searched before can hold the beginning of the end at most.
        end = self._head.find(_END, max(0, self._searched - len(_END) + 1))
        self._searched = len(self._head)
        if end > LARGEST_HEAD or (end < 0 and self._searched > LARGEST_HEAD):
            return Progress.HEAD_TOO_LARGE
        if end < 0:
            return Progress.MORE
        head, rest = bytes(self._head[:end]), self._searched - end - len(_END)
        self._head.clear()
        return self._frame(head, rest)

    def content(self) -> IO[bytes]:
        """All that has come, from its beginning; more than this request, if the sender was ahead of us."""
        self._content.seek(0)
        return self._content

    def content_left(self) -> bytes:
        """What has not been read of content."""
        return self._content.read()

    def close(self) -> None:
        """Forget it."""
        self._content.close()

    def _keep(self, data: bytes) -> None:
        if self.received > IN_MEMORY and isinstance(self._content, io.BytesIO):
            file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the request
            file.write(self._content.getvalue())
            self._content = file
        self._content.write(data)

    def _frame(self, head: bytes, rest: int) -> Progress:
        """Find out how long the body is; what comes of its first bytes, which came with the head."""
        lengths: list[bytes] = []
        for line in head.split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            match name.strip().lower():
                case b"content-length":
                    lengths.append(value.strip())
                case b"transfer-encoding":
                    # Django takes a body without a length for an empty one: better to say so than to lose it.
                    return Progress.LENGTH_REQUIRED
                case b"expect":
                    self.expects_continue = value.strip().lower() == b"100-continue"
        if len(lengths) != 1 or not lengths[0].isdigit() or len(lengths[0]) > 18:
            return Progress.WHOLE
        self._left = int(lengths[0])
        return Progress.BODY_TOO_LARGE if self._left > LARGEST_BODY else self._of_body(rest)

    def _of_body(self, came: int) -> Progress:
        assert self._left is not None
        self._left -= came
        return Progress.WHOLE if self._left <= 0 else Progress.MORE
