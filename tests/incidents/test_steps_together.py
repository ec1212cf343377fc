"""Steps that text several people together."""

import pytest

from incidents import policies
from incidents.models import EscalationPolicy
from tests.incidents.stage import ANNA, BEN, CARA, Stage


@pytest.fixture
def together(stage: Stage) -> Stage:
    """Anna and Ben are asked together, then Cara."""
    policies.save(EscalationPolicy(name="pair"), [policies.StepDraft([ANNA, BEN], 40), policies.StepDraft([CARA], 40)])
    stage.open(escalation_policy="pair")
    return stage


def test_the_wait_begins_when_the_last_text_is_accepted(together: Stage) -> None:
    together.accept(ANNA)
    assert together.incident().next_step_at is None
    together.time.forward(10)
    together.accept(BEN)
    last = together.last(BEN).sent_at
    due = together.incident().next_step_at
    assert last is not None
    assert due is not None
    assert (due - last).total_seconds() == 40


def test_one_no_leaves_the_other(together: Stage) -> None:
    together.accept()
    (answer,) = together.say(ANNA, "no")
    assert "Others are being asked" in answer
    assert together.texts(CARA) == []
    together.forward(40)
    assert "Reminder" in together.texts(BEN)[-1]
    assert not any("Reminder" in text for text in together.texts(ANNA))


def test_the_last_no_of_the_step_asks_the_next_and_tells_nobody_twice(together: Stage) -> None:
    together.accept()
    together.say(ANNA, "no")
    (answer,) = together.say(BEN, "no")
    assert "escalated to Cara" in answer
    assert len(together.texts(CARA)) == 1
    assert len(together.texts(ANNA)) == 2


def test_one_failure_leaves_the_other(together: Stage) -> None:
    together.refuse(ANNA)
    together.accept(BEN)
    assert together.texts(CARA) == []
    assert together.incident().next_step_at is not None
    together.forward(40)
    assert "Reminder" in together.texts(BEN)[-1]


def test_when_all_fail_the_next_is_asked_at_once(together: Stage) -> None:
    together.refuse(ANNA)
    together.refuse(BEN)
    assert len(together.texts(CARA)) == 1


def test_a_yes_tells_the_other(together: Stage) -> None:
    together.accept()
    together.say(BEN, "yes")
    assert "acknowledged by Ben" in together.texts(ANNA)[-1]


def test_both_are_told_when_they_are_passed_over(together: Stage) -> None:
    together.accept()
    together.forward(40)
    together.forward(40)
    for person in (ANNA, BEN):
        assert "escalated to Cara" in together.texts(person)[-1]
