"""How somebody stands: the latest in time decides, in whatever order it is told."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optout.standing import Said, Standing, after, is_late, told

_NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def _at(minute: int) -> datetime:
    return _NOON + timedelta(minutes=minute)


def _out(minute: int, source: str = "sms") -> Said:
    return Said("opt_out", _at(minute), source)


def _in(minute: int, source: str = "sms") -> Said:
    return Said("opt_in", _at(minute), source)


# what was said, in the order of its arrival → state, since which minute
_STORIES = [
    ([_out(1)], "opted_out", 1),
    ([_in(1)], "opted_in", 1),
    ([_out(1), _in(2)], "opted_in", 2),
    ([_in(2), _out(1)], "opted_in", 2),  # an older STOP delivered after a newer JOIN does not win
    ([_out(1), _out(5)], "opted_out", 1),  # said again: so since the first time
    ([_out(5), _out(1)], "opted_out", 1),
    ([_out(1), _in(2), _out(3)], "opted_out", 3),
    ([_out(1), _out(3), _in(2)], "opted_out", 3),  # the late JOIN lies between
    ([_in(1), _out(1)], "opted_out", 1),  # in the same instant: the opt-out
    ([_out(1), _in(1)], "opted_out", 1),
]


@pytest.mark.parametrize(("story", "state", "minute"), _STORIES)
def test_the_latest_in_time_decides(story: list[Said], state: str, minute: int) -> None:
    stands = told(story)

    assert stands is not None
    assert (stands.state, stands.since) == (state, _at(minute))


def test_nothing_said_is_no_standing() -> None:
    assert told([]) is None


def test_the_way_by_which_it_became_so_is_kept() -> None:
    stands = told([_out(1, "carrier"), _out(2, "sms")])

    assert stands == Standing("opted_out", _at(1), "carrier", _at(2))


_SAID = st.builds(
    Said, st.sampled_from(["opt_out", "opt_in"]), st.integers(0, 4).map(_at), st.sampled_from(["sms", "api"])
)


@given(st.lists(_SAID, max_size=5))
def test_the_order_of_arrival_never_counts(story: list[Said]) -> None:
    assert len({told(order) for order in permutations(story)}) == 1


@given(st.lists(_SAID, max_size=12))
def test_one_by_one_is_the_same_as_all_at_once(story: list[Said]) -> None:
    stands, heard = None, list[Said]()
    for said in story:
        heard.append(said)
        stands = told(heard) if stands and is_late(stands, said) else after(stands, said)

    assert stands == told(story)
