"""The pace of a number, by arithmetic alone."""

from bisect import bisect_left
from itertools import accumulate, cycle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messaging.outbound.pacing import WINDOW, Pace


def starts(mps: int, parts: list[int], delays: list[float] | None = None) -> list[tuple[float, int]]:
    """When texts of so many parts start if each starts as soon as it may, and a little later."""
    pace, now, made = Pace(mps), 1000.0, []
    for index, size in enumerate(parts):
        now = max(now, pace.ready_at(now, size)) + (delays[index % len(delays)] if delays else 0)
        pace.start(now, size)
        made.append((now, size))
    return made


@given(
    st.integers(1, 50),
    st.lists(st.integers(1, 10), min_size=1, max_size=120),
    st.lists(st.floats(0, 0.5), min_size=1, max_size=5),
)
def test_no_second_has_more_parts_than_the_mps(mps: int, parts: list[int], delays: list[float]) -> None:
    made = starts(mps, parts, delays)
    for at, _ in made:
        window = [size for start, size in made if at <= start < at + 1.0]
        # A text of more parts than a second allows must go some time, alone in its second.
        assert sum(window) <= mps or len(window) == 1


def test_a_text_of_more_parts_than_a_second_allows_takes_as_many_seconds() -> None:
    made = starts(1, [3, 1])
    assert made[1][0] - made[0][0] >= 3.0


def test_the_rate_reaches_the_mps_within_five_in_a_hundred() -> None:
    for mps in (1, 3, 10, 100):
        made = starts(mps, [1] * (mps * 20 + 1))
        rate = (len(made) - 1) / (made[-1][0] - made[0][0])
        assert 0.95 <= rate / mps <= 1.0


def test_texts_of_several_parts_reach_the_rate_as_well() -> None:
    made = starts(10, [5] * 41)
    rate = sum(parts for _, parts in made[1:]) / (made[-1][0] - made[0][0])
    assert 0.95 <= rate / 10 <= 1.0


@given(
    st.sampled_from([101, 126, 199, 200, 250, 400, 1000]),
    st.lists(st.floats(0, 0.02), min_size=1, max_size=7),
    st.lists(st.sampled_from([1, 1, 1, 2, 3]), min_size=1, max_size=9),
)
@settings(max_examples=40, deadline=None)
def test_a_quick_number_is_never_too_quick(mps: int, late: list[float], parts: list[int]) -> None:
    made = awake_now_and_then(mps, late, parts, seconds=3)
    times = [at for at, _ in made]
    sums = [0, *accumulate(size for _, size in made)]
    for first, at in enumerate(times):
        assert sums[bisect_left(times, at + 1.0)] - sums[first] <= mps


@pytest.mark.parametrize("mps", [101, 199, 200, 1000, 5000])
def test_a_quick_number_reaches_its_rate_though_nobody_wakes_on_time_for_each_text(mps: int) -> None:
    made = awake_now_and_then(mps, [0.001, 0.003], [1], seconds=20)
    rate = (len(made) - 1) / (made[-1][0] - made[0][0])
    assert 0.95 <= rate / mps <= 1.0


def awake_now_and_then(mps: int, late: list[float], parts: list[int], seconds: int) -> list[tuple[float, int]]:
    """When texts start if whoever starts them wakes late each time, and then starts all that may."""
    pace, now, made = Pace(mps), 1000.0, list[tuple[float, int]]()
    sizes, delays = cycle(parts), cycle(late)
    size = next(sizes)
    while now < 1000.0 + seconds:
        while pace.ready_at(now, size) <= now:
            pace.start(now, size)
            made.append((now, size))
            size = next(sizes)
        now = pace.ready_at(now, size) + next(delays)
    return made


def test_one_part_of_a_quick_number_is_kept_back_for_a_call_that_is_put_off() -> None:
    """However late: in no second are there more than the MPS when any one call arrives later than it began."""
    for mps in (100, 250):
        made = awake_now_and_then(mps, [0.0], [1], seconds=3)
        for put_off in range(mps // 2, mps + mps // 2, 7):
            for by in (0.02, 0.05, 0.3):
                times = sorted(at + by * (place == put_off) for place, (at, _) in enumerate(made))
                assert max(bisect_left(times, at + 1.0) - first for first, at in enumerate(times)) <= mps


@pytest.mark.parametrize(("mps", "at_once"), [(2, 1), (10, 1), (100, 1), (199, 1), (1000, 10), (5000, 50)])
def test_only_what_would_start_within_a_moment_starts_at_once(mps: int, at_once: int) -> None:
    pace, started = Pace(mps), 0
    while pace.ready_at(1000.0, 1) <= 1000.0:
        pace.start(1000.0, 1)
        started += 1
    assert started == at_once


def test_a_change_of_mps_counts_at_once() -> None:
    pace = Pace(1)
    pace.start(1000.0, 1)
    assert pace.ready_at(1000.0, 1) == 1000.0 + WINDOW
    pace.mps = 10
    assert pace.ready_at(1000.0, 1) < 1000.2


@pytest.mark.parametrize(("before", "after"), [(5000, 10), (5000, 2), (1000, 100), (100, 10)])
def test_a_number_whose_rate_is_lowered_goes_on_within_a_window(before: int, after: int) -> None:
    pace = Pace(before)
    while pace.ready_at(1000.0, 1) <= 1000.0:
        pace.start(1000.0, 1)
    pace.mps = after
    assert pace.ready_at(1000.0, 1) <= 1000.0 + WINDOW + 1e-9


def test_a_start_counts_from_when_its_call_began_not_from_when_it_was_handed_over() -> None:
    pace = Pace(1)
    start = pace.start(1000.0, 3)
    start.began(1000.4)
    assert abs(pace.ready_at(1001.0, 1) - (1000.4 + 3 * WINDOW)) < 1e-6, "and so do the windows it fills after it"
    pace = Pace(1)
    pace.start(1000.0, 1).began(999.0)
    assert pace.ready_at(1000.0, 1) == 1000.0 + WINDOW, "a clock set back does not make it faster"
