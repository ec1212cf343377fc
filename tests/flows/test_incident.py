"""An incident from its first text to its end, through every real part."""

from collections.abc import Callable

import pytest

from incidents.models import Incident, TimelineEntry
from messaging.models import InboundMessage, OutboundMessage, Status
from messaging.simulator import Simulator
from tests.flows.conftest import WAIT, Handset
from tests.house import House

pytestmark = pytest.mark.django_db(transaction=True)

Open = Callable[..., Incident]


def test_yes_acknowledges_and_thanks_with_the_link(incident: Open, ann: Handset, bob: Handset) -> None:
    opened = incident()
    assert "The cold store is warm" in ann.last
    assert "https://example.com/r" in ann.last
    ann.says("Yes please")
    opened.refresh_from_db()
    assert (opened.status, opened.acknowledged_by) == ("acknowledged", ann.number)
    assert "Thank you" in ann.last
    assert "https://example.com/r" in ann.last
    assert bob.texts == [], "nobody has asked Bob, so nobody tells him"


def test_silence_reminds_the_same_contact_then_asks_the_next_and_tells_the_first(
    incident: Open, house: House, ann: Handset, bob: Handset
) -> None:
    opened = incident()
    house.forward(WAIT - 4, step=4)
    assert len(ann.texts) == 1, "never early"
    house.forward(5)
    assert "Reminder" in ann.last
    assert bob.texts == []
    house.forward(WAIT + 1, step=4)
    assert "The cold store is warm" in bob.last
    assert "escalated" in ann.last
    bob.says("yes")
    opened.refresh_from_db()
    assert opened.acknowledged_by == bob.number
    house.settle()
    assert "acknowledged" in ann.last


def test_silence_of_everybody_ends_unacknowledged_and_all_are_told(
    incident: Open, house: House, ann: Handset, bob: Handset
) -> None:
    opened = incident()
    house.forward(4 * WAIT + 8, step=4)
    opened.refresh_from_db()
    assert opened.status == "unacknowledged"
    assert opened.next_step_at is None
    assert "logged for review" in ann.last
    assert "logged for review" in bob.last


def test_no_asks_the_next_at_once(incident: Open, ann: Handset, bob: Handset) -> None:
    incident()
    ann.says("no, I can in 2 hours")
    assert "The cold store is warm" in bob.last
    assert "escalated" in ann.last
    assert TimelineEntry.objects.filter(text__contains="I can in 2 hours").exists()


def test_a_redelivered_no_counts_once(incident: Open, simulator: Simulator, ann: Handset, bob: Handset) -> None:
    opened = incident()
    for _ in range(3):
        ann.says("No", inbound_id="the same text")
    opened.refresh_from_db()
    assert opened.status == "not_acknowledged"
    assert not opened.double_escalation
    assert len(bob.texts) == 1
    assert InboundMessage.objects.count() == 1


def test_no_of_somebody_already_passed_over_is_answered_and_noted(
    incident: Open, house: House, ann: Handset, bob: Handset
) -> None:
    opened = incident()
    ann.says("no")
    house.forward(2)
    ann.says("NO!")
    opened.refresh_from_db()
    assert opened.double_escalation
    assert "already escalated" in ann.last


def test_a_late_yes_is_accepted_and_marked(incident: Open, house: House, ann: Handset, bob: Handset) -> None:
    opened = incident()
    ann.says("no")
    bob.says("no")
    opened.refresh_from_db()
    assert opened.status == "unacknowledged"
    house.forward(3)
    ann.says("yes")
    opened.refresh_from_db()
    assert (opened.status, opened.late, opened.acknowledged_by) == ("acknowledged", True, ann.number)


def test_yes_after_yes_is_told_who_has_it(incident: Open, house: House, ann: Handset, bob: Handset) -> None:
    incident()
    ann.says("no")
    bob.says("yes")
    house.forward(2)
    ann.says("yes")
    assert "already acknowledged" in ann.last
    assert "Bob" in ann.last


def test_several_open_incidents_on_one_phone(incident: Open, house: House, ann: Handset) -> None:
    first, second = incident("A1"), incident("B2")
    house.forward(3)
    ann.says("yes", previous=None)
    assert "A1" in ann.last, "it is not clear which, so it is asked"
    assert "B2" in ann.last
    house.forward(2)
    ann.says("YES A1", previous=None)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("acknowledged", "not_acknowledged")
    house.forward(2)
    ann.says("yes", previous=None)
    second.refresh_from_db()
    assert second.status == "acknowledged", "one is open, so it is clear"


def test_a_bare_yes_answers_the_incident_its_text_belongs_to(
    incident: Open, house: House, simulator: Simulator, ann: Handset
) -> None:
    first, second = incident("A1"), incident("B2")
    of_first = next(sent for sent in simulator.sent if "A1" in sent.body)
    house.forward(3)
    ann.says("yes", previous=of_first.message_id)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("acknowledged", "not_acknowledged")


def test_yes_all(incident: Open, house: House, ann: Handset) -> None:
    incident("A1")
    incident("B2")
    house.forward(3)
    ann.says("Yes all")
    assert set(Incident.objects.values_list("status", flat=True)) == {"acknowledged"}


def test_a_text_that_fails_for_good_moves_the_incident_on_at_once(
    incident: Open, house: House, simulator: Simulator, ann: Handset, bob: Handset
) -> None:
    opened = incident()
    simulator.event(simulator.sent[0].message_id, "TEXT_UNREACHABLE")
    house.settle()
    assert "The cold store is warm" in bob.last
    kinds = set(TimelineEntry.objects.filter(incident=opened, phone_number=ann.number).values_list("kind", flat=True))
    assert "unreachable" in kinds


def test_a_stranger_is_never_taken_for_a_contact(
    incident: Open, house: House, simulator: Simulator, ann: Handset
) -> None:
    opened = incident()
    stranger = Handset(simulator, house, "+14255550199")
    stranger.says("yes", previous=simulator.sent[0].message_id)
    opened.refresh_from_db()
    assert opened.status == "not_acknowledged"
    assert stranger.texts == []
    assert InboundMessage.objects.get().outcome == "unmatched"


def test_what_is_not_understood_is_answered_and_the_incident_waits_on(incident: Open, ann: Handset) -> None:
    opened = incident()
    ann.says("what is this?")
    opened.refresh_from_db()
    assert opened.status == "not_acknowledged"
    assert "YES" in ann.last
    assert InboundMessage.objects.get().outcome == "not_understood"
    said = TimelineEntry.objects.filter(incident=opened, phone_number=ann.number, kind__in=["reply", "answer"])
    assert [entry.text for entry in said.order_by("id")] == ["what is this?", ann.last], "whoever watches sees it too"


def test_every_text_is_delivered_once_and_says_so(
    incident: Open, house: House, simulator: Simulator, ann: Handset
) -> None:
    incident()
    sent = simulator.sent[0]
    for _ in range(3):
        assert simulator.event(sent.message_id, "TEXT_DELIVERED") == 200
    house.settle()
    message = OutboundMessage.objects.get(carrier_message_id=sent.message_id)
    assert message.status == Status.DELIVERED
    assert TimelineEntry.objects.filter(kind="delivered").count() == 1
