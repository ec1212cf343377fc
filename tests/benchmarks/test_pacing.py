"""Arrival times, judged."""

import pytest

from benchmarks.pacing import most_in_a_second, share


@pytest.mark.parametrize(
    ("times", "most"),
    [
        ([0.0, 1.0, 2.0], 1),
        ([0.0, 0.999, 2.0], 2),
        ([0.0, 0.5, 1.0, 1.5], 2),
        ([5.0, 0.9, 0.95, 1.85, 1.95], 3),
        ([4.0] * 7, 7),
    ],
)
def test_any_window_of_a_second_counts_wherever_it_begins(times: list[float], most: int) -> None:
    assert most_in_a_second(times) == most


def test_the_share_is_between_the_first_arrival_and_the_last() -> None:
    assert share([100.0 + each / 10 for each in range(201)], 10) == pytest.approx(1.0)
    assert share([0.0, 2.0, 4.0], 1) == pytest.approx(0.5)


def test_one_arrival_has_no_rate() -> None:
    with pytest.raises(ValueError, match="two"):
        share([1.0], 1)
