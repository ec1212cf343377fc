"""What the form of a campaign shows while it is written: text, people, cost, and what is wrong."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from messaging import clock
from messaging.models import OriginationIdentity, PartPrice
from shifts.admin import campaigns_written
from shifts.campaigns import audience
from shifts.models import Campaign
from tests.incidents.test_admin import staff
from tests.messaging.factories import ANN, BOB, OUR_NUMBER, received
from tests.moving import MovableTime
from tests.shifts.campaigns.conftest import crowd, says_stop
from tests.shifts.conftest import texted
from tests.shifts.factories import campaign, employee, employees, holding, segment, shift
from tests.shifts.test_admin_campaigns import LIST, plain

STOP = "STOP opts out."


@pytest.fixture
def olga(number: OriginationIdentity, time: MovableTime) -> Client:
    """Somebody of HR."""
    PartPrice.objects.update(price=Decimal("0.01"), currency="USD")
    return staff("view_campaign", "add_campaign", "change_campaign")


def asked(client: Client, **fields: Any) -> Any:
    """What the form is told; night is another test's."""
    answer = client.post(f"{LIST}size/", fields)
    assert answer.status_code == 200
    told = answer.json()
    told["warnings"] = [one for one in told["warnings"] if "night" not in one]
    return told


def counted(client: Client, **fields: Any) -> Any:
    """The same once people are counted, as the form does it: one question counts, the next brings the answer."""
    first = asked(client, **fields)
    assert first["uncounted"]
    assert first["people"] is None
    reach = asked(client, count="1", **fields)["reach"]
    return asked(client, reach=reach, **fields)


def test_an_empty_form_has_nothing_to_complain_of(olga: Client) -> None:
    told = asked(olga, campaign_id="", campaign_message="", footer="", segment="", scheduled_at_0="", scheduled_at_1="")
    assert (told["refused"], told["people"], told["uncounted"], told["warnings"]) == ({}, None, False, [])
    assert told["sender"] == OUR_NUMBER


def test_people_cost_and_duration_are_told_once_they_are_counted(olga: Client) -> None:
    OriginationIdentity.objects.update(mps=1)
    employees(12, segments=["Night nurses"])
    employee(ANN, approved=False, segments=["Night nurses"])
    employee(BOB, segments=["Night nurses"])
    says_stop(BOB)
    told = counted(olga, campaign_message="x" * 160, segment=segment().pk)
    assert told["people"] == {
        "recipients": "12 people",
        "suppressed": "2: 1 not approved, 1 opted out",
        "duplicates": "none",
        "cost": "0.24 USD",
        "takes": "about 25 seconds at 1 part a second",
    }
    assert not told["uncounted"]


def test_what_was_counted_is_not_counted_again(olga: Client) -> None:
    crowd(20)
    fields = {"campaign_message": "Nights.", "segment": segment().pk}
    reach = asked(olga, count="1", **fields)["reach"]
    with CaptureQueriesContext(connection) as queries:
        told = asked(olga, reach=reach, **fields)
    assert told["people"]["recipients"] == "20 people"
    assert not any('FROM "shifts_segmentmember"' in one["sql"] for one in queries)


def test_a_key_stroke_costs_the_same_however_many_people(olga: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audience, "CHUNK", 5)
    crowd(3, name="few")
    crowd(300, begin=0, name="many")
    shift("A1", at=9)

    def queries(name: str) -> int:
        fields = {"campaign_message": "Nights.", "segment": segment(name).pk, "campaign_id": "x"}
        reach = asked(olga, count="1", **fields)["reach"]
        with CaptureQueriesContext(connection) as found:
            asked(olga, reach=reach, **fields)
        return len(found)

    assert queries("many") == queries("few") <= 16


def test_another_segment_or_number_or_an_old_count_is_counted_anew(olga: Client, time: MovableTime) -> None:
    crowd(3)
    crowd(5, begin=0, name="Day nurses")
    other = OriginationIdentity.objects.create(identity="+14255550101", kind="ten_dlc", mps=1)
    fields = {"campaign_message": "Nights.", "segment": segment().pk}
    reach = asked(olga, count="1", **fields)["reach"]
    assert not asked(olga, reach=reach, **fields)["uncounted"]
    for change in ({"segment": segment("Day nurses").pk}, {"origination_identity": other.identity}):
        assert asked(olga, reach=reach, **fields | change)["uncounted"]
    for forged in ("x", signing.dumps(["in 1 from ", []]), reach[:-1]):
        assert asked(olga, reach=forged, **fields)["uncounted"]
    time.forward(601)
    assert asked(olga, reach=reach, **fields)["uncounted"]


def test_of_a_very_large_segment_it_says_that_there_are_more(olga: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audience, "CHUNK", 5)
    monkeypatch.setattr(campaigns_written, "MOST_COUNTED", 10)
    crowd(20)
    people = counted(olga, campaign_message=STOP, segment=segment().pk)["people"]
    assert (people["recipients"], people["cost"]) == ("more than 10 people", "more than 0.10 USD")
    crowd(10, begin=0, name="Day")
    assert counted(olga, campaign_message=STOP, segment=segment("Day").pk)["people"]["recipients"] == "10 people"


