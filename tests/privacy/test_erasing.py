"""Erasing a person: nothing of them is left, figures stay, an opt-out is honoured, and the audit finds nothing."""

import json
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.db.models import QuerySet

from incidents import lifecycle
from incidents.lifecycle import opening
from incidents.models import Incident, IncidentContact, TimelineEntry
from messaging import audit, clock, jobs
from messaging.audit import report
from messaging.models import (
    Contact,
    DeliveryEvent,
    ErasureRequest,
    InboundMessage,
    OutboundMessage,
    PrivacyRecord,
    Status,
)
from messaging.models.privacy import Immutable
from messaging.outbound import delivery, guards, outcomes
from messaging.privacy import erasing, mentions, names, tables
from messaging.privacy.names import STAND_IN
from optout import pleas, selectors
from optout.models import Consent, ConsentEvent
from shifts.models import Booking, CallBack, Employee, RosterImport, SegmentMember, Shift
from tests.messaging.factories import ANN, BOB, OUR_NUMBER, queued, received, standing
from tests.moving import MovableTime
from tests.privacy import people
from tests.privacy.people import NAME, WORD, everything, incident, opt_out, policy, texts, traces
from tests.shifts import factories

pytestmark = pytest.mark.django_db


def erase(number: str = ANN, **options: Any) -> PrivacyRecord | None:
    """To the end."""
    row = erasing.request(number, **{"reason": "asked by letter", "actor": "alice"} | options)
    return None if row is None else erasing.go_on(row.pk)


def test_nothing_of_the_person_is_left_anywhere() -> None:
    everything()
    # The look for traces finds what is there before, in more than a handful of tables.
    assert len({place.rsplit(".", 1)[0] for place in traces(ANN, WORD, NAME)}) > 10
    erase()
    assert sorted(traces(ANN, WORD, NAME, ANN[1:])) == []
    assert sorted(traces("aws-out", "aws-in", "aws-call", "aws-un", "connect-1")) == []


def test_the_digest_of_an_incident_does_not_tell_who_it_asked() -> None:
    people._our_number()
    request = lifecycle.Request(incident_id="9", description="Down", url="", first_contact=ANN, second_contact=BOB)
    lifecycle.open_incident(request, actor="monitoring")
    lifecycle.cancel("9", actor="hr")
    OutboundMessage.objects.update(status=Status.CANCELLED, outcome_pending=False)
    assert opening._digest(opening._tidy(request)) == Incident.objects.get().content_hash, "whoever guesses, knows"
    erase()
    assert opening._digest(opening._tidy(request)) != Incident.objects.get().content_hash
    again, is_new = lifecycle.open_incident(request, actor="monitoring")
    assert (again.incident_id, is_new) == ("9", False)
    with pytest.raises(lifecycle.DifferentContent):
        lifecycle.open_incident(replace(request, description="Up"), actor="monitoring")


def test_others_stay_as_they_were() -> None:
    everything()
    bobs = OutboundMessage.objects.filter(destination_phone_number=BOB).count()
    erase()
    assert OutboundMessage.objects.filter(destination_phone_number=BOB).count() == bobs > 0
    assert Contact.objects.get(phone_number=BOB).name == "Bob"
    assert IncidentContact.objects.filter(phone_number=BOB).exists()


def test_the_figures_of_texts_stay_and_a_thread_is_still_one() -> None:
    everything()
    same = ("status", "parts", "price", "queued_at", "sent_at", "delivered_at", "conversation", "subject")
    before = list(OutboundMessage.objects.order_by("pk").values_list(*same))
    booked = list(Shift.objects.order_by("pk").values_list("booked", flat=True))
    record = erase()
    assert record is not None
    assert list(OutboundMessage.objects.order_by("pk").values_list(*same)) == before
    assert list(Shift.objects.order_by("pk").values_list("booked", flat=True)) == booked
    stand_ins = {
        *OutboundMessage.objects.exclude(destination_phone_number=BOB).values_list(
            "destination_phone_number", flat=True
        ),
        *InboundMessage.objects.values_list("origination_phone_number", flat=True),
        *IncidentContact.objects.exclude(phone_number=BOB).values_list("phone_number", flat=True),
        *Incident.objects.values_list("acknowledged_by", flat=True),
    }
    assert stand_ins == {record.stand_in}


