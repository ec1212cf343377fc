"""JSON of any size, an element at a time: documents one after the other, and the lists within them. Pure.

The standard decoder wants a whole document in memory. Here it gets one element at a time out of a growing buffer; what
is read is thrown away.
"""

import json
import re
from collections.abc import Collection, Iterator
from typing import IO, Any

_PIECE = 65_536
# An element that is larger is none of an export.
_LONGEST = 4 * 1024 * 1024
_SPACE = re.compile(r"[ \t\r\n]*")
_BOUNDARY = frozenset(" \t\r\n,]}:")


class Broken(ValueError):
    """This is no JSON from here on. ``line`` counts from 1."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(problem)
        self.line = line


def elements(stream: IO[str], lists: Collection[str], begin: str = "") -> Iterator[tuple[int, Any]]:
    """The line and value of each element of the lists; a document without such a list is itself one.

    Args:
        stream: what is left to read.
        lists: the keys of an outer object whose lists are meant. An outer list is meant in any case.
        begin: what was read of the stream already.

    Raises:
        Broken: what came before it has been given.
    """
    text = _Text(stream, begin)
    while text.next_sign():
        line = text.line
        if text.next_sign() == "[":
            yield from _list(text)
        elif text.next_sign() == "{":
            yield from _object(text, lists, line)
        else:
            yield line, text.value()


def _object(text: "_Text", lists: Collection[str], line: int) -> Iterator[tuple[int, Any]]:
    found, is_envelope = dict[str, Any](), False
    text.take("{")
    while text.next_sign() != "}":
        key = text.value()
        text.take(":")
        if key in lists and text.next_sign() == "[":
            is_envelope = True
            yield from _list(text)
        else:
            found[str(key)] = text.value()
        if text.next_sign() != "}":
            text.take(",")
    text.take("}")
    if not is_envelope:
        yield line, found


def _list(text: "_Text") -> Iterator[tuple[int, Any]]:
    text.take("[")
    while text.next_sign() != "]":
        line = text.line
        yield line, text.value()
        if text.next_sign() != "]":
            text.take(",")
    text.take("]")


class _Text:
    """A stream, of which a little is in memory."""

    def __init__(self, stream: IO[str], begin: str) -> None:
        self._stream, self._buffer, self._at, self._line = stream, begin, 0, 1
        self._decoder = json.JSONDecoder()

    @property
    def line(self) -> int:
        """Where the next sign is."""
        return self._line

    def next_sign(self) -> str:
        """The next sign that is no space; "" at the end."""
        while True:
            end = _SPACE.match(self._buffer, self._at).end()  # type: ignore[union-attr]
            self._go_to(end)
            if end < len(self._buffer):
                return self._buffer[end]
            if not self._more():
                return ""

    def take(self, sign: str) -> None:
        """Go over a sign, which must be there."""
        if (found := self.next_sign()) != sign:
            raise Broken(self._line, f"{found or 'the end'} stands where {sign} should be")
        self._go_to(self._at + 1)

    def value(self) -> Any:
        """Go over the next value."""
        self.next_sign()
        is_all = False
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._at)
                # 12 at the end of what is read may be the beginning of 123.
                if is_all or isinstance(value, str | dict | list) or self._buffer[end : end + 1] in _BOUNDARY:
                    self._go_to(end)
                    return value
                problem = "a value without an end"
            except (ValueError, RecursionError) as trouble:
                problem = str(trouble).partition(":")[0]
            if is_all or len(self._buffer) - self._at > _LONGEST:
                raise Broken(self._line, problem)
            is_all = not self._more()

    def _more(self) -> bool:
        piece = self._stream.read(max(_PIECE, len(self._buffer) - self._at))
        self._buffer, self._at = self._buffer[self._at :] + piece, 0
        return bool(piece)

    def _go_to(self, end: int) -> None:
        self._line += self._buffer.count("\n", self._at, end)
        self._at = end