def test_the_number_on_the_phone_is_the_one_chosen(olga: Client) -> None:
    OriginationIdentity.objects.create(identity="+14255550101", kind="ten_dlc", mps=1)
    assert asked(olga, origination_identity="+14255550101")["sender"] == "+14255550101"
    assert asked(olga)["sender"] == "your number"


# What is wrong.


@pytest.mark.parametrize(
    ("fields", "field", "says"),
    [
        ({"campaign_id": "no spaces"}, "campaign_id", "An id has up to 64 letters"),
        ({"campaign_id": "taken"}, "campaign_id", "There is a campaign with this id"),
        ({"campaign_message": "x" * 1600}, "campaign_message", "Shorten it by"),
        ({"scheduled_at_0": "2001-01-01", "scheduled_at_1": "10:00"}, "scheduled_at", "This time is past"),
        ({"scheduled_at_0": "2001-02-31", "scheduled_at_1": "10:00"}, "scheduled_at", "valid date"),
        ({"origination_identity": "+14255550999"}, "origination_identity", "no active number"),
    ],
)
def test_what_would_be_refused_is_told_by_its_field(
    olga: Client, fields: dict[str, str], field: str, says: str
) -> None:
    campaign("taken")
    told = asked(olga, **{"campaign_message": "Nights."} | fields)
    assert list(told["refused"]) == [field]
    assert says in " ".join(told["refused"][field])


def test_half_a_time_is_still_being_typed(olga: Client) -> None:
    assert asked(olga, scheduled_at_0="2026-07-03", scheduled_at_1="")["refused"] == {}
    assert asked(olga, scheduled_at_0="2026-0", scheduled_at_1="")["refused"] == {}


def test_the_id_of_a_campaign_that_is_edited_is_its_own(olga: Client) -> None:
    row = campaign()
    assert asked(olga, campaign_message="Nights.", campaign=row.pk)["refused"] == {}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"footer": "Call us."}, "The text does not say that STOP opts out"),
        ({"campaign_message": "Nights…"}, "because of: …"),
        ({"shifts": ["BEGUN", "LEFT"]}, "BEGUN has begun"),
        ({"shifts": ["FULL", "LEFT"]}, "FULL has no place left"),
        ({"shifts": ["FULL"]}, "The text names no shift"),
    ],
)
def test_what_should_be_known_of_the_text_is_told(olga: Client, fields: dict[str, Any], says: str) -> None:
    made = {one.shift_id: one for one in (shift("BEGUN", at=-1), shift("LEFT", at=9), shift("FULL", at=9))}
    holding(employee(ANN), made["FULL"])
    chosen = [made[code].pk for code in fields.get("shifts", ())]
    told = asked(olga, **{"campaign_message": "Nights."} | fields | {"shifts": chosen})
    assert any(says in one for one in told["warnings"]), told["warnings"]


@pytest.mark.parametrize(
    ("people", "approved", "says"),
    [
        (0, True, "nobody is in Nurses. Import a list into it, or add employees, first."),
        (4, False, "Nobody would be texted."),
        (450, True, "Sending takes 1.2 hours at the pace (MPS)"),
    ],
)
def test_what_should_be_known_of_the_people_is_told(olga: Client, people: int, approved: bool, says: str) -> None:
    """At one part a second, 450 people with ten parts each take longer than an hour."""
    OriginationIdentity.objects.update(mps=1)
    segment("Nurses")
    crowd(people, name="Nurses", approved=approved)
    told = counted(olga, campaign_message="x" * 1400, segment=segment("Nurses").pk)
    assert any(says in one for one in told["warnings"]), told["warnings"]


def test_night_at_the_recipients_is_told(olga: Client) -> None:
    """The numbers are of Seattle: in January 5 o'clock UTC is 21 o'clock the day before."""
    crowd(3)
    at = (clock.now() + timedelta(days=400)).replace(month=1, hour=5, minute=30)
    local = timezone.localtime(at)
    fields = {
        "campaign_message": "Nights.",
        "segment": segment().pk,
        "scheduled_at_0": f"{local:%Y-%m-%d}",
        "scheduled_at_1": f"{local:%H:%M}",
    }
    reach = olga.post(f"{LIST}size/", fields | {"count": "1"}).json()["reach"]
    warnings = olga.post(f"{LIST}size/", fields | {"reach": reach}).json()["warnings"]
    assert any(one.startswith("It is night then for 3 people (21:30 in Los Angeles).") for one in warnings)


def test_whatever_is_sent_it_answers(olga: Client) -> None:
    for fields in (
        {"segment": "x", "shifts": "x", "follows": "9" * 40, "campaign": "-1"},
        {"campaign_id": "a\0b", "origination_identity": "+1\0", "scheduled_at_0": "\0", "scheduled_at_1": "\0"},
        {"campaign_message": "a\0b", "footer": "\ud83d".encode("utf-8", "replace").decode(), "reach": "\0"},
        {"segment": "99999999999999999", "count": "1"},
        {"campaign_message": "x" * 50_000, "footer": "y" * 50_000},
    ):
        assert olga.post(f"{LIST}size/", fields).status_code == 200


