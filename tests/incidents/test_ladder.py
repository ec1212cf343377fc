"""Who is asked when, if nobody answers: by the rules that run an incident."""

from datetime import timedelta

import pytest

from incidents.admin.ladders import moments
from incidents.ladder import Rung, ladder
from incidents.situation import News, Person, Step
from tests.incidents.stage import ANNA, BEN, CARA

NAMES = {ANNA: "Ann", BEN: "Bob"}


def step(position: int, wait: int, reminders: int, *people: str) -> Step:
    return Step(position, timedelta(seconds=wait), reminders, tuple(Person(one) for one in people))


def told(rungs: tuple[Rung, ...]) -> list[str]:
    return [f"{one.when}: {one.what}" for one in moments(rungs, NAMES)]


@pytest.mark.parametrize(
    ("steps", "lines"),
    [
        ([], []),
        (
            [step(1, 40, 1, ANNA), step(2, 40, 1, BEN)],
            [
                "at once: Ann is asked",
                "after 40 s: reminder to Ann",
                "after 80 s: Bob is asked",
                "after 2 min: reminder to Bob",
                "after 2 min 40 s: logged for review",
            ],
        ),
        (
            [step(1, 30, 0, ANNA, BEN), step(2, 60, 0, CARA)],
            [
                "at once: Ann and Bob are asked",
                f"after 30 s: {CARA} is asked",
                "after 90 s: logged for review",
            ],
        ),
        (
            [step(1, 10, 5, ANNA)],
            [
                "at once: Ann is asked",
                "after 10 s: reminder to Ann",
                "after 20 s: reminder to Ann",
                "until 50 s: 3 more reminders to Ann",
                "after 60 s: logged for review",
            ],
        ),
        # One person in two steps is asked in both.
        (
            [step(1, 40, 0, ANNA), step(2, 20, 0, ANNA)],
            ["at once: Ann is asked", "after 40 s: Ann is asked", "after 60 s: logged for review"],
        ),
        # Steps need not begin at 1, nor follow without a gap.
        (
            [step(3, 40, 0, ANNA), step(7, 40, 0, BEN)],
            ["at once: Ann is asked", "after 40 s: Bob is asked", "after 80 s: logged for review"],
        ),
    ],
)
def test_the_ladder_in_lines(steps: list[Step], lines: list[str]) -> None:
    assert told(ladder(steps)) == lines


def test_who_is_told_something_is_on_the_rungs_as_well() -> None:
    rungs = ladder([step(1, 40, 0, ANNA), step(2, 40, 0, BEN)])
    assert [[(tell.news, tell.phone_number) for tell in rung.told] for rung in rungs] == [
        [],
        [(News.ESCALATED, ANNA)],
        [(News.LOGGED, ANNA), (News.LOGGED, BEN)],
    ]