def test_the_audit_is_clean_afterwards() -> None:
    everything()

    def found() -> set[str]:
        result = audit.perform(at_rest=False, only="", progress=lambda *_: None)
        assert not result.errors
        return {json.dumps(one) for one in json.loads(report.as_json(result))["findings"]}

    before = found()
    erase()
    assert found() <= before


def test_rebuilding_consent_finds_nothing_to_mend() -> None:
    everything()
    erase()
    out = StringIO()
    call_command("rebuild_consent", "--check", stdout=out)
    assert "equal" in out.getvalue()


def test_a_second_run_does_nothing() -> None:
    everything()
    assert erase() is not None
    assert erase() is None
    assert PrivacyRecord.objects.count() == 1


def test_who_comes_back_can_be_erased_again() -> None:
    everything()
    first = erase()
    texts()
    second = erase()
    assert first is not None
    assert second is not None
    assert second.stand_in != first.stand_in
    assert second.fingerprint == first.fingerprint
    assert list(traces(ANN)) == []


# --- the record ---


def test_the_record_says_who_when_why_and_how_much_but_not_whom() -> None:
    User.objects.create_user("alice")
    everything()
    record = erase(reason=f"{ANN} asked by letter")
    assert record is not None
    assert (record.actor, record.reason) == ("alice", f"{record.stand_in} asked by letter")
    assert record.counts["messaging.OutboundMessage"] >= 2
    assert list(erasing.erased_before(ANN)) == [record]
    assert not erasing.erased_before(BOB)
    assert LogEntry.objects.filter(user__username="alice", change_message__startswith="Erase a person").count() == 1
    assert not ErasureRequest.objects.exists()


def test_the_record_is_append_only() -> None:
    everything()
    record = erase()
    assert record is not None
    with pytest.raises(Immutable):
        record.save()
    with pytest.raises(Immutable):
        record.delete()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        QuerySet(model=PrivacyRecord).filter(pk=record.pk).update(reason="another")


# --- what stands in the way ---


def _queued() -> None:
    queued()


def _calling() -> None:
    standing(Status.SENDING)


def _in_doubt() -> None:
    standing(Status.UNKNOWN, unknown_at=clock.now(), doubts=1)


def _unrouted() -> None:
    received("Hello")


def _unmatched() -> None:
    received("Hello", outcome="unmatched", routed_at=clock.now())


def _open_incident() -> None:
    request = lifecycle.Request("9", "Warm", "", first_contact=ANN, second_contact=BOB, wait_seconds=40)
    lifecycle.open_incident(request, actor="monitoring")
    OutboundMessage.objects.all().delete()


def _in_a_policy() -> None:
    policy(ANN, BOB)


def _alone_in_a_policy() -> None:
    policy(ANN)


def _holds_a_shift() -> None:
    factories.holding(factories.employee(ANN), factories.shift(at=48))


def _to_be_called() -> None:
    CallBack.objects.create(
        phone_number=ANN,
        inbound_message_id="in-1",
        origination_identity=OUR_NUMBER,
        status="waiting",
        requested_at=clock.now(),
    )


def _plea() -> None:
    pleas.note(received("please stop", outcome="shifts", routed_at=clock.now()))


def _on_a_list() -> None:
    Contact.objects.create(phone_number=ANN)
    RosterImport.objects.create(
        segment_name="Nurses",
        file_name="n.csv",
        content=b"phone\n(425) 555-0182\n",
        status="checked",
        created_at=clock.now(),
        created_by="hr",
    )


