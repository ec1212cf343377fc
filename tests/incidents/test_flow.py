"""The flow of one incident with two contacts."""

from datetime import timedelta

import pytest

from incidents import lifecycle
from incidents.models import State
from messaging.models import OutboundMessage, Priority
from tests.incidents.stage import ANNA, BEN, WAIT, Stage


def test_opening_texts_the_first_contact_only(stage: Stage) -> None:
    stage.open()
    assert stage.texts(BEN) == []
    (text,) = stage.texts(ANNA)
    assert "Pump 4 has stopped" in text
    assert "https://example.com/123" in text
    assert "Reply YES" in text


def test_an_alert_overtakes_everything_and_is_sent_at_least_once(stage: Stage) -> None:
    stage.open()
    message = OutboundMessage.objects.get()
    assert message.priority == Priority.ALERT
    assert message.delivery_policy == "at_least_once"
    assert message.expects_reply
    assert message.actor == "ops"


def test_no_clock_runs_before_aws_has_accepted_the_text(stage: Stage) -> None:
    stage.open()
    assert stage.incident().next_step_at is None
    stage.time.forward(1000)
    assert stage.due() == 0
    stage.accept()
    incident = stage.incident()
    sent_at = OutboundMessage.objects.get().sent_at
    assert sent_at is not None
    assert incident.first_text_at == sent_at
    assert incident.next_step_at == sent_at + timedelta(seconds=WAIT)


def test_the_whole_way_without_an_answer(stage: Stage) -> None:
    stage.open()
    stage.accept()
    stage.forward(WAIT)
    assert "Reminder" in stage.texts(ANNA)[-1]
    stage.forward(WAIT)
    assert "escalated to Ben" in stage.texts(ANNA)[-1]
    assert "https://example.com/123" in stage.texts(BEN)[0]
    stage.forward(WAIT)
    assert "Reminder" in stage.texts(BEN)[-1]
    assert stage.status() == "not_acknowledged"
    stage.forward(WAIT)
    assert stage.status() == "unacknowledged"
    for person in (ANNA, BEN):
        assert "logged for review" in stage.texts(person)[-1]
    assert stage.incident().next_step_at is None
    assert [len(stage.texts(person)) for person in (ANNA, BEN)] == [4, 3]


def test_nothing_happens_a_moment_before_the_wait_is_over(stage: Stage) -> None:
    stage.open()
    stage.accept()
    due = stage.incident().next_step_at
    assert due is not None
    assert lifecycle.run_due(due - timedelta(milliseconds=1)) == 0
    assert lifecycle.run_due(due) == 1


def test_yes_acknowledges_and_the_others_are_told(stage: Stage) -> None:
    stage.open()
    stage.accept()
    stage.say(ANNA, "no")
    stage.accept()
    (answer,) = stage.say(BEN, "Yes!")
    assert "Thank you" in answer
    assert "https://example.com/123" in answer
    incident = stage.incident()
    assert incident.status == "acknowledged"
    assert incident.acknowledged_by == BEN
    assert "acknowledged by Ben" in stage.texts(ANNA)[-1]


def test_no_asks_the_next_at_once(stage: Stage) -> None:
    stage.open()
    stage.accept()
    (answer,) = stage.say(ANNA, "No, I can in 2 hours")
    assert "escalated to Ben" in answer
    assert len(stage.texts(BEN)) == 1
    assert len(stage.texts(ANNA)) == 2
    assert [kind for kind in stage.kinds() if kind in ("reply", "note", "declined", "escalated")] == [
        "reply",
        "note",
        "declined",
        "escalated",
    ]


def test_no_from_the_last_ends_it_at_once(stage: Stage) -> None:
    stage.open()
    stage.accept()
    stage.say(ANNA, "no")
    stage.accept()
    (answer,) = stage.say(BEN, "no")
    assert stage.status() == "unacknowledged"
    assert "logged for review" in answer
    assert "logged for review" in stage.texts(ANNA)[-1]
    assert stage.incident().double_escalation, "it had been escalated to him, and he declined it too"


def test_a_late_no_is_told_that_it_was_already_escalated(stage: Stage) -> None:
    stage.open()
    stage.accept()
    stage.forward(WAIT)
    stage.forward(WAIT)
    (answer,) = stage.say(ANNA, "no")
    assert "already escalated" in answer
    assert stage.incident().double_escalation
    assert stage.status() == "not_acknowledged"
    assert len(stage.texts(BEN)) == 1


