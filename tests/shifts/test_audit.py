"""The audit of shifts: places, campaigns, call backs and imports."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from messaging import clock, redis
from messaging.models import OutboundMessage, Priority, Status, Withheld
from shifts import booking, campaigns
from shifts.calls import callbacks
from shifts.campaigns.work import Campaigns
from shifts.models import Booking, CallAttempt, CallBack, Campaign, CampaignAct, RosterImport, SegmentMember, Shift
from shifts.roster.claims import Claim
from tests.messaging.audit.looking import finding, severity
from tests.messaging.factories import ANN, received, standing
from tests.moving import MovableTime
from tests.shifts import factories
from tests.shifts.conftest import texted

pytestmark = pytest.mark.usefixtures("number", "time")


def ago(**age: float) -> Any:
    return clock.now() - timedelta(**age)


def campaign(status: str = "sending", minutes_ago: float = 60, **fields: Any) -> Campaign:
    """As if lifecycle had brought it there a while ago."""
    then = ago(minutes=minutes_ago)
    values: dict[str, Any] = {"created_at": then}
    if status in ("sending", "paused", "sent"):
        values |= {"started_at": then, "expanded_at": then, "last_member": 0}
    row = factories.campaign(fields.pop("campaign_id", "july"), status=status, **values | fields)
    CampaignAct.objects.create(campaign=row, at=then, status=status)
    if status == "paused":
        Withheld.objects.create(conversation="shifts", subject=row.campaign_id, since=then)
    return row


def of(
    row: Campaign, status: Status = Status.QUEUED, to: str = ANN, minutes_ago: float = 60, **fields: Any
) -> OutboundMessage:
    key = f"campaign:{row.campaign_id}:{to}"
    return texted(row, to, minutes_ago * 60, status=status, **{"idempotency_key": key} | fields)


# --- places ---


def test_places_taken_are_those_that_people_hold() -> None:
    shift = factories.shift(places=3)
    people = factories.employees(2)
    booking.book(people[0], ["XYZ123"], source=Booking.Source.SMS)
    booking.book(people[1], ["XYZ123"], source=Booking.Source.SMS)
    booking.drop(people[0], ["XYZ123"], by="hr")
    factories.shift("EMPTY")
    assert severity("shifts.places_and_bookings") == ""
    Shift.objects.filter(pk=shift.pk).update(booked=2)
    found = finding("shifts.places_and_bookings")
    assert found is not None
    assert (found.severity, found.examples) == ("critical", ("shift XYZ123",))


OVERLAPS = "shifts.overlapping_bookings"


@pytest.mark.parametrize(
    ("at", "hours", "shares"),
    [(30, 8, True), (24, 1, True), (20, 5, True), (25, None, True), (33, 8, False), (15, 8, False), (33, None, False)],
)
def test_two_shifts_that_share_a_moment_are_told(at: float, hours: float | None, shares: bool) -> None:
    one = factories.employee()
    factories.holding(one, factories.shift("A1", at=24, hours=8))
    factories.holding(one, factories.shift("B2", at=at, hours=hours))
    factories.holding(factories.employee("+14255550190"), factories.shift("C3", at=24))
    assert (severity(OVERLAPS) == "warning") is shares


def test_a_shift_that_ends_when_the_next_begins_does_not_overlap() -> None:
    one, first, second = factories.employee(), factories.shift("A1", at=16), factories.shift("B2", at=24)
    Shift.objects.filter(pk=first.pk).update(ends_at=second.starts_at)
    factories.holding(one, first)
    factories.holding(one, second)
    assert severity(OVERLAPS) == ""


def test_what_is_dropped_or_over_does_not_overlap() -> None:
    one = factories.employee()
    factories.holding(one, factories.shift("A1", at=24))
    factories.holding(one, factories.shift("B2", at=24), dropped_at=clock.now(), dropped_by=ANN)
    factories.holding(one, factories.shift("C3", at=-24))
    factories.holding(one, factories.shift("D4", at=-24))
    assert severity(OVERLAPS) == ""


# --- campaigns that should move ---


def test_a_scheduled_campaign_begins_at_its_time() -> None:
    campaign("scheduled", scheduled_at=ago(minutes=4))
    assert severity("shifts.campaign_not_begun") == ""
    assert severity("shifts.campaign_not_begun", at_rest=True) == "critical"
    campaign("scheduled", campaign_id="august", scheduled_at=ago(minutes=6))
    assert severity("shifts.campaign_not_begun") == "critical"


def test_a_campaign_that_makes_texts_is_given_its_time() -> None:
    row = campaign(expanded_at=None)
    of(row, minutes_ago=4)
    assert severity("shifts.expansion_stands_still") == ""
    assert severity("shifts.expansion_stands_still", at_rest=True) == "critical"
    OutboundMessage.objects.update(queued_at=ago(minutes=6))
    assert severity("shifts.expansion_stands_still") == "critical"


def test_a_campaign_that_was_resumed_just_now_is_given_its_time() -> None:
    row = campaign(expanded_at=None)
    CampaignAct.objects.create(campaign=row, at=ago(minutes=1), status="sending")
    assert severity("shifts.expansion_stands_still") == ""


def test_a_campaign_whose_last_text_has_left_is_finished() -> None:
    row = campaign()
    text = of(row)
    of(row, Status.SENT, "+14255550190", minutes_ago=20)
    assert severity("shifts.campaign_not_finished") == ""
    OutboundMessage.objects.filter(pk=text.pk).update(
        status=Status.SENT, carrier_message_id="x", attempted_at=ago(minutes=2)
    )
    assert severity("shifts.campaign_not_finished") == ""
    assert severity("shifts.campaign_not_finished", at_rest=True) == "warning"
    OutboundMessage.objects.filter(pk=text.pk).update(attempted_at=ago(minutes=6))
    assert severity("shifts.campaign_not_finished") == "warning"


def test_texts_follow_a_pause_in_time() -> None:
    campaign("paused", settling=True, minutes_ago=19)
    assert severity("shifts.settling_stands_still") == ""
    assert severity("shifts.settling_stands_still", at_rest=True) == "critical"
    campaign("paused", campaign_id="august", settling=True, minutes_ago=21)
    assert severity("shifts.settling_stands_still") == "critical"


@pytest.mark.parametrize("status", ["sent", "cancelled"])
def test_nothing_of_a_campaign_that_is_over_waits(status: str) -> None:
    row = campaign(status)
    of(row, Status.SENT)
    of(row, minutes_ago=1, to="+14255550190")
    texted(row, "+14255550191", status=Status.QUEUED, priority=Priority.REPLY, seconds_ago=4000)
    assert severity("shifts.over_and_queued") == ""
    of(row, minutes_ago=6, to="+14255550192")
    assert severity("shifts.over_and_queued") == "critical"


def test_a_cancelled_campaign_that_settles_may_have_waiting_texts() -> None:
    of(campaign("cancelled", settling=True))
    assert severity("shifts.over_and_queued") == ""


def test_somebody_brought_every_campaign_where_it_is() -> None:
    row = campaign("paused")
    assert severity("shifts.status_without_act") == ""
    CampaignAct.objects.create(campaign=row, at=clock.now(), status="sending")
    assert severity("shifts.status_without_act") == "critical"


# --- what is kept out of its lane ---


def test_only_paused_and_settling_campaigns_are_withheld() -> None:
    campaign("paused")
    campaign("sending", campaign_id="august", settling=True)
    Withheld.objects.create(conversation="shifts", subject="august", since=clock.now())
    assert severity("shifts.withheld_for_nothing") == severity("shifts.paused_not_withheld") == ""
    Campaign.objects.filter(campaign_id="august").update(settling=False)
    assert severity("shifts.withheld_for_nothing") == "critical"


def test_a_paused_campaign_is_withheld() -> None:
    campaign("paused")
    Withheld.objects.all().delete()
    assert severity("shifts.paused_not_withheld") == "critical"


def test_no_text_is_kept_out_for_ever() -> None:
    of(campaign("paused"), withheld=True)
    row = campaign("sending", campaign_id="august", settling=True)
    of(row, withheld=True)
    of(campaign("sent", campaign_id="may"), Status.EXPIRED, withheld=True)
    assert severity("shifts.kept_out_for_ever") == ""
    Campaign.objects.filter(pk=row.pk).update(settling=False)
    assert severity("shifts.kept_out_for_ever") == "critical"


def test_texts_of_a_paused_campaign_leave_their_lane() -> None:
    row = campaign("paused")
    of(row, withheld=True)
    of(row, to="+14255550190", minutes_ago=1)
    assert severity("shifts.paused_in_lane") == ""
    of(row, to="+14255550191", minutes_ago=6)
    assert severity("shifts.paused_in_lane") == "warning"


# --- who is texted ---


def test_everybody_of_the_segment_is_texted_once() -> None:
    factories.employees(3, segments=["Night nurses"])
    campaigns.create(campaigns.Request("july", "Shifts are open.", "Night nurses"), actor="hr")
    Campaigns().run()
    SegmentMember.objects.last().delete()  # type: ignore[union-attr]
    factories.employee(ANN, segments=["Night nurses"])  # joined since
    assert severity("shifts.member_without_text") == severity("shifts.recipient_twice") == ""
    OutboundMessage.objects.last().delete()  # type: ignore[union-attr]
    OutboundMessage.objects.last().delete()  # type: ignore[union-attr]
    assert severity("shifts.member_without_text") == "warning"


def test_a_text_whose_key_is_not_its_recipients_is_found() -> None:
    row = campaign("sent")
    of(row, Status.SENT)
    texted(row, ANN, status=Status.SENT, priority=Priority.REPLY)
    assert severity("shifts.recipient_twice") == ""
    of(row, Status.SENT, idempotency_key="campaign:july:again")
    assert severity("shifts.recipient_twice") == "critical"


def test_texts_and_answers_have_their_campaign() -> None:
    of(campaign("sent"), Status.SENT)
    standing(Status.SENT, conversation="shifts")
    received("XYZ123", conversation="shifts", subject="july", outcome="shifts", routed_at=clock.now())
    received("REQUEST", conversation="shifts", outcome="shifts", routed_at=clock.now())
    assert severity("shifts.orphan_text") == severity("shifts.orphan_answer") == ""
    texted("nothing", "+14255550190")
    assert severity("shifts.orphan_text") == "critical"
    received("XYZ123", conversation="shifts", subject="nothing", outcome="shifts", routed_at=clock.now())
    assert severity("shifts.orphan_answer") == "critical"


# --- what waits for a worker ---


def test_a_call_back_is_placed_or_given_to_staff(time: MovableTime) -> None:
    check = "shifts.call_back_not_placed"
    call: Callable[..., CallBack] = CallBack.objects.create
    common = {"origination_identity": "+14255550100", "requested_at": ago(hours=1)}
    call(phone_number=ANN, inbound_message_id="1", status="waiting", **common)
    call(phone_number="+14255550190", inbound_message_id="2", status="placing", next_try_at=ago(minutes=9), **common)
    assert severity(check) == ""
    assert severity(check, at_rest=True) == "critical"
    time.forward(61)
    assert severity(check) == "critical"


def uploaded(minutes_ago: float, status: str = "checking") -> RosterImport:
    return RosterImport.objects.create(
        segment_name="Night nurses", file_name="a.csv", content=b"x", status=status, created_at=ago(minutes=minutes_ago)
    )


def test_a_list_that_no_worker_has_is_found() -> None:
    check = "shifts.import_stands_still"
    uploaded(60, "checked")
    uploaded(14)
    assert severity(check) == ""
    assert severity(check, at_rest=True) == "critical"
    row = uploaded(16)
    redis.client().flushall()
    found = finding(check)
    assert found is not None
    assert (found.severity, found.examples) == ("critical", (f"import {row.pk} (a.csv)",))


def test_while_a_worker_has_a_list_the_others_wait() -> None:
    uploaded(16)
    with Claim(f"import:{uploaded(16).pk}") as claim:
        assert claim.held
        assert severity("shifts.import_stands_still") == ""


ATTEMPTS = "shifts.call_back_and_attempts"


def test_what_is_taken_is_being_called() -> None:
    def waiting(number: str) -> CallBack:
        return CallBack.objects.create(
            phone_number=number,
            inbound_message_id=number,
            origination_identity="+1",
            status="waiting",
            requested_at=clock.now(),
        )

    taken, other, done = (waiting(f"+1425555019{n}") for n in range(3))
    callbacks.take(taken.pk, actor="olga")
    callbacks.take(done.pk, actor="olga")
    callbacks.called(done.pk, actor="olga")
    assert severity(ATTEMPTS) == ""
    CallAttempt.objects.filter(call_back=taken).update(actor="otto")
    found = finding(ATTEMPTS)
    assert found is not None
    assert (found.severity, found.examples) == ("critical", (f"call back {taken.pk}",))
    CallAttempt.objects.filter(call_back=taken).update(actor="olga")
    CallAttempt.objects.create(call_back=other, actor="olga", begun_at=clock.now())
    found = finding(ATTEMPTS)
    assert found is not None
    assert found.examples == (f"call back {other.pk}",)