@pytest.mark.parametrize(
    ("stands", "says", "can_be_ended"),
    [
        (_queued, "wait to be sent", True),
        (_calling, "just being sent", False),
        (_in_doubt, "just being sent", False),
        (_unrouted, "not read by Textback yet", False),
        (_unmatched, "wait in the inbox", True),
        (_open_incident, "about incident 9", True),
        (_in_a_policy, "policy Nights", True),
        (_alone_in_a_policy, "policy Nights", False),
        (_holds_a_shift, "still to come: XYZ123", True),
        (_to_be_called, "to be called back", True),
        (_plea, "review list", False),
        (_on_a_list, "list n.csv", False),
    ],
)
def test_what_stands_in_the_way(number: Any, stands: Any, says: str, can_be_ended: bool) -> None:
    stands()
    with pytest.raises(erasing.NotNow, match=says):
        erase()
    assert not ErasureRequest.objects.exists()
    if not can_be_ended:
        with pytest.raises(erasing.NotNow, match=says):
            erase(end_open=True)
        return
    erasing.request(ANN, reason="asked", actor="alice", end_open=True)
    assert erasing.plan(ANN).obstacles == []
    outcomes.tell(0, for_as_long_as=timedelta(minutes=1))
    erasing.go_on(ErasureRequest.objects.get().pk)
    assert list(traces(ANN)) == []


@pytest.fixture
def number() -> Any:
    from messaging.models import OriginationIdentity

    return OriginationIdentity.objects.create(
        identity=OUR_NUMBER, kind="ten_dlc", iso_country_code="US", mps=1, is_default=True
    )


def test_what_is_queued_meanwhile_is_not_touched_and_the_erasure_waits(number: Any) -> None:
    texts()
    row = erasing.request(ANN, reason="asked", actor="alice")
    assert row is not None
    late = queued(body="Later")
    with pytest.raises(erasing.NotNow, match="wait to be sent"):
        erasing.go_on(row.pk)
    late.refresh_from_db()
    row.refresh_from_db()
    assert (late.destination_phone_number, late.body) == (ANN, "Later")
    assert "wait to be sent" in row.problem
    assert row.next_try_at > clock.now() + timedelta(seconds=30)


@pytest.mark.parametrize("wrong", [{"reason": " "}, {"actor": ""}])
def test_an_erasure_has_a_reason_and_an_actor(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        erase(**wrong)


def test_a_stand_in_is_not_erased_again() -> None:
    with pytest.raises(ValueError):
        erase(names.new_stand_in())


# --- in batches ---


def test_it_goes_on_where_it_was_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "AT_ONCE", 2)
    for _ in range(7):
        standing(Status.DELIVERED, delivered_at=clock.now(), body=WORD)
    row = erasing.request(ANN, reason="asked", actor="alice")
    assert row is not None
    assert erasing.go_on(row.pk, timedelta(0)) is None
    row.refresh_from_db()
    assert row.counts == {"messaging.OutboundMessage": 2}
    assert OutboundMessage.objects.filter(destination_phone_number=ANN).count() == 5
    record = erasing.go_on(row.pk)
    assert record is not None
    assert record.counts == {"messaging.OutboundMessage": 7}
    assert len(set(OutboundMessage.objects.values_list("destination_phone_number", flat=True))) == 1


def test_mentions_are_looked_for_a_stretch_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mentions, "_STRETCH", 2)
    for _ in range(7):
        standing(Status.SENT, BOB, body=f"Call {ANN}")
    Contact.objects.create(phone_number=ANN)
    record = erase()
    assert record is not None
    assert record.counts["messaging.OutboundMessage (mentions)"] == 7
    assert list(traces(ANN)) == []


def test_a_worker_does_it(time: MovableTime) -> None:
    everything()
    erasing.request(ANN, reason="asked", actor="alice")
    time.forward(10)
    # On a slow machine a slice is not all.
    for _ in range(100):
        if ErasureRequest.objects.exists():
            jobs.run("erasures")
    assert list(traces(ANN, WORD)) == []
    assert PrivacyRecord.objects.count() == 1


# --- who comes back ---


