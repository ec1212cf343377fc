"""What a campaign is made from, what is wrong with it, and when two are the same."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from messaging import clock
from messaging.models import OriginationIdentity
from shifts.campaigns import Request, check_request, create
from shifts.campaigns.texts import render, text_of
from shifts.models import Campaign, CampaignAct, Segment, Shift
from tests.messaging.factories import OUR_NUMBER
from tests.shifts.campaigns.conftest import ask
from tests.shifts.factories import campaign, shift

pytestmark = pytest.mark.django_db

NOON = datetime(2027, 7, 1, 12, tzinfo=UTC)


class TestTheSame:
    @pytest.mark.parametrize(
        "same",
        [
            {"campaign_id": " july "},
            {"campaign_message": "Shifts are open. \n"},
            {"segment": " night NURSES"},
            {"shifts": ("b2", " A1", "B2")},
            {"footer": " Call {codes}\n"},
            {"origination_identity": f"{OUR_NUMBER} "},
            {"scheduled_at": NOON.astimezone(timezone(timedelta(hours=9)))},
        ],
    )
    def test_however_it_is_written(self, same: dict[str, Any]) -> None:
        full = ask(
            shifts=("A1", "B2"), footer="Call {codes}", origination_identity=OUR_NUMBER, scheduled_at=NOON
        ).tidy()
        assert replace(full, **same).tidy().digest() == full.digest()

    @pytest.mark.parametrize(
        "other",
        [
            {"campaign_message": "Shifts are open!"},
            {"segment": "Day nurses"},
            {"shifts": ("A1",)},
            {"shifts": ("A1", "B2", "C3")},
            {"footer": ""},
            {"origination_identity": ""},
            {"scheduled_at": NOON + timedelta(seconds=1)},
            {"scheduled_at": None},
            {"draft": True},
        ],
    )
    def test_another_content_is_another(self, other: dict[str, Any]) -> None:
        full = ask(
            shifts=("A1", "B2"), footer="Call {codes}", origination_identity=OUR_NUMBER, scheduled_at=NOON
        ).tidy()
        assert replace(full, **other).tidy().digest() != full.digest()

    def test_words_do_not_wander_between_fields(self) -> None:
        assert ask(campaign_message="a", footer="b").digest() != ask(campaign_message="b", footer="a").digest()


def _refusal(request: Request) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as refusal:
        check_request(request)
    return refusal.value.message_dict


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"campaign_id": ""}, "campaign_id", "cannot be blank"),
    ({"campaign_id": "a b"}, "campaign_id", "letters, digits"),
    ({"campaign_id": "-a"}, "campaign_id", "begins and ends"),
    ({"campaign_id": "a" * 65}, "campaign_id", "64"),
    ({"campaign_message": " \n"}, "campaign_message", "Write what people shall read."),
    ({"campaign_message": "x" * 1500}, "campaign_message", "at most 1530 can be sent. Shorten it by"),
    ({"campaign_message": "ж" * 600}, "campaign_message", "UCS-2; at most 630"),
    ({"footer": "x" * 1600}, "campaign_message", "counted with how to book"),
    ({"segment": "Nobody"}, "segment", "There is no segment 'Nobody'. Make it"),
    ({"segment": ""}, "segment", "Make it"),
    ({"shifts": ("XYZ123", "NONE1", "NONE2")}, "shifts", "There is no shift with the code NONE1."),
    ({"origination_identity": "+14255550999"}, "origination_identity", "+14255550999 is no active number"),
    ({"origination_identity": "TEXTBACK"}, "origination_identity", "people can answer. Choose another"),
    ({"origination_identity": "+14255550108"}, "origination_identity", "make it so in the admin"),
    ({"scheduled_at": datetime(2020, 1, 1, tzinfo=UTC)}, "scheduled_at", "This time is past. Give a later one"),
]


@pytest.mark.parametrize(("fields", "field", "words"), WRONG)
def test_what_is_wrong_is_told_by_field_and_nothing_is_changed(
    nurses: Segment, fields: dict[str, Any], field: str, words: str
) -> None:
    shift("XYZ123")
    OriginationIdentity.objects.create(identity="TEXTBACK", kind="sender_id", mps=1, two_way=False)
    OriginationIdentity.objects.create(identity="+14255550108", kind="ten_dlc", mps=1, active=False)
    told = _refusal(ask(**fields))
    assert list(told) == [field]
    assert words in " ".join(told[field])
    with pytest.raises(ValidationError):
        create(ask(**fields), actor="hr")
    assert not Campaign.objects.exists()
    assert not CampaignAct.objects.exists()
    assert (Segment.objects.count(), Shift.objects.count()) == (1, 1)


def test_all_that_is_wrong_is_told_at_once(db: None) -> None:
    wrong = ask("", campaign_message="", segment="x", shifts=("N1",), scheduled_at=clock.now() - timedelta(1))
    assert set(_refusal(wrong)) == {
        *("campaign_id", "campaign_message", "segment", "shifts", "scheduled_at", "origination_identity")
    }


def test_each_unknown_code_is_told(nurses: Segment) -> None:
    assert len(_refusal(ask(shifts=("N1", "n2", "N1")))["shifts"]) == 2


def test_without_any_number_that_can_be_answered_there_is_nothing_to_send_from(nurses: Segment) -> None:
    OriginationIdentity.objects.update(two_way=False)
    assert "Add one in the admin" in _refusal(ask())["origination_identity"][0]


def test_names_and_codes_are_found_in_any_case(nurses: Segment) -> None:
    row = shift("Xyz123")
    found = check_request(ask(segment=" night NURSES", shifts=("xyz123",)))
    assert (found.segment, list(found.shifts)) == (nurses, [row])


class TestTheText:
    def test_only_codes_that_can_be_booked_the_soonest_first(self, db: None) -> None:
        shifts = [
            *(shift("UNDATED"), shift("LATE", at=50), shift("SOON", at=1)),
            *(shift("BEGUN", at=-1), shift("TAKEN", at=2, places=2, booked=2)),
            *(shift("NEXT", at=3, places=2, booked=1), shift("UNDATED2")),
        ]
        assert render("Hi", "{codes}", shifts) == "Hi\nSOON, NEXT, LATE, UNDATED, UNDATED2"

    def test_a_shift_that_begins_this_moment_has_begun(self, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        row = shift("NOW", at=1)
        assert row.starts_at
        monkeypatch.setattr(clock, "now", lambda: row.starts_at)
        assert "NOW" not in render("Hi", "", [row])

    def test_the_length_is_that_of_the_whole_text(self, nurses: Segment) -> None:
        room = 1530 - len(render("", "", []))
        check_request(ask(campaign_message="x" * room))
        assert "by 1." in _refusal(ask(campaign_message="x" * (room + 1)))["campaign_message"][0]

    def test_a_draft_is_shown_as_it_would_be_sent_now(self, db: None) -> None:
        row = shift("A1", places=1)
        draft = campaign(shifts=[row])
        assert "A1" in text_of(draft)
        Shift.objects.update(booked=1)
        assert "A1" not in text_of(draft)