def test_yes_after_somebody_else_has_it_is_told_who(stage: Stage) -> None:
    stage.open()
    stage.accept()
    stage.say(ANNA, "no")
    stage.accept()
    stage.say(BEN, "yes")
    (answer,) = stage.say(ANNA, "yes")
    assert "already acknowledged by Ben" in answer
    assert stage.incident().acknowledged_by == BEN


def test_yes_after_unacknowledged_is_accepted_late(stage: Stage) -> None:
    stage.open()
    stage.accept()
    stage.say(ANNA, "no")
    stage.accept()
    stage.say(BEN, "no")
    stage.accept()
    (answer,) = stage.say(ANNA, "yes")
    assert "Thank you" in answer
    incident = stage.incident()
    assert incident.status == "acknowledged"
    assert incident.late
    assert "acknowledged by Anna" in stage.texts(BEN)[-1]


@pytest.mark.parametrize("status", ["cancelled", "resolved"])
def test_an_answer_after_the_end_is_told_the_truth(stage: Stage, status: str) -> None:
    stage.open()
    stage.accept()
    lifecycle.cancel("123", actor="ops")
    if status == "resolved":
        lifecycle.resolve("123", actor="ops")
    (answer,) = stage.say(ANNA, "yes")
    assert status in answer
    assert stage.status() == status


def test_a_text_that_fails_for_good_moves_on_at_once_and_says_so(stage: Stage) -> None:
    stage.open()
    stage.refuse(ANNA)
    assert len(stage.texts(BEN)) == 1
    assert stage.texts(ANNA) == []
    assert "unreachable" in stage.kinds()


def test_a_text_reported_undelivered_later_moves_on_as_well(stage: Stage) -> None:
    stage.open()
    stage.accept()
    stage.refuse(ANNA)
    assert len(stage.texts(BEN)) == 1


def test_after_an_outage_one_overdue_step_runs_and_the_next_wait_is_whole(stage: Stage) -> None:
    stage.open()
    stage.accept()
    stage.time.forward(10 * WAIT)
    assert stage.due() == 1
    assert stage.due() == 0
    stage.accept()
    reminder = stage.last(ANNA)
    assert reminder.sent_at is not None
    assert stage.incident().next_step_at == reminder.sent_at + timedelta(seconds=WAIT)


def test_waiting_alerts_are_withdrawn_when_somebody_has_it(stage: Stage) -> None:
    stage.open()
    stage.accept()
    stage.time.forward(WAIT)
    stage.due()
    stage.say(ANNA, "yes")
    assert all("Reminder" not in text for text in stage.texts(ANNA))


def test_an_outsider_who_is_asked_too_early_hears_nothing_more(stage: Stage) -> None:
    stage.open()
    lifecycle.escalate("123", actor="ops")
    assert stage.texts(ANNA) == []
    assert len(stage.texts(BEN)) == 1
    anna = stage.incident().steps.get(position=1).contacts.get()
    stage.accept()
    anna.refresh_from_db()
    assert anna.state == State.PENDING


def test_a_contact_not_yet_asked_may_take_it(stage: Stage) -> None:
    stage.open()
    stage.accept()
    (answer,) = stage.say(BEN, "yes 123")
    assert "Thank you" in answer
    assert stage.incident().acknowledged_by == BEN
    assert "acknowledged by Ben" in stage.texts(ANNA)[-1]


def test_a_contact_not_yet_asked_may_leave_the_list(stage: Stage) -> None:
    stage.open()
    stage.accept()
    stage.say(BEN, "no")
    stage.say(ANNA, "no")
    assert stage.status() == "unacknowledged"
    assert all("escalated" not in text for text in stage.texts(BEN))


def test_whoever_declined_before_we_heard_that_aws_has_the_text_is_told_how_it_ends(stage: Stage) -> None:
    """A quick thumb overtakes the news of our own text. It has reached them all the same."""
    stage.open()
    stage.taken(ANNA)
    stage.say(ANNA, "no")
    stage.accept()
    stage.say(BEN, "no")
    assert stage.status() == "unacknowledged"
    assert "logged for review" in stage.texts(ANNA)[-1]


def test_whoever_declined_by_staff_before_a_text_reached_them_hears_nothing(stage: Stage) -> None:
    stage.open()
    lifecycle.decline("123", contact=ANNA, actor="ops")
    stage.accept()
    heard = len(stage.texts(ANNA))
    stage.say(BEN, "yes")
    assert len(stage.texts(ANNA)) == heard
