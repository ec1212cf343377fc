"""What several threads want at the same time is done in one go, and nobody pays for anybody else."""

from collections.abc import Sequence

import pytest

from messaging.inbound.together import Together
from tests.messaging.inbound.meanwhile import meanwhile


class Doubling:
    """Doubles numbers, all of them or none. A negative one cannot be done; zero ends the thread that serves others."""

    def __init__(self) -> None:
        self.goes: list[list[int]] = []
        self.shared = Together(self)

    def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.goes.append(sorted(numbers))
        if 0 in numbers and len(numbers) > 1:
            raise SystemExit
        if min(numbers) < 0:
            raise ValueError(min(numbers))
        return [2 * number for number in numbers]

    def at_once(self, *numbers: int) -> list[object]:
        return meanwhile(self.shared, *((lambda number=number: self.shared.do(number)) for number in numbers))


def test_who_comes_alone_is_served_at_once() -> None:
    doubling = Doubling()
    assert [doubling.shared.do(1), doubling.shared.do(2)] == [2, 4]
    assert doubling.goes == [[1], [2]]


def test_those_who_had_to_wait_are_served_in_one_go_and_each_gets_his_own() -> None:
    doubling = Doubling()
    assert doubling.at_once(1, 2, 3, 4) == [2, 4, 6, 8]
    assert doubling.goes == [[1, 2, 3, 4]]


def test_one_that_cannot_be_done_spoils_no_other() -> None:
    doubling = Doubling()
    one, bad, three = doubling.at_once(1, -2, 3)
    assert (one, three) == (2, 6)
    assert isinstance(bad, ValueError)
    assert sorted(doubling.goes) == [[-2], [-2, 1, 3], [1], [3]]


def test_who_comes_alone_and_cannot_be_served_is_not_tried_twice() -> None:
    doubling = Doubling()
    with pytest.raises(ValueError, match="-1"):
        doubling.shared.do(-1)
    assert doubling.goes == [[-1]]
    assert doubling.shared.do(1) == 2, "the turn was given back"


def test_a_thread_that_is_ended_while_it_serves_leaves_nobody_waiting() -> None:
    doubling = Doubling()
    got = doubling.at_once(0, 1, 2)
    assert sum(isinstance(each, SystemExit) for each in got) == 1
    assert len([each for each in got if isinstance(each, int)]) == 2
