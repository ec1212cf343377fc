"""Rows that are older than they are kept: which, what is left of them, and that no figure changes."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Model
from django.utils import timezone

from incidents.models import AlertDelivery, ChangedDay, Incident, IncidentContact, ReportedDay, TimelineEntry
from incidents.models import Status as IncidentStatus
from incidents.reports import kept, spans
from incidents.reports.spans import Span
from messaging import clock, daily, jobs
from messaging.checks import check_retention
from messaging.daily import span
from messaging.daily.texts import Texts
from messaging.models import (
    CountedDay,
    DeliveryEvent,
    InboundMessage,
    OutboundMessage,
    PrivacyRecord,
    RetentionMark,
    RetentionRun,
    Status,
)
from messaging.privacy import retention
from messaging.privacy.names import STAND_IN, old_id
from optout import pleas
from shifts.models import CallBack, UnauthorisedText
from tests.messaging.api.rows import event
from tests.messaging.factories import ANN, BOB, OUR_NUMBER, received, standing
from tests.moving import MovableTime
from tests.privacy.people import WORD, everything, texts, traces

pytestmark = pytest.mark.django_db

TEXTS, EVENTS = 30, 10


@pytest.fixture(autouse=True)
def _days(settings: Any) -> None:
    settings.MESSAGING = settings.MESSAGING | {"RETENTION_TEXTS_DAYS": TEXTS, "RETENTION_EVENTS_DAYS": EVENTS}


def run() -> PrivacyRecord:
    """One run, to its end."""
    record = retention.go_on()
    assert record is not None
    return record


def _words_of(row: Model) -> str:
    row.refresh_from_db()
    return str([field.value_from_object(row) for field in row._meta.concrete_fields])


def _sent(status: Status = Status.DELIVERED, days: float = 0, **fields: Any) -> OutboundMessage:
    at = clock.now() - timedelta(days=days)
    values: dict[str, Any] = {"queued_at": at, "body": WORD, "attempted_at": at, "sent_at": at}
    return standing(status, **values | fields)


def _heard(days: float = 0, **fields: Any) -> InboundMessage:
    at = clock.now() - timedelta(days=days)
    values: dict[str, Any] = {"stored_at": at, "received_at": at, "routed_at": at, "outcome": "shifts"}
    return received(WORD, **values | fields)


def _news(days: float, **fields: Any) -> DeliveryEvent:
    at = clock.now() - timedelta(days=days)
    return event(None, **{"stored_at": at, "applied_at": at, "payload": {"n": ANN, "w": WORD}} | fields)


def _call(days: float, status: str = "closed") -> CallBack:
    at = clock.now() - timedelta(days=days)
    return CallBack.objects.create(
        phone_number=ANN,
        inbound_message_id=f"in{days}",
        origination_identity=OUR_NUMBER,
        status=status,
        requested_at=at,
        ended_at=at if status == "closed" else None,
        note=WORD,
    )


def _stranger(days: float) -> UnauthorisedText:
    at = clock.now() - timedelta(days=days)
    return UnauthorisedText.objects.create(phone_number=ANN, inbound_message_id="in", received_at=at, body=WORD)


def _plea(days: float) -> InboundMessage:
    text = _heard(days)
    pleas.note(text)
    return text


def _incident(days: float, status: str) -> Incident:
    at = clock.now() - timedelta(days=days)
    over = {"ended_at": at, "acknowledged_at": at, "acknowledged_by": ANN} if status == "acknowledged" else {}
    return Incident.objects.create(incident_id=f"i{status}{days}", description="", opened_at=at, status=status, **over)


def _line(days: float, status: str = "acknowledged") -> TimelineEntry:
    at = clock.now() - timedelta(days=days)
    return _incident(days, status).timeline.create(at=at, kind="reply", phone_number=ANN, text=WORD)


def _contact(days: float, status: str = "acknowledged") -> IncidentContact:
    step = _incident(days, status).steps.create(position=1, wait_seconds=40)
    return step.contacts.create(phone_number=ANN, name=WORD, state="notified")


def _alerts(days: float, **fields: Any) -> AlertDelivery:
    at = clock.now() - timedelta(days=days)
    return AlertDelivery.objects.create(received_at=at, raw=f"{ANN} {WORD}", size=20, **fields)


OVER, UNDER = TEXTS + 0.01, TEXTS - 0.01


@pytest.mark.parametrize(
    ("made", "is_left"),
    [
        (lambda: _sent(days=UNDER), True),
        (lambda: _sent(days=OVER), False),
        (lambda: _sent(Status.FAILED, OVER), False),
        (lambda: _sent(Status.CANCELLED, OVER), False),
        (lambda: _sent(Status.QUEUED, OVER), True),
        (lambda: _sent(Status.SENDING, OVER), True),
        (lambda: _sent(days=OVER, outcome_pending=True), True),
        (lambda: _sent(Status.UNKNOWN, OVER, attempted_at=clock.now()), True),
        (lambda: _sent(Status.UNKNOWN, OVER), False),
        (lambda: _heard(UNDER), True),
        (lambda: _heard(OVER), False),
        (lambda: _heard(OVER, routed_at=None, outcome=""), True),
        (lambda: _heard(OVER, outcome="unmatched"), True),
        (lambda: _heard(OVER, outcome="unmatched", handled_at=clock.now(), handled_by="hr"), False),
        (lambda: _plea(OVER), True),
        (lambda: _news(EVENTS - 0.01), True),
        (lambda: _news(EVENTS + 0.01), False),
        (lambda: _news(EVENTS + 0.01, applied_at=None), True),
        (lambda: _alerts(EVENTS - 0.01), True),
        (lambda: _alerts(EVENTS + 0.01), False),
        (lambda: _alerts(EVENTS + 0.01, refused=True, remark="No JSON."), False),
        (lambda: _call(UNDER), True),
        (lambda: _call(OVER), False),
        (lambda: _call(OVER, "waiting"), True),
        (lambda: _stranger(UNDER), True),
        (lambda: _stranger(OVER), False),
        (lambda: _line(UNDER), True),
        (lambda: _line(OVER), False),
        (lambda: _line(OVER, "not_acknowledged"), True),
        (lambda: _contact(UNDER), True),
        (lambda: _contact(OVER), False),
        (lambda: _contact(OVER, "not_acknowledged"), True),
        (lambda: _incident(UNDER, "acknowledged"), True),
        (lambda: _incident(OVER, "acknowledged"), False),
    ],
)
def test_what_is_too_old(made: Any, is_left: bool) -> None:
    row = made()
    run()
    words = _words_of(row)
    assert (ANN in words or WORD in words) == is_left
    if not is_left:
        assert ANN not in words
        assert WORD not in words


def test_the_digest_of_an_old_incident_does_not_tell_who_it_asked() -> None:
    row, by_staff = _incident(OVER, "acknowledged"), _incident(OVER + 1, "acknowledged")
    Incident.objects.update(content_hash="a" * 64)
    Incident.objects.filter(pk=by_staff.pk).update(acknowledged_by="hr")
    retention.go_on()
    for one in (row, by_staff):
        one.refresh_from_db()
        assert one.content_hash == old_id("a" * 64)
    assert by_staff.acknowledged_by == "hr"


def test_what_was_imported_after_newer_rows_is_found_behind_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "_STRETCH", 1)
    new, old = _contact(TEXTS - 2), _contact(OVER)
    retention.go_on()
    new.refresh_from_db()
    old.refresh_from_db()
    assert (new.phone_number, old.phone_number.startswith(STAND_IN)) == (ANN, True)


def test_a_text_of_an_open_incident_is_kept() -> None:
    _incident(OVER, IncidentStatus.NOT_ACKNOWLEDGED)
    row = _sent(days=OVER, conversation="incidents", subject=f"inot_acknowledged{OVER}")
    run()
    assert WORD in _words_of(row)


@pytest.mark.parametrize("setting", ["RETENTION_TEXTS_DAYS", "RETENTION_EVENTS_DAYS"])
def test_nought_keeps_for_ever(settings: Any, setting: str) -> None:
    settings.MESSAGING = settings.MESSAGING | {setting: 0}
    text, news = _sent(days=4000), _news(4000)
    run()
    assert (WORD in _words_of(text)) == (setting == "RETENTION_TEXTS_DAYS")
    assert (WORD in _words_of(news)) == (setting == "RETENTION_EVENTS_DAYS")


def test_consent_is_kept() -> None:
    everything()
    later = clock.now() + timedelta(days=4000)
    RetentionRun.objects.create(salt="salt", began_at=later)
    run()
    assert {place.rsplit(".", 1)[0] for place in traces(ANN)} >= {"optout.Consent", "optout.ConsentEvent"}
    assert "messaging.OutboundMessage.destination_phone_number" not in set(traces(ANN))


def test_figures_by_day_stay_as_they_were_also_when_counted_again() -> None:
    at = clock.now() - timedelta(days=OVER)
    texts(at=at)
    _sent(Status.FAILED, OVER, price="0.01", currency="USD")
    day = daily.recent(at) and at.date()
    assert day
    before = Texts().of(*span(day))
    CountedDay.objects.create(day=day, counted_at=at, figures={"texts": {"parts": 3}})
    assert before["parts"] > 0
    run()
    assert Texts().of(*span(day)) == before
    assert CountedDay.objects.get(day=day).figures == {"texts": {"parts": 3}}


def test_days_of_reports_are_counted_anew_without_them_and_are_true_meanwhile(time: MovableTime) -> None:
    contact = _contact(OVER)
    opened = contact.step.incident.opened_at
    day = timezone.localdate(opened, timezone.get_default_timezone())
    kept._count(day)
    before = ReportedDay.objects.get(day=day).figures["people"]
    assert list(before) == [ANN]
    run()
    assert ChangedDay.objects.filter(day=day).exists()
    only = Span(day, day)
    assert ANN not in kept.read(only)[day].people
    time.forward(11 * 60)
    # Other days are due as well, of which there is nothing to count.
    for number in range(spans.LONGEST):
        other = timezone.localdate(clock.now(), timezone.get_default_timezone()) - timedelta(days=number)
        ReportedDay.objects.get_or_create(day=other, defaults={"zone": kept._zone(), "figures": {}})
    while kept.is_due(clock.now()) and kept.count_next(clock.now()):
        pass
    after = ReportedDay.objects.get(day=day).figures["people"]
    assert [row[1:] for row in after.values()] == [row[1:] for row in before.values()]
    assert list(traces(ANN)) == []


def test_one_number_has_one_stand_in_within_a_run_and_another_in_the_next() -> None:
    _sent(days=OVER), _sent(days=OVER, to=BOB), _heard(OVER)
    run()
    of_ann = set(InboundMessage.objects.values_list("origination_phone_number", flat=True))
    sent = set(OutboundMessage.objects.values_list("destination_phone_number", flat=True))
    assert len(sent) == 2
    assert of_ann < sent
    last = _sent(days=OVER)
    run()
    last.refresh_from_db()
    assert last.destination_phone_number not in sent
    assert not RetentionRun.objects.exists()


def test_in_small_batches_and_by_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    monkeypatch.setattr(retention, "_STRETCH", 3)
    for _ in range(8):
        _sent(days=OVER)
    for _ in range(3):
        _sent(days=1)
    slices = 0
    while (record := retention.go_on(timedelta(0))) is None:
        slices += 1
        assert slices < 100
    assert slices > 4
    assert record.counts == {"messaging.OutboundMessage": 8}
    assert OutboundMessage.objects.filter(body=WORD).count() == 3


def test_what_was_still_needed_is_done_later_and_what_is_done_is_not_read_again() -> None:
    first, needed, last = _sent(days=OVER), _sent(Status.QUEUED, OVER), _sent(days=OVER)
    assert run().counts == {"messaging.OutboundMessage": 2}
    assert RetentionMark.objects.get(label="messaging.OutboundMessage").through == needed.pk - 1 >= first.pk
    OutboundMessage.objects.filter(pk=needed.pk).update(status=Status.CANCELLED)
    assert run().counts == {"messaging.OutboundMessage": 1}
    assert RetentionMark.objects.get(label="messaging.OutboundMessage").through == last.pk
    assert run().counts == {}


def test_once_a_day_by_a_worker(time: MovableTime) -> None:
    assert retention.is_due(clock.now())
    for _ in range(100):
        if not PrivacyRecord.objects.exists():
            jobs.run("retention")
    assert PrivacyRecord.objects.get().kind == "retention"
    assert not retention.is_due(clock.now())
    time.forward(23.9 * 3600)
    assert not retention.is_due(clock.now())
    time.forward(0.2 * 3600)
    assert retention.is_due(clock.now())


def test_the_record_of_a_run() -> None:
    _sent(days=OVER)
    record = run()
    assert record.reason == f"RETENTION_EVENTS_DAYS={EVENTS}, RETENTION_TEXTS_DAYS={TEXTS}"
    assert (record.fingerprint, record.actor) == ("", "")


@pytest.mark.parametrize(
    ("days", "is_wrong"), [(0, False), (1, True), (6, True), (7, False), (36_500, False), (36_501, True), (-1, True)]
)
def test_how_many_days_may_be_set(settings: Any, days: int, is_wrong: bool) -> None:
    settings.MESSAGING = settings.MESSAGING | {"RETENTION_TEXTS_DAYS": days}
    assert bool(check_retention(None)) == is_wrong
