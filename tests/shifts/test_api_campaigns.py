"""/campaigns/: making them, watching them, acting on them, and what would happen."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from messaging import clock
from messaging.models import OriginationIdentity, OutboundMessage, PartPrice, Status
from shifts.models import Campaign, CampaignAct
from tests.messaging.api.conftest import ClientWith, api, client_with
from tests.messaging.api.test_permissions import ROUTES
from tests.messaging.factories import ANN, BOB, OUR_NUMBER, received, standing
from tests.refusals import at_fault
from tests.shifts.campaigns.conftest import expand, rows
from tests.shifts.factories import campaign, employee, holding, segment, shift

# Fixtures.
__all__ = ["api", "client_with"]

URL = "/api/v1/campaigns/"
CONTENT = {"campaign_id": "july", "campaign_message": "Shifts are open.", "segment": "Night nurses"}
ACTIONS = ("send", "pause", "resume", "cancel")
NONE = dict.fromkeys(
    [
        "recipients",
        "queued",
        "sent",
        "delivered",
        "failed",
        "suppressed",
        "unknown",
        "cancelled",
        "replied",
        "booked",
    ],
    0,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurses(number: OriginationIdentity) -> None:
    """Ann is in the segment, and there is a number of ours to text her from."""
    employee(ANN, segments=["Night nurses"])


def _ids(api: APIClient, **parameters: Any) -> list[str]:
    answer = api.get(URL, parameters)
    assert answer.status_code == 200, answer.json()
    return [row["campaign_id"] for row in answer.json()["results"]]


def _written(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _text(campaign_id: str, status: Status, to: str, **fields: Any) -> OutboundMessage:
    return standing(status, to, conversation="shifts", subject=campaign_id, priority=30, **fields)


# (path, method) → the permission that it needs.
NEEDS = {
    ("campaigns/", "get"): "view_campaign",
    ("campaigns/", "post"): "add_campaign",
    ("campaigns/{campaign_id}/", "get"): "view_campaign",
    ("campaigns/{campaign_id}/preview/", "get"): "view_campaign",
    **{(f"campaigns/{{campaign_id}}/{action}/", "post"): "change_campaign" for action in ACTIONS},
}


class TestPermissions:
    def test_the_table_names_every_route(self) -> None:
        assert {route for route in ROUTES if route[0].startswith("campaigns/")} == set(NEEDS)

    @pytest.mark.parametrize(("path", "method"), sorted(NEEDS))
    def test_the_permission_is_what_decides(self, client_with: ClientWith, path: str, method: str) -> None:
        url, needed = f"/api/v1/{path.replace('{campaign_id}', 'july')}", NEEDS[path, method]
        others = {f"{verb}_campaign" for verb in ("view", "add", "change", "delete")} - {needed}
        assert getattr(client_with(*others), method)(url).status_code == 403
        assert getattr(client_with(needed), method)(url).status_code not in {401, 403, 405}

    @pytest.mark.parametrize("method", ["put", "patch", "delete"])
    def test_what_was_made_is_not_rewritten(self, api: APIClient, method: str) -> None:
        campaign()
        assert getattr(api, method)(f"{URL}july/", {}).status_code == 405


class TestReading:
    def test_a_campaign_has_the_fields_promised(self, api: APIClient) -> None:
        made = campaign(
            shifts=[shift("XYZ124", at=2), shift("XYZ123", at=1)], footer="Text {codes}.", origination_identity="72345"
        )
        assert api.get(f"{URL}july/").json() == {
            **CONTENT,
            "footer": "Text {codes}.",
            "translations": [],
            "follows": None,
            "shifts": ["XYZ123", "XYZ124"],
            "origination_identity": "72345",
            "scheduled_at": None,
            "draft": True,
            "status": "draft",
            "counts": NONE,
            "text": "",
            "texts": {},
            "problem": "",
            "created_at": _written(made.created_at),
            "started_at": None,
            "ended_at": None,
        }

    def test_people_are_counted_by_what_became_of_their_text(self, api: APIClient) -> None:
        made = campaign(status="sending")
        stands = [*Status, Status.DELIVERED]
        for n, status in enumerate(stands):
            _text("july", status, f"+1425555{n:04}")
        received("XYZ123", conversation="shifts", subject="july")
        holding(employee(), shift(), campaign=made)
        assert api.get(f"{URL}july/").json()["counts"] == {
            "recipients": 10,
            "queued": 2,
            "sent": 3,
            "delivered": 2,
            "failed": 2,
            "suppressed": 1,
            "unknown": 1,
            "cancelled": 1,
            "replied": 1,
            "booked": 1,
        }

    @pytest.mark.parametrize("campaign_id", ["july:7", "july.json", "a-b_c", "x" * 64])
    def test_an_id_may_have_what_ids_may_have(self, api: APIClient, campaign_id: str) -> None:
        campaign(campaign_id)
        assert api.get(f"{URL}{campaign_id}/").json()["campaign_id"] == campaign_id

    @pytest.mark.parametrize("campaign_id", ["june", "%00", "x" * 65])
    def test_any_other_id_is_a_404(self, api: APIClient, campaign_id: str) -> None:
        campaign()
        assert api.get(f"{URL}{campaign_id}/").status_code == 404

    def test_the_newest_comes_first_and_pages_can_be_followed(self, api: APIClient) -> None:
        for one in ("a", "b", "c"):
            campaign(one)
        page = api.get(URL, {"page_size": "2"}).json()
        assert [row["campaign_id"] for row in page["results"]] == ["c", "b"]
        assert [row["campaign_id"] for row in api.get(page["next"]).json()["results"]] == ["a"]

    def test_filters_by_one_status_or_several(self, api: APIClient) -> None:
        for status in ("draft", "sending", "sent"):
            campaign(status, status=status)
        assert _ids(api, status="sent") == ["sent"]
        assert _ids(api, status=["sent", "draft"]) == ["sent", "draft"]

    def test_filters_by_segment(self, api: APIClient) -> None:
        campaign("day", segment=segment("Day nurses"))
        campaign("nights", segment=segment("Night nurses, agency"))
        campaign("night")
        assert _ids(api, segment="night NURSES") == ["night"]
        assert _ids(api, segment="Nobody") == []

    def test_filters_by_time(self, api: APIClient) -> None:
        noon = datetime.fromisoformat("2026-07-01T12:00:00+00:00")
        for minute in (0, 1, 2):
            campaign(f"at{minute}", created_at=noon + timedelta(minutes=minute))
        assert _ids(api, after="2026-07-01T12:01:00Z", before="2026-07-01T12:02:00Z") == ["at1"]

    @pytest.mark.parametrize(("parameter", "value"), [("status", "gone"), ("after", "2026-07-01"), ("draft", "true")])
    def test_a_bad_filter_is_refused_by_name(self, api: APIClient, parameter: str, value: str) -> None:
        answer = api.get(URL, {parameter: value})
        assert (answer.status_code, at_fault(answer)) == (400, [parameter])

    def test_a_page_needs_the_same_few_queries_for_any_number_of_rows(
        self, api: APIClient, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for n in range(5):
            made = campaign(f"c{n}", segment=segment(f"s{n}"), shifts=[shift(f"A{n}"), shift(f"B{n}")])
            holding(employee(f"+1425557{n:04}"), shift(f"C{n}"), campaign=made)
            _text(f"c{n}", Status.SENT, ANN)
        # Token, user, the page with segments, shifts, translations; texts, replies, bookings.
        with django_assert_num_queries(8):
            rows = api.get(URL).json()["results"]
        assert [(len(row["shifts"]), row["counts"]["sent"], row["counts"]["booked"]) for row in rows] == [(2, 1, 1)] * 5


class TestMaking:
    def test_it_is_sent_at_once(self, api: APIClient, nurses: None) -> None:
        shift("XYZ123", at=1)
        answer = api.post(URL, CONTENT | {"shifts": ["xyz123"]})
        assert answer.status_code == 201
        body = answer.json()
        assert body.items() >= {**CONTENT, "shifts": ["XYZ123"], "status": "sending", "draft": False}.items()
        assert body["text"].startswith("Shifts are open.\nReply with the shift codes, e.g. XYZ123.")
        assert body["started_at"]
        assert Campaign.objects.get().created_by == "user0"

    def test_it_is_scheduled_for_a_time_to_come(self, api: APIClient, nurses: None) -> None:
        when = _written((clock.now() + timedelta(hours=1)).replace(microsecond=0))
        body = api.post(URL, CONTENT | {"scheduled_at": when}).json()
        assert (body["status"], body["scheduled_at"], body["text"]) == ("scheduled", when, "")

    def test_a_draft_waits(self, api: APIClient, nurses: None) -> None:
        body = api.post(URL, CONTENT | {"draft": True, "footer": "Text {codes}."}).json()
        assert (body["status"], body["draft"], body["footer"]) == ("draft", True, "Text {codes}.")
        assert body["started_at"] is None

    def test_null_is_as_good_as_absent(self, api: APIClient, nurses: None) -> None:
        absent = dict.fromkeys(["shifts", "origination_identity", "scheduled_at", "footer"])
        assert api.post(URL, CONTENT | absent).status_code == 201
        assert api.post(URL, CONTENT).status_code == 200

    @pytest.mark.parametrize("more", [{}, {"draft": True}, {"shifts": ["XYZ124", "XYZ123"]}])
    def test_the_same_again_is_200_with_the_same(self, api: APIClient, nurses: None, more: dict[str, Any]) -> None:
        shift("XYZ123")
        shift("XYZ124")
        first = api.post(URL, CONTENT | more)
        again = api.post(URL, CONTENT | more)
        assert (first.status_code, again.status_code) == (201, 200)
        assert again.json() == first.json()
        assert Campaign.objects.count() == 1

    def test_the_same_again_after_its_time_is_still_200(self, api: APIClient, nurses: None, time: Any) -> None:
        content = CONTENT | {"scheduled_at": _written(clock.now() + timedelta(hours=1))}
        api.post(URL, content)
        time.forward(7200)
        assert api.post(URL, content).status_code == 200

    @pytest.mark.parametrize(
        "change",
        [
            {"campaign_message": "Other"},
            {"segment": "Day nurses"},
            {"shifts": ["XYZ123"]},
            {"origination_identity": OUR_NUMBER},
            {"footer": "Other"},
            {"draft": True},
            {"scheduled_at": "2100-01-01T00:00:00Z"},
        ],
    )
    def test_other_content_is_a_409(self, api: APIClient, nurses: None, change: dict[str, Any]) -> None:
        shift("XYZ123")
        segment("Day nurses")
        first = api.post(URL, CONTENT).json()
        answer = api.post(URL, CONTENT | change)
        assert answer.status_code == 409
        assert "other content" in answer.json()["detail"]
        assert api.get(f"{URL}july/").json() == first

    @pytest.mark.parametrize(
        ("change", "field", "advice"),
        [
            ({"campaign_id": "a b"}, "campaign_id", "letters, digits"),
            ({"campaign_id": "x" * 65}, "campaign_id", "64"),
            ({"campaign_message": "  "}, "campaign_message", "Write"),
            ({"campaign_message": "x" * 1530}, "campaign_message", "at most 1530"),
            ({"campaign_message": "я" * 630}, "campaign_message", "at most 630"),
            ({"footer": "x" * 1530}, "campaign_message", "at most 1530"),
            ({"campaign_message": None}, "campaign_message", "null"),
            ({"segment": "Day nurses"}, "segment", "no segment"),
            ({"segment": ""}, "segment", "blank"),
            ({"shifts": ["XYZ123", "NONE"]}, "shifts", "NONE"),
            ({"shifts": "XYZ123"}, "shifts", "list"),
            ({"origination_identity": "+14255550109"}, "origination_identity", "no active number"),
            ({"origination_identity": "ACME"}, "origination_identity", "can answer"),
            ({"scheduled_at": "2100-01-01T00:00:00"}, "scheduled_at", "with offset"),
            ({"scheduled_at": "2100-01-01"}, "scheduled_at", "with offset"),
            ({"scheduled_at": "2001-01-01T00:00:00Z"}, "scheduled_at", "past"),
            ({"draft": "perhaps"}, "draft", "boolean"),
            ({"status": "sent"}, "status", "no such field"),
            ({"colour": "red"}, "colour", "no such field"),
        ],
    )
    def test_bad_input_is_refused_on_its_field_and_changes_nothing(
        self, api: APIClient, nurses: None, change: dict[str, Any], field: str, advice: str
    ) -> None:
        shift("XYZ123")
        OriginationIdentity.objects.create(identity="ACME", kind="sender_id", mps=10, two_way=False)
        answer = api.post(URL, CONTENT | change)
        assert (answer.status_code, at_fault(answer)) == (400, [field])
        assert advice in str(answer.json()["errors"])
        assert not Campaign.objects.exists()
        assert not OutboundMessage.objects.exists()

    @pytest.mark.parametrize("field", sorted(CONTENT))
    def test_what_must_be_given_must_be_given(self, api: APIClient, nurses: None, field: str) -> None:
        answer = api.post(URL, {name: value for name, value in CONTENT.items() if name != field})
        assert (answer.status_code, at_fault(answer)) == (400, [field])

    def test_several_faults_are_told_together(self, api: APIClient, nurses: None) -> None:
        answer = api.post(URL, CONTENT | {"segment": "Nobody", "shifts": ["NONE"]})
        assert set(at_fault(answer)) == {"segment", "shifts"}


class TestFollowing:
    @pytest.fixture
    def first(self, nurses: None) -> Campaign:
        """A campaign that Ann and Bob got, and Bob answered."""
        employee(BOB, segments=["Night nurses"])
        row = campaign("july", status="sent")
        for one in (ANN, BOB):
            _text("july", Status.DELIVERED, one)
        received("XYZ123", BOB, conversation="shifts", subject="july")
        return row

    CONTENT = {"campaign_id": "july-2", "campaign_message": "Still open.", "follows": "july"}

    def test_a_follow_up_goes_to_those_who_have_not_answered(self, api: APIClient, first: Campaign) -> None:
        answer = api.post(URL, self.CONTENT | {"draft": True})
        assert answer.status_code == 201
        body = answer.json()
        assert (body["follows"], body["segment"], body["status"]) == ("july", "Night nurses", "draft")
        assert api.get(f"{URL}july-2/preview/").json()["recipients"] == 1
        assert api.post(f"{URL}july-2/send/").json()["status"] == "sending"
        expand("july-2")
        assert [one.destination_phone_number for one in rows("july-2")] == [ANN]

    def test_the_same_again_is_200_and_another_is_409(self, api: APIClient, first: Campaign) -> None:
        assert api.post(URL, self.CONTENT).status_code == 201
        assert api.post(URL, self.CONTENT).status_code == 200
        assert api.post(URL, self.CONTENT | {"segment": "Night nurses"}).status_code == 200
        without = {name: value for name, value in self.CONTENT.items() if name != "follows"}
        assert api.post(URL, without | {"segment": "Night nurses"}).status_code == 409

    @pytest.mark.parametrize(
        ("change", "field", "advice"),
        [
            ({"follows": "june"}, "follows", "no campaign"),
            ({"follows": "draft"}, "follows", "is draft"),
            ({"follows": "x" * 65}, "follows", "64"),
            ({"follows": None}, "segment", "Give the segment"),
            ({"follows": ""}, "segment", "Give the segment"),
            ({"segment": "Day nurses"}, "segment", "no segment"),
            ({"segment": ""}, "segment", "blank"),
        ],
    )
    def test_bad_input_is_refused_on_its_field(
        self, api: APIClient, first: Campaign, change: dict[str, Any], field: str, advice: str
    ) -> None:
        campaign("draft")
        answer = api.post(URL, self.CONTENT | change)
        assert (answer.status_code, at_fault(answer)) == (400, [field])
        assert advice in str(answer.json()[field])

    def test_filters_by_what_is_followed(self, api: APIClient, first: Campaign) -> None:
        campaign("july-2", follows=first)
        assert _ids(api, follows="july") == ["july-2"]
        assert _ids(api, follows="june") == []

    def test_openapi_tells_of_it(self, api: APIClient) -> None:
        schemas = api.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).json()["components"]
        for name in ("CampaignRequestRequest", "CampaignRequest", "Campaign"):
            if name in schemas["schemas"]:
                assert "answered" in str(schemas["schemas"][name]["properties"]["follows"]) or "replied" in str(
                    schemas["schemas"][name]["properties"]["follows"]
                )


class TestActing:
    def test_a_campaign_goes_through_its_life(self, api: APIClient, nurses: None) -> None:
        api.post(URL, CONTENT | {"draft": True})
        statuses = []
        for action in ("send", "pause", "resume", "cancel"):
            answer = api.post(f"{URL}july/{action}/")
            assert answer.status_code == 200, answer.json()
            statuses.append(answer.json()["status"])
        assert statuses == ["sending", "paused", "sending", "cancelled"]
        assert api.get(f"{URL}july/").json()["ended_at"]

    def test_a_draft_with_a_time_to_come_is_scheduled(self, api: APIClient, nurses: None) -> None:
        api.post(URL, CONTENT | {"draft": True, "scheduled_at": "2100-01-01T00:00:00Z"})
        assert api.post(f"{URL}july/send/", {}).json()["status"] == "scheduled"

    @pytest.mark.parametrize(
        ("status", "action"),
        [
            ("scheduled", "send"),
            ("sending", "send"),
            ("sent", "send"),
            ("draft", "pause"),
            ("paused", "pause"),
            ("draft", "resume"),
            ("sending", "resume"),
            ("sent", "cancel"),
            ("cancelled", "cancel"),
        ],
    )
    def test_what_the_status_forbids_is_a_409_that_says_why(
        self, api: APIClient, nurses: None, status: str, action: str
    ) -> None:
        campaign(status=status)
        answer = api.post(f"{URL}july/{action}/")
        assert answer.status_code == 409
        assert status in answer.json()["detail"]
        assert Campaign.objects.get().status == status

    def test_a_draft_that_can_no_longer_be_sent_is_a_400(self, api: APIClient) -> None:
        # Its shifts were renamed since, or it was made before the limit was.
        campaign(campaign_message="x" * 1530)
        assert api.post(f"{URL}july/send/").status_code == 400
        assert Campaign.objects.get().status == "draft"

    @pytest.mark.parametrize("action", ACTIONS)
    def test_who_acts_is_written_down_and_the_body_is_empty(self, api: APIClient, nurses: None, action: str) -> None:
        campaign(status={"send": "draft", "resume": "paused"}.get(action, "sending"))
        before = Campaign.objects.get().status
        answer = api.post(f"{URL}july/{action}/", {"at": "once"})
        assert (answer.status_code, at_fault(answer)) == (400, ["at"])
        assert Campaign.objects.get().status == before
        assert api.post(f"{URL}july/{action}/").status_code == 200
        assert CampaignAct.objects.get().actor == "user0"

    @pytest.mark.parametrize("action", ACTIONS)
    def test_an_unknown_campaign_is_a_404(self, api: APIClient, action: str) -> None:
        assert api.post(f"{URL}july/{action}/").status_code == 404


class TestPreview:
    def test_it_says_what_would_happen(self, api: APIClient, nurses: None) -> None:
        PartPrice.objects.filter(iso_country_code="US").update(price=Decimal("0.00581"), currency="USD")
        employee(BOB, segments=["Night nurses"], approved=False)
        campaign(shifts=[shift(at=1)])
        answer = api.get(f"{URL}july/preview/")
        # At Ann's it may be night while this runs.
        body = {name: value for name, value in answer.json().items() if name != "warnings"}
        text = "Shifts are open.\nReply with the shift codes, e.g. XYZ123. REQUEST lists open shifts. STOP to opt out."
        assert (answer.status_code, body) == (
            200,
            {
                "recipients": 1,
                "suppressed": 1,
                "duplicates": 0,
                "text": text,
                "encoding": "GSM",
                "parts": 1,
                "total_parts": 1,
                "languages": [{"language": "en", "text": text, "encoding": "GSM", "parts": 1, "recipients": 1}],
                "estimated_cost": "0.00581",
                "estimated_cost_currency": "USD",
                "estimated_seconds": 1,
                "problems": [],
                "suppressed_reasons": {"Not approved": 1},
                "origination_identities": {OUR_NUMBER: 1},
            },
        )
        assert not OutboundMessage.objects.exists()

    def test_what_should_be_known_before_is_a_warning(self, api: APIClient, nurses: None) -> None:
        campaign(shifts=[shift("LEFT", at=2), shift("BEGUN", at=-1)], campaign_message="Nights…")
        warnings = api.get(f"{URL}july/preview/").json()["warnings"]
        assert "because of: …" in warnings[0]
        assert "BEGUN has begun" in warnings[1]

    def test_what_is_not_known_is_null(self, api: APIClient, nurses: None) -> None:
        PartPrice.objects.all().delete()
        campaign()
        answer = api.get(f"{URL}july/preview/").json()
        assert (answer["estimated_cost"], answer["estimated_cost_currency"]) == (None, None)
        assert "No price is known for US" in answer["problems"][0]

    def test_without_anybody_it_says_so(self, api: APIClient, number: OriginationIdentity) -> None:
        campaign()
        answer = api.get(f"{URL}july/preview/").json()
        assert (answer["recipients"], answer["estimated_seconds"]) == (0, None)
        assert answer["problems"] == ["Nobody would be texted."]

    def test_it_takes_no_parameters(self, api: APIClient) -> None:
        campaign()
        assert api.get(f"{URL}july/preview/", {"draft": "true"}).status_code == 400

    def test_an_unknown_campaign_is_a_404(self, api: APIClient) -> None:
        assert api.get(f"{URL}july/preview/").status_code == 404
