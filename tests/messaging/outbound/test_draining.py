"""What one lane may claim: a table, no database."""

from collections import deque
from datetime import UTC, datetime, timedelta

import pytest

from messaging.models import OutboundMessage
from messaging.outbound.draining import Lane
from messaging.outbound.pacing import Pace

NOW = datetime(2026, 1, 21, 12, tzinfo=UTC)
AHEAD = timedelta(seconds=0.25)


def lane(mps: int, *, started: int = 0, **fields: int) -> Lane:
    pace = Pace(mps)
    for _ in range(started):
        pace.start(NOW.timestamp(), 1)
    return Lane("+14255550100", pace, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "most"),
    [
        # Never more than a quarter of a second's worth, but one.
        (lane(1), 1),
        (lane(3), 1),
        (lane(10), 2),
        (lane(100), 25),
        # A quick number fills its calls at first, and then as many as have just left in such a time.
        (lane(10_000), 48),
        (lane(10_000, under_way=47), 1),
        (lane(10_000, started=412, under_way=48), 71),
        (lane(10_000, started=10, under_way=48), 2),
        # The number's speed was lowered meanwhile.
        (lane(1, under_way=20), 1),
    ],
)
def test_how_many_to_claim(given: Lane, most: int) -> None:
    assert given.most_to_claim(AHEAD) == most


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        (lane(10, parts_in_hand=3), 7),
        (lane(10, parts_in_hand=10), 0),
        # A text of more parts than a second allows goes out alone.
        (lane(1), 100),
        (lane(1, parts_in_hand=6), -5),
        (lane(10_000), 10_000),
        # The number's speed was lowered meanwhile.
        (lane(1, parts_in_hand=20), -19),
    ],
)
def test_a_crash_may_leave_no_more_parts_unknown_than_the_number_sends_in_a_second(given: Lane, parts: int) -> None:
    assert given.parts_free == parts


def test_what_did_not_leave_in_the_time_its_claim_allowed_for_is_too_old() -> None:
    mine = lane(100)
    assert not mine.too_old(NOW, AHEAD), "nothing is claimed"
    mine.claimed, mine.claimed_at = deque([OutboundMessage()]), NOW
    assert not mine.too_old(NOW + AHEAD, AHEAD)
    assert mine.too_old(NOW + AHEAD + timedelta(milliseconds=1), AHEAD)


@pytest.mark.parametrize(
    ("given", "parts", "of_first"),
    [
        # A quarter of a second's worth; a long text alone, where its window is empty.
        (lane(1), 1, 100),
        (lane(10), 2, 100),
        # One is kept back, and the window is empty all the same.
        (lane(100), 25, 100),
        (lane(400), 100, 400),
        # What is left of the window.
        (lane(10, started=9), 1, 1),
        (lane(10, started=10), 0, 0),
        (lane(100, started=90), 9, 9),
        # What a crash would leave unknown counts as well.
        (lane(10, parts_in_hand=9), 1, 1),
        (lane(100, started=20, parts_in_hand=80), 20, 20),
    ],
)
def test_how_many_parts_may_be_claimed(given: Lane, parts: int, of_first: int) -> None:
    limits = given.limits(NOW, AHEAD)
    assert (limits["most_parts"], limits["most_parts_of_first"]) == (parts, of_first)
    assert limits["most_rows"] == given.most_to_claim(AHEAD)
