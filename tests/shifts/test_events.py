"""What other systems hear of shifts, campaigns and call backs: in the transaction of each change."""

import pytest
from django.db import transaction

from messaging.events import endpoints
from messaging.models import OriginationIdentity
from shifts import booking, campaigns
from shifts.calls import callbacks
from shifts.models import Booking, CallBack
from tests.messaging.events.looking import happened, latest
from tests.messaging.factories import ANN, received
from tests.shifts.factories import campaign, employee, segment, shift

NAMES = ["shift.booked", "shift.released", "campaign.sending", "campaign.sent", "campaign.cancelled"]
NAMES += ["callback.requested", "callback.closed"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("everything_wanted", "number")]


@pytest.fixture
def everything_wanted(db: None) -> None:
    endpoints.create(name="Planning", url="https://example.com/", event_types=NAMES, by="boss")


def test_a_place_taken_and_given_back() -> None:
    ann, night = employee(name="Ann"), shift(at=48)
    booking.book(ann, ["xyz123"], source=Booking.Source.SMS)
    assert happened() == ["shift.booked"]
    told = latest()["data"]
    assert told["shift"]["shift_id"] == "XYZ123"
    assert told["shift"]["shift_status"] == "taken"
    assert told["shift"]["employees"] == [{"name": "Ann", "phone_number": ANN}]
    assert told["employee"] == {"name": "Ann", "phone_number": ANN}
    assert told["by"] == ANN
    booking.drop(ann, [night.shift_id], by="alice")
    assert happened() == ["shift.booked", "shift.released"]
    told = latest()["data"]
    assert (told["shift"]["shift_status"], told["shift"]["employees"], told["by"]) == ("available", [], "alice")


def test_what_was_not_booked_and_not_held_is_no_event() -> None:
    ann, ben = employee(), employee("+14255550183")
    shift(at=48)
    booking.book(ann, ["XYZ123"], source=Booking.Source.SMS)
    booking.book(ann, ["XYZ123", "NONE1"], source=Booking.Source.SMS)
    booking.book(ben, ["XYZ123"], source=Booking.Source.SMS)
    booking.drop(ben, ["XYZ123"], by="alice")
    assert happened() == ["shift.booked"]


def test_several_codes_are_several_events() -> None:
    ann = employee()
    shift("A1", at=24)
    shift("B2", at=72)
    booking.book(ann, ["B2", "A1"], source=Booking.Source.STAFF, actor="alice")
    assert happened() == ["shift.booked", "shift.booked"]
    assert latest()["data"]["by"] == "alice"


def test_a_campaign_from_its_beginning_to_its_end(number: OriginationIdentity) -> None:
    employee(segments=["Night nurses"])
    row = campaign(segment=segment(), shifts=[shift(at=48)])
    campaigns.send(row.campaign_id, actor="alice")
    assert happened() == ["campaign.sending"]
    told = latest()["data"]
    assert (told["campaign_id"], told["status"], told["segment"]) == ("july", "sending", "Night nurses")
    assert told["counts"]["recipients"] == 0
    campaigns.pause(row.campaign_id, actor="alice")
    campaigns.resume(row.campaign_id, actor="alice")
    assert happened() == ["campaign.sending"], "to pause and go on is no beginning"
    campaigns.cancel(row.campaign_id, actor="alice")
    assert happened() == ["campaign.sending", "campaign.cancelled"]


def test_a_campaign_that_has_gone_out() -> None:
    from shifts.campaigns import lifecycle

    row = campaign(segment=segment(), shifts=[shift(at=48)])
    campaigns.send(row.campaign_id, actor="alice")
    row.refresh_from_db()
    row.expanded_at = row.started_at
    row.save()
    lifecycle.finish(row.campaign_id)
    assert happened() == ["campaign.sending", "campaign.sent"]
    assert latest()["data"]["ended_at"] is not None


def test_somebody_wants_to_be_called_and_was() -> None:
    employee(name="Ann")
    text = received("AGENT")
    callbacks.ask(text, subject="")
    assert happened() == ["callback.requested"]
    told = latest()["data"]
    assert (told["phone_number"], told["name"], told["status"]) == (ANN, "Ann", "waiting")
    callbacks.ask(text, subject="")
    assert happened() == ["callback.requested"], "a repetition is none"
    pk = CallBack.objects.get().pk
    callbacks.take(pk, actor="alice")
    callbacks.release(pk, actor="alice")
    assert happened() == ["callback.requested"]
    callbacks.take(pk, actor="alice")
    callbacks.called(pk, actor="alice", note="Comes later")
    assert happened() == ["callback.requested", "callback.closed"]
    told = latest()["data"]
    assert (told["status"], told["closed_by"], told["note"]) == ("closed", "alice", "Comes later")


@pytest.mark.parametrize("given_up", [True, False])
def test_a_call_back_that_is_given_up_or_closed_without_a_call(given_up: bool) -> None:
    employee()
    callbacks.ask(received("AGENT"), subject="")
    pk = CallBack.objects.get().pk
    if given_up:
        callbacks.take(pk, actor="alice")
        callbacks.not_reached(pk, actor="alice")
    else:
        callbacks.close(pk, actor="alice")
    assert happened() == ["callback.requested", "callback.closed"]
    assert latest()["data"]["status"] == "closed"


def test_what_is_taken_back_was_never_told_of() -> None:
    ann, _ = employee(), shift(at=48)
    row = campaign(segment=segment(), shifts=[])
    with transaction.atomic():
        booking.book(ann, ["XYZ123"], source=Booking.Source.SMS)
        campaigns.send(row.campaign_id, actor="alice")
        callbacks.ask(received("AGENT"), subject="")
        assert happened() == ["shift.booked", "campaign.sending", "callback.requested"]
        transaction.set_rollback(True)
    assert happened() == []
