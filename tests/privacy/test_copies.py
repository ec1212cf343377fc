"""Copies of what was answered and told: nobody is left in them, and they do what they did before."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from incidents.alerts import intake
from incidents.alerts.work import WaitingAlerts
from incidents.models import Alert, ChangedDay, Incident, IncidentContact, ReportedDay
from incidents.reports import counting, days, kept
from messaging import clock, remembering
from messaging.events import claiming, endpoints, redelivery, types
from messaging.events import texts as text_events
from messaging.models import (
    Contact,
    PrivacyRecord,
    RememberedRequest,
    Status,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEvent,
)
from messaging.privacy import copies, erasing
from messaging.privacy.names import Person, old_id
from tests.messaging.factories import ANN, BOB, OUR_NUMBER, received, standing
from tests.privacy import people
from tests.privacy.people import NAME, WORD, everything, traces

pytestmark = pytest.mark.django_db

CARL = "+14255550199"


def erase(number: str = ANN) -> PrivacyRecord:
    """To the end."""
    row = erasing.request(number, reason="asked by letter", actor="alice")
    assert row is not None
    record = erasing.go_on(row.pk)
    assert record is not None
    return record


# --- what is left of an answer ---


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"to": ANN, "body": "Hello", "status": "sent"}, {"to": "X", "body": "", "status": "sent"}),
        ({"to": BOB, "body": f"Ring Ann, {ANN}"}, {"to": BOB, "body": "Ring X, X"}),
        ({"to": BOB, "body": f"Ring {ANN}5"}, {"to": BOB, "body": f"Ring {ANN}5"}),
        ({"phone_number": ANN, "name": "Ann", "state": "sent"}, {"phone_number": "X", "name": "", "state": "sent"}),
        ([{"name": "Ann", "n": BOB}, {"name": "Bob", "n": ANN}], [{"name": "X", "n": BOB}, {"name": "", "n": "X"}]),
        ({"a": ANN, "carrier_message_id": "aws", "id": 7}, {"a": "X", "carrier_message_id": old_id("aws"), "id": 7}),
        ({"a": BOB, "carrier_message_id": "aws"}, {"a": BOB, "carrier_message_id": "aws"}),
        ({"subject": "Ann", "description": "Ann's pump"}, {"subject": "Ann", "description": "X's pump"}),
        ({ANN: [1.5, None, True]}, {"X": [1.5, None, True]}),
        (ANN, "X"),
    ],
)
def test_what_is_left_of_an_answer(before: Any, after: Any) -> None:
    person = Person(ANN, "X", ("Ann",))
    assert json.loads(copies.scrubbed(json.dumps(before), person)) == after


@pytest.mark.parametrize(("text", "left"), [("", ""), (f"Ann {{{ANN}", "X {X")])
def test_what_is_no_json_is_a_text(text: str, left: str) -> None:
    assert copies.scrubbed(text, Person(ANN, "X", ("Ann",))) == left


# --- events ---


def test_what_waits_is_delivered_in_its_turn_with_the_stand_in() -> None:
    everything()
    endpoint = WebhookDelivery.objects.all()[0].endpoint
    facts = ("pk", "event_id", "type", "occurred_at")
    events = list(WebhookEvent.objects.order_by("pk").values_list(*facts))
    ways = list(WebhookDelivery.objects.order_by("pk").values_list("pk", "event_id", "status", "ended_at"))
    of_them = WebhookEvent.objects.filter(body__contains=ANN)
    assert len(set(of_them.values_list("type", flat=True))) > 5
    first = of_them.filter(deliveries__status="waiting").order_by("pk")[0]
    assert {status for *_, status, _ in ways} == {"waiting", "delivered"}
    record = erase()
    assert record.counts["messaging.WebhookEvent (mentions)"] > 5
    assert list(WebhookEvent.objects.order_by("pk").values_list(*facts)) == events
    assert list(WebhookDelivery.objects.order_by("pk").values_list("pk", "event_id", "status", "ended_at")) == ways
    for row in WebhookEvent.objects.all():
        body = json.loads(row.body)
        assert (body["id"], body["type"]) == (row.event_id, row.type)
    for before in WebhookDelivery.objects.filter(status="waiting", event__lt=first.pk):
        redelivery.skip(before.pk)
    taken = claiming.claim(endpoint.pk, clock.now())
    assert taken is not None
    assert taken.letter.event_id == first.event_id
    assert record.stand_in.encode() in taken.letter.body
    assert ANN.encode() not in taken.letter.body


def test_events_of_others_are_the_same_byte_for_byte() -> None:
    people.listening()
    people._our_number()
    people.texts(BOB)
    people.opt_out(BOB)
    before = list(WebhookEvent.objects.values_list("subject", "body"))
    assert before
    everything()
    erase()
    assert set(before) <= set(WebhookEvent.objects.values_list("subject", "body"))


def test_names_go_from_events_although_their_contact_goes_first() -> None:
    people.listening()
    people.incident()
    IncidentContact.objects.filter(phone_number=ANN).update(name=NAME)
    assert WebhookEvent.objects.filter(body__contains=NAME).exists()
    erase()
    assert not WebhookEvent.objects.filter(body__contains=NAME).exists()


def of_text(number: str, body: str, *, subject: str = "", **fields: Any) -> WebhookEvent:
    """The event of a text to somebody, which waits; of an incident where it has a subject."""
    sent = standing(
        Status.DELIVERED,
        number,
        body=body,
        conversation="incidents" if subject else "shifts",
        subject=subject or "july",
        delivered_at=clock.now(),
        **fields,
    )
    text_events.moved(Status.DELIVERED, [sent.pk], clock.now())
    return WebhookEvent.objects.latest("id")


def said(event: WebhookEvent) -> str:
    event.refresh_from_db()
    return str(json.loads(event.body)["data"]["body"])


def test_an_event_that_names_them_without_their_number_is_found_by_who_is_meant() -> None:
    """By their full name anywhere; by any name in texts of incidents that they were asked about."""
    people.listening()
    people.incident()
    Contact.objects.update_or_create(phone_number=ANN, defaults={"name": NAME})
    IncidentContact.objects.filter(phone_number=ANN).update(name="Annabel")
    anywhere = of_text(CARL, f"{NAME}'s shift is free, and Annabel in the planning of the Annabellas.")
    of_theirs = of_text(BOB, "Annabel has incident 123", subject="123")
    of_others = of_text(BOB, "Annabel has incident 77", subject="77")
    before = of_others.body
    record = erase()
    who = record.stand_in
    assert said(anywhere) == f"{who}'s shift is free, and Annabel in the planning of the Annabellas."
    assert said(of_theirs) == f"{who} has incident 123"
    of_others.refresh_from_db()
    assert of_others.body == before, "that may be another Annabel: byte for byte the same"
    assert json.loads(anywhere.body)["data"]["destination_phone_number"] == CARL


def test_whoever_has_the_same_name_keeps_theirs() -> None:
    people.listening()
    Contact.objects.create(phone_number=ANN, name=NAME)
    Contact.objects.create(phone_number=CARL, name=NAME)
    standing(Status.DELIVERED, ANN, delivered_at=clock.now())
    event = of_text(BOB, f"{NAME} has it")
    erase()
    assert said(event) == f"{NAME} has it"


def test_a_name_that_json_writes_otherwise_is_found() -> None:
    people.listening()
    name = 'Ann "Zoë" O\\Hara'
    Contact.objects.create(phone_number=ANN, name=name)
    standing(Status.DELIVERED, ANN, delivered_at=clock.now())
    event = of_text(BOB, f"{name} has it")
    record = erase()
    assert said(event) == f"{record.stand_in} has it"


def test_what_a_receiver_answered_to_an_event_that_names_them_goes() -> None:
    endpoint = people.listening()
    Contact.objects.create(phone_number=ANN, name=NAME)
    standing(Status.DELIVERED, ANN, delivered_at=clock.now())
    event = of_text(BOB, f"{NAME} has it, {WORD}")
    values = {"delivery": event.deliveries.get(), "endpoint": endpoint, "at": clock.now(), "milliseconds": 1}
    echo = WebhookAttempt.objects.create(**values, response=event.body[:1000])
    other = WebhookAttempt.objects.create(**values, response="thanks")
    erase()
    assert list(WebhookAttempt.objects.order_by("pk").values_list("pk", "response")) == [
        (echo.pk, ""),
        (other.pk, "thanks"),
    ]


def test_events_know_people_by_number_and_by_no_key_of_ours() -> None:
    """What an erasure finds them by: whoever is named in an event is named with their number, or in prose."""
    keys: set[str] = set()

    def walk(value: Any, where: str) -> None:
        if isinstance(value, list):
            for one in value:
                walk(one, where)
        if isinstance(value, dict):
            keys.update(key for key in value if key == "id" or key.endswith(("_id", "_pk")))
            assert "name" not in value or str(value.get("phone_number", "")).startswith("+"), where
            for key, one in value.items():
                assert key not in {"contact", "employee", "person"} or isinstance(one, dict), where
                walk(one, where)

    for name, kind in types.chosen_from().items():
        walk(kind.example, name)
    # Of texts, incidents, shifts, campaigns and call backs: rows of ours that lose their number themselves.
    assert keys == {
        *("id", "incident_id", "shift_id", "campaign_id"),
        *("carrier_message_id", "inbound_message_id", "previous_published_message_id"),
    }


def test_an_answer_that_fills_its_field_is_cut_and_one_with_the_number_goes() -> None:
    short = "+4712345"
    endpoint = people.listening()
    event = endpoints.send_test(endpoint, by="hr")
    delivery = event.deliveries.get()
    values = {"delivery": delivery, "endpoint": endpoint, "at": clock.now(), "milliseconds": 1}
    full = WebhookAttempt.objects.create(**values, problem=f"{short} {'x' * (300 - len(short) - 1)}", response="ok")
    echo = WebhookAttempt.objects.create(**values, response=f'{{"to":"{short}","body":"{WORD}"')
    standing(Status.DELIVERED, short, delivered_at=clock.now())
    record = erase(short)
    full.refresh_from_db()
    echo.refresh_from_db()
    assert full.problem.startswith(f"{record.stand_in} x")
    assert (len(full.problem), full.response) == (300, "ok")
    assert echo.response == ""


def test_what_is_told_while_it_goes_on_loses_the_number_as_well() -> None:
    people._our_number()
    people.texts()
    people.listening()
    row = erasing.request(ANN, reason="asked", actor="alice")
    assert row is not None
    while not PrivacyRecord.objects.exists():
        if "messaging.WebhookEvent (early)" in row.swept and not WebhookEvent.objects.exists():
            text_events.received(received(WORD, outcome="shifts", routed_at=clock.now()))
        if erasing.go_on(row.pk, timedelta(0)) is None:
            row.refresh_from_db()
    assert WebhookEvent.objects.exists()
    assert list(traces(ANN)) == []


# --- requests ---


def test_a_request_that_comes_again_is_answered_without_them_and_not_done_again() -> None:
    sent = standing(Status.DELIVERED, delivered_at=clock.now(), body=WORD)
    was = people.remembered(sent, "key-1")
    record = erase()
    again = remembering.claim(RememberedRequest.objects.get().user_id, "key-1", "f" * 64)
    assert isinstance(again, remembering.Answer)
    assert again.status_code == was.status_code
    assert json.loads(again.body) == json.loads(was.body) | {
        "destination_phone_number": record.stand_in,
        "body": "",
        "carrier_message_id": old_id(str(sent.carrier_message_id)),
    }


# --- alerts ---


def test_a_repeat_still_finds_its_trouble() -> None:
    alert = people.alerted()
    standing(Status.DELIVERED, delivered_at=clock.now())
    erase()
    assert list(traces(ANN)) == []
    later = intake.take(alert.source, {"key": f"line-{ANN}", "said": "Again"}).alerts.get()
    WaitingAlerts().run()
    assert Alert.objects.get(pk=later.pk).trouble_id == alert.trouble_id


# --- days of reports ---


def _yesterday(number: str = ANN) -> date:
    people.incident(number)
    IncidentContact.objects.filter(phone_number=number).update(name=NAME)
    Incident.objects.update(opened_at=clock.now() - timedelta(days=1))
    day: date = timezone.localdate(clock.now() - timedelta(days=1), timezone.get_default_timezone())
    ChangedDay.objects.all().delete()
    return day


def test_a_day_that_was_counted_has_the_same_figures_and_nobody_in_it() -> None:
    day = _yesterday()
    kept._count(day)
    before = ReportedDay.objects.get(day=day).figures
    record = erase()
    after = ReportedDay.objects.get(day=day).figures
    assert list(traces(ANN, NAME)) == []
    assert after["people"][record.stand_in][1:] == before["people"][ANN][1:]
    assert after["people"][BOB] == before["people"][BOB]
    assert {**after, "people": 0} == {**before, "people": 0}
    assert ChangedDay.objects.filter(day=day).exists()
    counted = counting.count([day])[day].as_json()
    assert json.loads(json.dumps(counted)) == after


def test_a_count_that_began_before_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    day = _yesterday()
    kept._count(day)
    count = counting.count

    def slow(wanted: Any) -> Any:
        found = count(wanted)
        monkeypatch.setattr(counting, "count", count)
        erase()
        return found

    monkeypatch.setattr(counting, "count", slow)
    kept._count(day)
    assert list(traces(ANN)) == []


def test_two_halves_of_somebody_are_one() -> None:
    row = ["Ann", 2, 2, 1, 0, 0, 1, [3.5]]
    kept_day = {"policies": {}, "people": {ANN: row, "X": row, BOB: row}, "statuses": {}, "first_text": [0, 0]}
    found = days.renamed(kept_day, ANN, "X")
    assert found["people"] == {"X": ["", 4, 4, 2, 0, 0, 2, [3.5, 3.5]], BOB: row}
    assert OUR_NUMBER not in found["people"]