@pytest.mark.parametrize("every_number", [False, True])
def test_an_opt_out_is_honoured_when_the_number_comes_back(every_number: bool) -> None:
    everything()
    opt_out(every_number=every_number, key="again")
    erase()
    assert not Consent.objects.filter(phone_number=ANN).exists()
    pair = (ANN, OUR_NUMBER)
    assert pair in guards.refusals([pair, (BOB, OUR_NUMBER)])
    standing_now = selectors.standing_with(ANN, OUR_NUMBER)
    assert standing_now is not None
    assert standing_now.opted_out
    assert ((ANN, "+14255550109") in guards.refusals([(ANN, "+14255550109")])) == every_number


def test_a_join_since_counts_and_another_stop_after_it() -> None:
    everything()
    erase()
    pair = (ANN, OUR_NUMBER)
    opt_out(action="opt_in", key="join")
    assert guards.refusals([pair]) == {}
    opt_out(key="stop")
    assert pair in guards.refusals([pair])
    call_command("rebuild_consent", "--check", stdout=StringIO())
    erase()
    assert pair in guards.refusals([pair])


def test_who_says_the_same_again_changes_nothing() -> None:
    from optout import ledger
    from optout.ledger import Entry

    everything()
    erase()
    again = ledger.record(Entry(ANN, OUR_NUMBER, "opt_out", "sms"))
    assert not again.changed


def test_an_imported_list_does_not_undo_what_was_said_since() -> None:
    everything()
    guards.opted_out_elsewhere({ANN: None}, actor="hr", reason="list")
    erase()
    opt_out(action="opt_in", key="join")
    guards.opted_out_elsewhere({ANN: None}, actor="hr", reason="list")
    assert guards.refusals([(ANN, OUR_NUMBER)]) == {}


def test_another_key_is_found_by_the_audit(settings: Any) -> None:
    everything()
    erase()
    settings.MESSAGING = settings.MESSAGING | {"PRIVACY_KEY": "another"}
    result = audit.perform(at_rest=False, only="messaging.erased_under", progress=lambda *_: None)
    assert "erased_under_another_key" in report.as_json(result)
    assert json.loads(report.as_json(result))["findings"]


@pytest.mark.parametrize(
    "change",
    [{"action": "opt_in"}, {"phone_number": BOB}, {"phone_number": "kept-x", "text": "more"}, {"word": "JOIN"}],
)
def test_nothing_else_of_the_ledger_can_be_changed(change: dict[str, str]) -> None:
    everything()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        QuerySet(model=ConsentEvent).filter(phone_number=ANN).update(**{"phone_number": "kept-x", "text": ""} | change)


def test_nobody_is_texted_who_was_erased(number: Any) -> None:
    stand_in = names.new_stand_in()
    assert guards.refusals([(stand_in, OUR_NUMBER)])
    assert queued(to=stand_in).status in {Status.SUPPRESSED, Status.FAILED}


# --- what AWS and SNS bring once more ---


def test_late_news_counts_and_brings_no_number_back() -> None:
    now = clock.now()
    sent = standing(Status.SENT, carrier_message_id="aws-late")
    erase()
    for copy in range(2):
        DeliveryEvent.objects.create(
            sns_message_id=f"sns-late-{copy // 2}",
            carrier_message_id="aws-late",
            event_type="TEXT_DELIVERED",
            is_final=True,
            occurred_at=now,
            stored_at=now,
            apply_after=now,
            description=f"To {ANN}",
            payload={"destinationPhoneNumber": ANN, "totalMessagePrice": 0.01},
        )
        delivery.apply_waiting()
    sent.refresh_from_db()
    assert (sent.status, str(sent.price)) == (Status.DELIVERED, "0.010000")
    assert DeliveryEvent.objects.count() == 1
    assert list(traces(ANN, "aws-late")) == []


@pytest.mark.parametrize(("seconds_late", "stays"), [(60, False), (0, True)])
def test_a_text_that_sns_brings_again_is_not_heard_again(seconds_late: int, stays: bool) -> None:
    from messaging.inbound import routing

    _, heard = texts()
    identifier = heard.inbound_message_id
    erase()
    now = clock.now()
    received(WORD, inbound_message_id=identifier, received_at=now - timedelta(seconds=seconds_late))
    routing.route_waiting()
    assert InboundMessage.objects.filter(inbound_message_id=identifier).exists() == stays


