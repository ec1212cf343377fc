"""Who has not answered a campaign, and gets its follow-up: a table of cases, and many rows."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging import clock
from messaging.models import OriginationIdentity, OutboundMessage, Priority, Status
from shifts import campaigns
from shifts.campaigns import audience, create, lifecycle, preview
from shifts.campaigns.expansion import expand_some
from shifts.campaigns.unanswered import Unanswered
from shifts.models import Booking, Campaign, Employee, SegmentMember
from tests.messaging.factories import received
from tests.shifts.campaigns.conftest import ask, claim, crowd, expand, fresh, person, rows, says_stop
from tests.shifts.conftest import texted
from tests.shifts.factories import campaign, employee, holding, segment, shift

pytestmark = pytest.mark.django_db

ANN = "+14255550182"
GETS_IT, GETS_NOTHING = "queued", ""
APPROVAL, CONSENT = "NOT_APPROVED", "GUARD"

Case = Callable[[Employee, Campaign], Any]


def replied(subject: str = "july", conversation: str = "shifts") -> Case:
    return lambda ann, first: received("Who is this?", ANN, conversation=conversation, subject=subject)


def writes_something(**fields: Any) -> Case:
    """A text that nobody understood."""
    return lambda ann, first: received(
        "Please stop texting me", ANN, **{"outcome": "unmatched", "routed_at": clock.now()} | fields
    )


def booked(code: str, *, through: str = "", **fields: Any) -> Case:
    def book(ann: Employee, first: Campaign) -> None:
        wanted = first.shifts.filter(shift_id=code).first() or shift(code, at=30)
        holding(ann, wanted, campaign=Campaign.objects.filter(campaign_id=through).first(), **fields)

    return book


def nothing(ann: Employee, first: Campaign) -> None:
    """Ann does not answer."""


def moved(status: Status) -> Case:
    return lambda ann, first: OutboundMessage.objects.update(status=status)


def leaves_the_segment(ann: Employee, first: Campaign) -> None:
    SegmentMember.objects.filter(employee=ann).delete()


def is_approved_no_longer(ann: Employee, first: Campaign) -> None:
    Employee.objects.update(approved=False)


def is_no_employee_any_more(ann: Employee, first: Campaign) -> None:
    ann.delete()


def stops(ann: Employee, first: Campaign) -> None:
    received("STOP", ANN, outcome="consent", routed_at=clock.now())
    says_stop(ANN)


BY_STAFF: dict[str, Any] = {"source": Booking.Source.STAFF, "actor": "olga"}
GIVEN_BACK: dict[str, Any] = {"dropped_at": clock.now(), "dropped_by": "olga"}


@pytest.mark.parametrize(
    ("happens", "gets"),
    [
        pytest.param(nothing, GETS_IT, id="did not answer"),
        pytest.param(moved(Status.SENT), GETS_IT, id="AWS has the text, and says nothing of its delivery"),
        pytest.param(replied(), GETS_NOTHING, id="replied by text"),
        pytest.param(writes_something(), GETS_NOTHING, id="texted something that waits for a person"),
        pytest.param(
            writes_something(handled_at=clock.now(), handled_by="olga"),
            GETS_IT,
            id="texted something, dealt with since",
        ),
        pytest.param(replied("june"), GETS_IT, id="replied to another campaign"),
        pytest.param(replied(conversation="incidents"), GETS_IT, id="replied to an incident of that id"),
        pytest.param(replied(""), GETS_IT, id="texted something that belongs to no campaign"),
        pytest.param(booked("A1", through="july"), GETS_NOTHING, id="booked through it"),
        pytest.param(booked("B2", through="july"), GETS_NOTHING, id="booked another shift through it"),
        pytest.param(booked("A1", **BY_STAFF), GETS_NOTHING, id="booked by staff, a shift that it offers"),
        pytest.param(booked("B2", **BY_STAFF), GETS_IT, id="booked by staff, another shift"),
        pytest.param(booked("A1", **BY_STAFF, **GIVEN_BACK), GETS_IT, id="booked by staff, and taken off again"),
        pytest.param(stops, CONSENT, id="opted out meanwhile"),
        pytest.param(is_approved_no_longer, APPROVAL, id="approved no longer"),
        pytest.param(is_no_employee_any_more, APPROVAL, id="no employee any more"),
        pytest.param(leaves_the_segment, GETS_IT, id="not in the segment any more"),
        *(
            pytest.param(moved(status), GETS_NOTHING, id=f"their text is {status.value}")
            for status in Status
            if status not in (Status.SENT, Status.DELIVERED)
        ),
    ],
)
def test_who_gets_the_follow_up(number: OriginationIdentity, happens: Case, gets: str) -> None:
    ann = employee(ANN, segments=["Night nurses"])
    first = campaign("july", status="sent", shifts=[shift("A1", at=20)])
    texted(first, ANN, status=Status.DELIVERED)
    happens(ann, first)
    row, _ = create(ask("july-2", segment="", follows="july", draft=True), actor="hr")
    told = preview(row)
    campaigns.send("july-2", actor="hr")
    expand("july-2")
    found = [one.error_code or one.status for one in rows("july-2")]
    assert found == ([gets] if gets else [])
    assert (told.recipients, told.suppressed) == (int(gets == GETS_IT), int(gets in (APPROVAL, CONSENT)))


def test_what_the_first_has_become_since_it_was_drafted_counts(number: OriginationIdentity) -> None:
    """Decided at the moment of sending, not of writing."""
    employee(ANN, segments=["Night nurses"])
    texted(campaign("july", status="sent"), ANN)
    create(ask("july-2", segment="", follows="july", draft=True), actor="hr")
    received("A1", ANN, conversation="shifts", subject="july")
    campaigns.send("july-2", actor="hr")
    expand("july-2")
    assert not rows("july-2")


def test_who_joined_the_segment_since_and_answers_to_replies_are_no_recipients_of_the_first(
    number: OriginationIdentity,
) -> None:
    first = campaign("july", status="sent")
    employee(ANN, segments=["Night nurses"])
    employee("+14255550111", segments=["Night nurses"])
    texted(first, "+14255550111", priority=Priority.REPLY)
    create(ask("july-2", segment="", follows="july"), actor="hr")
    expand("july-2")
    assert not rows("july-2")


# A follow-up of a follow-up: who answered any of them is not asked again.


@pytest.mark.parametrize(
    ("happens", "gets"),
    [
        (nothing, GETS_IT),
        (replied("july"), GETS_NOTHING),
        (replied("july-2"), GETS_NOTHING),
        (booked("A1", **BY_STAFF), GETS_NOTHING),
        (booked("C3", through="july"), GETS_NOTHING),
        (booked("C3", through="july-2"), GETS_NOTHING),
    ],
)
def test_a_follow_up_of_a_follow_up(number: OriginationIdentity, happens: Case, gets: str) -> None:
    ann = employee(ANN, segments=["Night nurses"])
    other = employee("+14255550111", segments=["Night nurses"])
    first = campaign("july", status="sent", shifts=[shift("A1", at=20)])
    second = campaign("july-2", status="sent", follows=first)
    for one in (ann, other):
        texted(first, one.contact.phone_number, status=Status.DELIVERED)
    texted(second, ANN, status=Status.DELIVERED)
    happens(ann, first)
    create(ask("july-3", segment="", follows="july-2"), actor="hr")
    expand("july-3")
    # Who did not get the second does not get the third.
    assert [one.destination_phone_number for one in rows("july-3")] == ([ANN] if gets else [])


# Making the rows.


def followed(count: int) -> Campaign:
    """A campaign that a crowd got; every tenth has replied, every tenth booked."""
    crowd(count)
    first = campaign("july", status="sent", shifts=[night := shift("A1", at=20, places=count)])
    numbers = [person(2_000_000 + place) for place in range(count)]
    now = clock.now()
    OutboundMessage.objects.bulk_create(
        OutboundMessage(
            conversation="shifts",
            subject="july",
            priority=Priority.CAMPAIGN,
            status=Status.DELIVERED,
            destination_phone_number=one,
            origination_identity="+14255550100",
            body="x",
            parts=1,
            encoding="GSM",
            due_at=now,
            queued_at=now,
            idempotency_key=f"campaign:july:{one}",
            carrier_message_id=f"c{one}",
        )
        for one in numbers
    )
    for one in numbers[::10]:
        received("A1", one, conversation="shifts", subject="july")
    people = list(Employee.objects.order_by("id"))
    Booking.objects.bulk_create(
        Booking(shift=night, employee=one, campaign=first, source="sms", booked_at=now) for one in people[1::10]
    )
    return first


@pytest.fixture
def threes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audience, "CHUNK", 3)


def expected(count: int) -> list[str]:
    return [person(2_000_000 + place) for place in range(count) if place % 10 > 1]


def test_five_thousand_rows_a_chunk_at_a_time(number: OriginationIdentity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audience, "CHUNK", 1_000)
    followed(5_000)
    row, _ = create(ask("july-2", segment="", follows="july"), actor="hr")
    with CaptureQueriesContext(connection) as queries:
        assert expand("july-2") == 6
    assert [one.destination_phone_number for one in rows("july-2")] == expected(5_000)
    inserts = [one["sql"] for one in queries if one["sql"].startswith("INSERT INTO")]
    assert len(inserts) == 5, "each chunk is one INSERT … SELECT"
    assert len(queries) < 6 * 19
    assert fresh(row).expanded_at is not None


def test_a_chunk_in_which_everybody_has_answered_is_not_the_end(number: OriginationIdentity, threes: None) -> None:
    followed(9)
    for place in range(3, 6):
        received("A1", person(2_000_000 + place), conversation="shifts", subject="july")
    create(ask("july-2", segment="", follows="july"), actor="hr")
    expand("july-2")
    assert [one.destination_phone_number for one in rows("july-2")] == [
        person(2_000_000 + place) for place in (2, 6, 7, 8)
    ]


def test_run_twice_nobody_has_two(number: OriginationIdentity, threes: None) -> None:
    followed(20)
    row, _ = create(ask("july-2", segment="", follows="july"), actor="hr")
    expand_some("july-2")
    claim(1)
    Campaign.objects.filter(pk=row.pk).update(cursor=0)
    expand("july-2")
    Campaign.objects.filter(pk=row.pk).update(cursor=0, expanded_at=None)
    expand("july-2")
    assert [one.destination_phone_number for one in rows("july-2")] == expected(20)


def test_the_preview_is_what_then_happens_by_as_many_queries(number: OriginationIdentity) -> None:
    followed(200)
    row, _ = create(ask("july-2", segment="", follows="july", draft=True), actor="hr")
    with CaptureQueriesContext(connection) as queries:
        told = preview(row)
    assert told.recipients == len(expected(200))
    assert len(queries) < 19
    campaigns.send("july-2", actor="hr")
    expand("july-2")
    assert rows("july-2", status="queued").count() == told.recipients


# What may be followed, and what a request for it may say.


@pytest.mark.parametrize(
    ("fields", "may"),
    [
        ({"status": "draft"}, False),
        ({"status": "scheduled"}, False),
        ({"status": "sending"}, False),
        ({"status": "paused"}, False),
        ({"status": "sent"}, True),
        ({"status": "cancelled"}, False),
        ({"status": "cancelled", "started_at": clock.now(), "text": "x"}, True),
    ],
)
def test_only_what_is_over_and_has_texted_people_is_followed(
    number: OriginationIdentity, fields: dict[str, Any], may: bool
) -> None:
    campaign("july", **fields)
    asked = ask("july-2", segment="", follows="july", draft=True)
    if may:
        assert create(asked, actor="hr")[0].follows == Campaign.objects.get(campaign_id="july")
    else:
        with pytest.raises(ValidationError) as refused:
            create(asked, actor="hr")
        assert list(refused.value.message_dict) == ["follows"]
        assert "It can be followed when it has been sent" in str(refused.value)


@pytest.mark.parametrize(
    ("fields", "at_fault", "advice"),
    [
        ({"follows": "june", "segment": ""}, "follows", "There is no campaign 'june'"),
        ({"follows": "a\0b", "segment": ""}, "follows", "There is no campaign"),
        ({"follows": "july", "segment": "Day nurses"}, "segment", "Leave the segment out"),
        ({"follows": "july", "segment": "Nobody"}, "segment", "no segment"),
    ],
)
def test_what_a_follow_up_may_not_say(
    number: OriginationIdentity, fields: dict[str, str], at_fault: str, advice: str
) -> None:
    campaign("july", status="sent")
    segment("Day nurses")
    with pytest.raises(ValidationError) as refused:
        create(ask("july-2", draft=True, **fields), actor="hr")
    assert list(refused.value.message_dict) == [at_fault]
    assert advice in str(refused.value)


def test_the_same_again_is_the_same_whether_or_not_the_segment_is_said(number: OriginationIdentity) -> None:
    campaign("july", status="sent")
    campaign("june", status="sent")
    one, _ = create(ask("july-2", segment="", follows="july", draft=True), actor="hr")
    again, new = create(ask("july-2", follows="july", draft=True), actor="hr")
    assert (again, new) == (one, False)
    assert one.segment.name == "Night nurses"
    for other in (ask("july-2", draft=True), ask("july-2", follows="june", draft=True)):
        with pytest.raises(campaigns.DifferentContent):
            create(other, actor="hr")


def test_a_request_without_is_written_down_as_it_was_before_there_were_any() -> None:
    """The digest of a campaign that was made then is in the database: the same request again must have it."""
    assert ask().digest() == "7ee440a0f1a953d4af08939eca6664f7d12d8c9a656bc173e86000ae1a34d455"
    assert ask().digest() != ask(follows="july").digest()


# What is suggested.


def test_the_draft_that_is_suggested(number: OriginationIdentity) -> None:
    full, begun, left = shift("FULL", at=9), shift("BEGUN", at=-1), shift("LEFT", at=9)
    holding(employee(ANN), full)
    first = campaign("july", status="sent", shifts=[full, begun, left], footer="Text {codes}.")
    told = campaigns.suggest(first)
    assert told == campaigns.Request(
        "july-2", "Shifts are open.", "", ("LEFT",), footer="Text {codes}.", follows="july", draft=True
    )


def test_the_ids_that_are_suggested(number: OriginationIdentity) -> None:
    def id_after(campaign_id: str, **fields: Any) -> str:
        row = Campaign.objects.filter(campaign_id=campaign_id).first() or campaign(campaign_id, status="sent", **fields)
        return campaigns.suggest(row).campaign_id

    assert id_after("july") == "july-2"
    second = campaign("july-2", status="sent", follows=Campaign.objects.get(campaign_id="july"))
    assert id_after("july-2") == "july-3"
    assert id_after("july") == "july-3"
    assert campaigns.suggest(campaign("july-3", status="sent", follows=second)).campaign_id == "july-4"
    # A number at the end of an id that nothing follows is its own.
    assert id_after("shifts-2026-07-03") == "shifts-2026-07-03-2"
    assert id_after("x" * 64) == "x" * 62 + "-2"
    assert id_after("x" * 61 + ".yz") == "x" * 61 + "-2"


def test_a_scheduled_follow_up_decides_when_its_time_comes(number: OriginationIdentity, time: Any) -> None:
    employee(ANN, segments=["Night nurses"])
    employee("+14255550111", segments=["Night nurses"])
    first = campaign("july", status="sent")
    for one in (ANN, "+14255550111"):
        texted(first, one)
    at = clock.now() + timedelta(hours=1)
    create(ask("july-2", segment="", follows="july", scheduled_at=at), actor="hr")
    received("A1", ANN, conversation="shifts", subject="july")
    time.forward(3601)
    lifecycle.start_due("july-2")
    expand("july-2")
    assert [one.destination_phone_number for one in rows("july-2")] == ["+14255550111"]


def test_no_texts_but_those_between_the_first_and_the_last_of_the_campaign_are_looked_at(
    number: OriginationIdentity,
) -> None:
    first = campaign(status="sent")
    texted("june", person(1), status=Status.DELIVERED)
    keys = [texted(first, person(place), status=Status.DELIVERED).pk for place in range(2, 5)]
    texted("june", person(9), status=Status.DELIVERED)
    everybody = Unanswered(first)
    assert everybody.last() == keys[-1]
    with CaptureQueriesContext(connection) as found:
        chunk = everybody.chunk(0, 2**62)
    assert [one.phone_number for one in chunk.members] == [person(place) for place in range(2, 5)]
    (sql,) = [query["sql"] for query in found if f"> {keys[0] - 1}" in query["sql"]]
    assert f"<= {keys[-1]}" in sql
    assert Unanswered(campaign("august", status="sent")).chunk(0, 2**62).is_last
