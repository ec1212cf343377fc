"""What makes one figure of several."""

import pytest

from benchmarks.figures import Figure, of_runs, percentile
from benchmarks.results import worse


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([1, 2, 3, 4], 0.5, 2),
        (list(range(1, 101)), 0.99, 99),
        (list(range(1, 31)), 0.99, 30),
        ([7], 0.99, 7),
        ([3, 1, 2], 1.0, 3),
    ],
)
def test_a_percentile_is_one_of_the_values(values: list[float], share: float, expected: float) -> None:
    assert percentile(values, share) == expected


def test_there_is_no_percentile_of_nothing() -> None:
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.99)


def test_a_figure_is_the_median_of_its_runs() -> None:
    figure = of_runs("share", "something", [0.9, 0.5, 0.8], goal=0.9)
    assert (figure.value, figure.spread, figure.runs, figure.reached) == (0.8, (0.5, 0.9), 3, False)


def test_no_run_makes_no_figure() -> None:
    with pytest.raises(ValueError, match="no run"):
        of_runs("share", "something", [])


@pytest.mark.parametrize(
    ("value", "at_least", "reached"), [(1.0, True, True), (0.9, True, False), (1.0, False, True), (1.1, False, False)]
)
def test_a_goal_is_reached_from_its_own_side(value: float, at_least: bool, reached: bool) -> None:
    assert Figure("a", "b", value, (value, value), goal=1.0, at_least=at_least).reached is reached


@pytest.mark.parametrize(
    ("empty", "filled", "at_least", "expected"),
    [(0.9, 0.6, True, 1.5), (2.0, 3.0, False, 1.5), (0.0, 0.0, False, 1.0)],
)
def test_worse_is_more_than_one_whichever_side_is_better(
    empty: float, filled: float, at_least: bool, expected: float
) -> None:
    one, other = (Figure("a", "b", value, (value, value), at_least=at_least) for value in (empty, filled))
    assert worse(one, other) == pytest.approx(expected)


def test_nothing_is_compared_with_what_was_not_measured() -> None:
    one, other = (Figure("a", "b", value, (value, value)) for value in (0.9, 0.0))
    with pytest.raises(ValueError, match="no measurement"):
        worse(one, other)