# A follow-up.


@pytest.fixture
def first(olga: Client) -> Campaign:
    """A campaign that Ann and Bob got, and Bob answered."""
    row = campaign(status="sent", shifts=[shift("LEFT", at=9), shift("BEGUN", at=-1)])
    for one in (ANN, BOB):
        employee(one, segments=["Night nurses"])
        texted(row, one)
    received("LEFT", BOB, conversation="shifts", subject="july")
    return row


def test_the_form_of_a_follow_up_begins_with_the_first(olga: Client, first: Campaign) -> None:
    page = f"{LIST}add/?follows={first.pk}"
    assert olga.get(f"{LIST}{first.pk}/follow_up/")["Location"] == page
    html = olga.get(page).content.decode()
    assert 'value="july-2"' in html
    assert "Shifts are open.</textarea>" in html
    assert 'name="segment"' not in html
    assert "To those who got" in html
    assert f'data-follows="{first.pk}"' in html
    form = olga.get(page).context["adminform"].form
    assert [one.shift_id for one in form.fields["shifts"].queryset.filter(pk__in=form.initial["shifts"])] == ["LEFT"]


def test_it_is_saved_as_a_draft_edited_and_sent_to_those_who_did_not_answer(olga: Client, first: Campaign) -> None:
    fields = {"campaign_message": "Still open.", "footer": "", "scheduled_at_0": "", "scheduled_at_1": ""}
    fields |= {"origination_identity": ""}
    answer = olga.post(f"{LIST}add/?follows={first.pk}", fields | {"campaign_id": "july-2"}, follow=True)
    row = Campaign.objects.get(campaign_id="july-2")
    assert (row.status, row.follows, row.segment) == ("draft", first, first.segment)
    text = plain(answer.content.decode())
    assert "Recipients 1" in text
    assert "Follows july : those who did not answer" in text
    # Edited, it still follows the first.
    assert olga.post(f"{LIST}{row.pk}/form/", fields | {"campaign_message": "One is left."}).status_code == 302
    row.refresh_from_db()
    assert (row.campaign_message, row.follows) == ("One is left.", first)
    assert "Followed by july-2" in plain(olga.get(f"{LIST}{first.pk}/change/").content.decode())
    assert "who did not answer july" in plain(olga.get(LIST).content.decode())


def test_the_builder_counts_those_who_have_not_answered(olga: Client, first: Campaign) -> None:
    told = counted(olga, campaign_message="Still open.", follows=first.pk)
    assert told["people"]["recipients"] == "1 person"
    received("LEFT", ANN, conversation="shifts", subject="july")
    told = counted(olga, campaign_message="Still open.", follows=first.pk)
    assert "Nobody would be texted: everybody who got july has answered." in told["warnings"]


@pytest.mark.parametrize("now", ["draft", "scheduled", "sending", "paused"])
def test_what_is_not_over_is_not_followed(olga: Client, now: str) -> None:
    row = campaign(status=now)
    answer = olga.get(f"{LIST}add/?follows={row.pk}", follow=True)
    assert answer.redirect_chain[-1][0] == f"{LIST}{row.pk}/change/"
    assert "can be followed when it has been sent" in answer.content.decode()
    assert f"{LIST}{row.pk}/follow_up/" not in answer.content.decode()


def test_following_is_for_those_who_may_write(olga: Client, first: Campaign) -> None:
    assert f"{LIST}{first.pk}/follow_up/" in olga.get(f"{LIST}{first.pk}/change/").content.decode()
    rita = staff("view_campaign", name="rita")
    assert f"{LIST}{first.pk}/follow_up/" not in rita.get(f"{LIST}{first.pk}/change/").content.decode()
    assert rita.get(f"{LIST}{first.pk}/follow_up/").status_code == 403
    assert rita.get(f"{LIST}add/?follows={first.pk}").status_code == 403


@pytest.mark.parametrize("follows", ["x", "", "999", "9" * 40, "-1", "１"])
def test_an_address_that_names_no_campaign_is_the_form_of_a_new_one(olga: Client, follows: str) -> None:
    html = olga.get(f"{LIST}add/", {"follows": follows}).content.decode()
    assert 'name="segment"' in html


def test_what_was_cancelled_before_anybody_was_texted_is_not_followed(olga: Client) -> None:
    row = campaign("never", status="cancelled")
    assert "/follow_up/" not in olga.get(f"{LIST}{row.pk}/change/").content.decode()
    Campaign.objects.filter(pk=row.pk).update(started_at=row.ended_at, text="Shifts are open.")
    assert f"{LIST}{row.pk}/follow_up/" in olga.get(f"{LIST}{row.pk}/change/").content.decode()
