"""Requests on their way in: where they end, and until when more must have come. No sockets, no real time."""

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.processes.arriving import (
    BODY_SECONDS,
    HEAD_SECONDS,
    IN_MEMORY,
    LARGEST_BODY,
    LARGEST_HEAD,
    SLOWEST_BYTES_PER_SECOND,
    Arriving,
    Progress,
)

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"
BODY = HEAD + b"Content-Length: %d\r\n\r\n"


@pytest.fixture
def arriving() -> Iterator[Arriving]:
    made = Arriving(100.0, 5.0)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("request_", "end"),
    [
        (HEAD + b"\r\n", Progress.WHOLE),
        (HEAD, Progress.MORE),
        (BODY % 3 + b"abc", Progress.WHOLE),
        (BODY % 3 + b"abcGET", Progress.WHOLE),
        (BODY % 3 + b"ab", Progress.MORE),
        (BODY % 0, Progress.WHOLE),
        (BODY % LARGEST_BODY, Progress.MORE),
        (BODY % (LARGEST_BODY + 1), Progress.BODY_TOO_LARGE),
        (HEAD + b"content-length:3 \r\n\r\nab", Progress.MORE),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", Progress.LENGTH_REQUIRED),
        (b"x" * (LARGEST_HEAD + 1), Progress.HEAD_TOO_LARGE),
        (b"x" * (LARGEST_HEAD + 1) + b"\r\n\r\n", Progress.HEAD_TOO_LARGE),
        # What is odd is for gunicorn to refuse.
        (HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\n", Progress.WHOLE),
        (HEAD + b"Content-Length: -3\r\n\r\n", Progress.WHOLE),
        (HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", Progress.WHOLE),
        (b"\r\n\r\n", Progress.WHOLE),
        (b"\x16\x03\x01\x00", Progress.MORE),
    ],
)
def test_where_it_ends(arriving: Arriving, request_: bytes, end: Progress) -> None:
    assert arriving.take(request_, 101.0) is end


@given(st.lists(st.integers(0, 80), max_size=8), st.integers(0, 30))
def test_the_pieces_it_comes_in_make_no_difference(cuts: list[int], length: int) -> None:
    whole = BODY % length + b"x" * length
    places = sorted({0, len(whole), *(cut for cut in cuts if cut < len(whole))})
    arriving = Arriving(0.0, 5.0)
    seen = [arriving.take(whole[a:b], 1.0) for a, b in itertools.pairwise(places)]
    assert seen == [Progress.MORE] * (len(seen) - 1) + [Progress.WHOLE]
    assert arriving.content().read() == whole


@given(st.binary(max_size=400))
def test_noise_raises_nothing(noise: bytes) -> None:
    assert Arriving(0.0, 5.0).take(noise, 1.0) in Progress


@pytest.mark.parametrize("size", [1, IN_MEMORY - 100, IN_MEMORY, 3 * IN_MEMORY])
def test_long_ones_are_kept_as_they_came(arriving: Arriving, size: int) -> None:
    whole = BODY % size + b"abcdefg" * (size // 7) + b"x" * (size % 7)
    pieces = [whole[at : at + 50_000] for at in range(0, len(whole), 50_000)]
    assert [arriving.take(piece, 101.0) for piece in pieces][-1] is Progress.WHOLE
    assert arriving.content().read() == whole


def test_until_when_more_must_have_come(arriving: Arriving) -> None:
    assert arriving.due == 105.0, "the first byte"
    arriving.take(b"POST / HT", 104.0)
    assert arriving.due == 104.0 + HEAD_SECONDS, "from the first byte on"
    arriving.take(b"TP/1.1\r\nX: y", 110.0)
    assert arriving.due == 104.0 + HEAD_SECONDS, "whatever drips in"
    arriving.take(b"\r\nContent-Length: 1000000\r\n\r\n", 111.0)
    arriving.take(b"x" * 500_000, 112.0)
    assert arriving.due == 104.0 + BODY_SECONDS + arriving.received / SLOWEST_BYTES_PER_SECOND