# --- the commands ---


def _run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_the_plan_changes_nothing() -> None:
    everything()
    before = sorted(traces(ANN, WORD))
    found = json.loads(_run("erase_person", ANN, "--plan", "--json"))
    assert found["rows"]["messaging.InboundMessage"] == 2
    assert found["obstacles"] == []
    assert sorted(traces(ANN, WORD)) == before
    assert "messaging.InboundMessage 2" in _run("erase_person", ANN, "--plan")


def test_the_command_erases() -> None:
    everything()
    found = json.loads(_run("erase_person", ANN, "--reason", "asked", "--actor", "alice", "--json"))
    assert found["erased"]["messaging.InboundMessage"] == 2
    assert list(traces(ANN)) == []
    assert "Nothing is held" in _run("erase_person", ANN, "--reason", "asked", "--actor", "alice")
    assert "Erased before" in _run("erase_person", ANN, "--plan")


@pytest.mark.parametrize(
    ("arguments", "says"), [((ANN,), "--reason"), (("12", "--reason", "x"), "12"), ((ANN, "--reason", "x"), "inbox")]
)
def test_the_command_refuses(arguments: tuple[str, ...], says: str) -> None:
    _unmatched()
    with pytest.raises(CommandError, match=says):
        call_command("erase_person", *arguments, stdout=StringIO())


def test_an_export_has_all_that_is_held() -> None:
    everything()
    found = json.loads(_run("export_person", ANN))
    assert {one["table"] for one in found["held"]} >= {
        "messaging.Contact",
        "messaging.OutboundMessage",
        "messaging.InboundMessage",
        "messaging.DeliveryEvent",
        "incidents.IncidentContact",
        "incidents.TimelineEntry",
        "shifts.Employee",
        "shifts.SegmentMember",
        "shifts.Booking",
        "shifts.CallBack",
        "shifts.UnauthorisedText",
        "optout.ConsentEvent",
        "optout.Consent",
    }
    assert WORD in json.dumps(found)
    assert BOB not in json.dumps([one for one in found["held"] if one["table"] == "messaging.InboundMessage"])


def test_an_employee_who_never_booked_is_gone_and_who_did_has_no_name() -> None:
    factories.employee(BOB, name="Bob", segments=["Nurses"])
    everything_of_ann = factories.employee(ANN, name=NAME, segments=["Nurses"])
    factories.holding(everything_of_ann, factories.shift("OLD1", at=-48))
    record = erase()
    erase(BOB)
    assert record is not None
    left = Employee.objects.get()
    assert (left.contact.phone_number, left.contact.name, left.approved) == (record.stand_in, "", False)
    assert record.stand_in.startswith(STAND_IN)
    assert Booking.objects.get().employee == left
    assert not SegmentMember.objects.exists()
    assert Contact.objects.count() == 1


def test_a_timeline_keeps_its_lines() -> None:
    incident()
    before = list(TimelineEntry.objects.order_by("pk").values_list("kind", "at"))
    erase()
    assert list(TimelineEntry.objects.order_by("pk").values_list("kind", "at")) == before


@pytest.mark.parametrize(
    ("name", "text", "left"),
    [
        (
            "Ann",
            "Ann has it. Planning for Annika, ann and Ann-Marie.",
            "{} has it. Planning for Annika, ann and Ann-Marie.",
        ),
        ("erased", "erased", "{}"),
        ("Ed", f"Ed: {ANN}, not {ANN}5", f"{{}}: {{}}, not {ANN}5"),
        ("", f"({ANN})", "({})"),
    ],
)
def test_names_go_where_they_are_words_and_nothing_else(name: str, text: str, left: str) -> None:
    row = incident()
    IncidentContact.objects.filter(phone_number=ANN).update(name=name)
    line = TimelineEntry.objects.create(incident=row, at=clock.now(), kind="note", text=text)
    record = erase()
    assert record is not None
    line.refresh_from_db()
    assert line.text == left.replace("{}", record.stand_in)
