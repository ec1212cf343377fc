"""The audit of incidents: what was played is clean; each thing taken from it is missed."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from incidents.models import Incident, IncidentContact, Kind, State, Status, TimelineEntry
from messaging import clock
from messaging.models import InboundMessage, OutboundMessage
from messaging.models import Status as MessageStatus
from tests.incidents.stage import ANNA, BEN, WAIT, Stage
from tests.messaging.audit.looking import finding, severity


def incident(**fields: object) -> None:
    Incident.objects.update(**fields)


def without(kind: Kind) -> None:
    TimelineEntry.objects.filter(kind=kind).delete()


def nobody_has_it() -> None:
    IncidentContact.objects.update(state=State.NOTIFIED)


def forget_reply() -> None:
    TimelineEntry.objects.filter(key__startswith="reply:").delete()


def forget_incident_of_texts() -> None:
    OutboundMessage.objects.update(subject="of nobody")


def forget_incident_of_answers() -> None:
    InboundMessage.objects.update(subject="of nobody")


# check, what is done to an incident that Anna took, that contradicts it
TAKEN: list[tuple[str, Callable[[], None]]] = [
    ("incidents.timeline_contradicts_status", lambda: without(Kind.OPENED)),
    ("incidents.timeline_contradicts_status", lambda: without(Kind.ACKNOWLEDGED)),
    (
        "incidents.timeline_contradicts_status",
        lambda: incident(status=Status.NOT_ACKNOWLEDGED, ended_at=None, acknowledged_at=None, acknowledged_by=""),
    ),
    ("incidents.acknowledged_by_nobody", nobody_has_it),
    (
        "incidents.acknowledged_by_nobody",
        lambda: incident(status=Status.NOT_ACKNOWLEDGED, ended_at=None, acknowledged_at=None, acknowledged_by=""),
    ),
    ("incidents.answer_without_trace", forget_reply),
    ("incidents.news_without_line", lambda: without(Kind.SENT)),
    ("incidents.orphan_text", forget_incident_of_texts),
    ("incidents.orphan_answer", forget_incident_of_answers),
]


def incidents_findings(stage: Stage, *, at_rest: bool = False) -> list[str]:
    names = ["overdue", "step_fails", "nothing_moves_it", "orphan_text", "news_without_line"]
    names += ["timeline_contradicts_status", "acknowledged_by_nobody", "answer_without_trace", "orphan_answer"]
    return [name for name in names if severity(f"incidents.{name}", at_rest=at_rest)]


@pytest.mark.parametrize(("check", "spoil"), TAKEN)
def test_what_contradicts_an_incident_that_was_taken_is_found(
    stage: Stage, check: str, spoil: Callable[[], None]
) -> None:
    stage.open()
    stage.accept()
    stage.say(ANNA, "yes, on it")
    stage.accept()
    assert severity(check, at_rest=True) == ""
    spoil()
    assert severity(check) == "critical"


def test_an_incident_is_clean_on_every_way_to_its_end(stage: Stage) -> None:
    stage.open("1")
    assert incidents_findings(stage) == []
    stage.accept()
    stage.say(ANNA, "no 1")
    assert incidents_findings(stage) == []
    stage.accept()
    stage.forward(WAIT)
    stage.refuse(BEN)
    assert stage.status("1") == Status.UNACKNOWLEDGED
    stage.say(BEN, "YES 1")
    stage.accept()
    assert incidents_findings(stage, at_rest=True) == []


def test_a_wait_that_is_over_is_found_after_a_while(stage: Stage) -> None:
    stage.open()
    stage.accept()
    stage.time.forward(WAIT + 60)
    assert severity("incidents.overdue") == ""
    assert severity("incidents.overdue", at_rest=True) == "critical"
    stage.time.forward(90)
    found = finding("incidents.overdue")
    assert found is not None
    assert found.examples == ("incident 123",)


def test_a_wait_that_goes_on_is_no_finding_even_at_rest(stage: Stage) -> None:
    stage.open(wait_seconds=600)
    stage.accept()
    assert incidents_findings(stage, at_rest=True) == []


def test_a_step_that_cannot_be_run_is_found(stage: Stage) -> None:
    stage.open()
    stage.accept()
    incident(failures=2)
    assert severity("incidents.step_fails") == ""
    incident(failures=3)
    assert severity("incidents.step_fails") == "critical"


MOVES = "incidents.nothing_moves_it"


@pytest.mark.parametrize("status", [MessageStatus.QUEUED, MessageStatus.SENDING, MessageStatus.UNKNOWN])
def test_a_text_under_way_will_move_it(stage: Stage, status: MessageStatus) -> None:
    stage.open()
    OutboundMessage.objects.update(status=status, attempted_at=clock.now())
    assert severity(MOVES) == ""


def test_an_outcome_that_is_to_be_told_will_move_it(stage: Stage) -> None:
    stage.open()
    OutboundMessage.objects.update(status=MessageStatus.FAILED, outcome_pending=True)
    assert severity(MOVES) == ""
    OutboundMessage.objects.update(outcome_pending=False)
    assert severity(MOVES) == "critical"


def test_a_text_of_an_earlier_step_moves_nothing(stage: Stage) -> None:
    stage.open()
    stage.accept()
    stage.say(ANNA, "no")
    assert severity(MOVES) == ""
    OutboundMessage.objects.filter(destination_phone_number=BEN).update(status=MessageStatus.FAILED)
    OutboundMessage.objects.filter(destination_phone_number=ANNA).update(status=MessageStatus.UNKNOWN)
    assert severity(MOVES) == "critical"


def test_an_incident_whose_clock_is_lost_is_found(stage: Stage) -> None:
    stage.open()
    stage.accept()
    incident(next_step_at=None)
    assert severity(MOVES) == "critical"


def test_staff_may_take_an_incident_without_being_a_contact(stage: Stage) -> None:
    stage.open()
    stage.accept()
    incident(
        status=Status.ACKNOWLEDGED,
        acknowledged_by="hr",
        acknowledged_at=clock.now(),
        ended_at=clock.now(),
        next_step_at=None,
    )
    assert severity("incidents.acknowledged_by_nobody") == ""


def test_a_question_which_incident_was_meant_belongs_to_none(stage: Stage) -> None:
    stage.open("1")
    stage.open("2")
    stage.accept()
    stage.say(ANNA, "yes", answering=None)
    assert InboundMessage.objects.get().subject == ""
    assert incidents_findings(stage) == []


def test_news_counts_once_it_is_told(stage: Stage) -> None:
    stage.open()
    stage.accept()
    row = OutboundMessage.objects.all()
    row.update(status=MessageStatus.DELIVERED, delivered_at=clock.now(), outcome_pending=True)
    assert severity("incidents.news_without_line") == ""
    row.update(outcome_pending=False, sent_at=clock.now() - timedelta(minutes=1))
    assert severity("incidents.news_without_line") == "critical"
