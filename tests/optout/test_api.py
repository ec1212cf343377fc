"""/consent/: how somebody stands, saying it for them, the history, and links to their page."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils.dateparse import parse_datetime
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from messaging.models import OriginationIdentity, OutboundMessage
from optout import ledger, links
from optout.ledger import Entry
from optout.models import ConsentEvent
from tests.messaging.api.conftest import ClientWith
from tests.messaging.factories import ANN, BOB, OUR_NUMBER
from tests.refusals import at_fault

URL = "/api/v1/consent/"
HISTORY = f"{URL}history/"
LINK = f"{URL}link/"
OTHER_NUMBER = "+14255550109"
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
ABOUT_ANN = {"phone_number": ANN, "origination_identity": OUR_NUMBER}

pytestmark = pytest.mark.django_db


def _said(action: str = "opt_out", minutes: int = 0, **fields: Any) -> ConsentEvent:
    values = {**ABOUT_ANN, "source": "sms", "occurred_at": NOON + timedelta(minutes=minutes), **fields}
    return ledger.record(Entry(action=action, **values)).event


# method, path, body or parameters, permission that it needs
NEEDS: list[tuple[str, str, dict[str, str], str]] = [
    ("get", URL, ABOUT_ANN, "view_consentevent"),
    ("get", HISTORY, {}, "view_consentevent"),
    ("post", URL, {**ABOUT_ANN, "action": "opt_out"}, "add_consentevent"),
    ("post", LINK, ABOUT_ANN, "add_consentevent"),
]


class TestPermissions:
    @pytest.mark.parametrize(("method", "path", "content", "needed"), NEEDS)
    def test_the_permission_is_what_decides(
        self,
        client_with: ClientWith,
        number: OriginationIdentity,
        method: str,
        path: str,
        content: dict[str, str],
        needed: str,
    ) -> None:
        other = ({"view_consentevent", "add_consentevent"} - {needed}).pop()
        wrong = ("view_consent", "add_consent", "change_consent", "delete_consent", other)
        assert getattr(APIClient(), method)(path, content).status_code == 401
        assert getattr(client_with(*wrong), method)(path, content).status_code == 403
        assert not ConsentEvent.objects.exists()
        assert getattr(client_with(needed), method)(path, content).status_code in {200, 201}

    @pytest.mark.parametrize("path", [URL, HISTORY])
    @pytest.mark.parametrize("method", ["put", "patch", "delete"])
    def test_what_was_said_cannot_be_changed(self, api: APIClient, path: str, method: str) -> None:
        assert getattr(api, method)(path, {}).status_code == 405


class TestStanding:
    def test_nothing_was_ever_said(self, api: APIClient) -> None:
        answer = api.get(URL, ABOUT_ANN)
        assert (answer.status_code, answer.json()) == (
            200,
            {**ABOUT_ANN, "state": "none", "since": None, "source": None},
        )

    @pytest.mark.parametrize(
        ("said", "state", "minute", "source"),
        [
            ([("opt_out", 0, {})], "opted_out", 0, "sms"),
            ([("opt_out", 0, {}), ("opt_in", 5, {"source": "web"})], "opted_in", 5, "web"),
            ([("opt_in", 5, {}), ("opt_out", 0, {})], "opted_in", 5, "sms"),
            ([("opt_out", 0, {}), ("opt_out", 5, {"source": "web"})], "opted_out", 0, "sms"),
            ([("opt_out", 0, {"every_number": True, "source": "staff"})], "opted_out", 0, "staff"),
            ([("opt_out", 0, {"every_number": True}), ("opt_in", 1, {})], "opted_in", 1, "sms"),
        ],
    )
    def test_what_counts_is_said_in_one_object(
        self, api: APIClient, said: list[tuple[str, int, dict[str, Any]]], state: str, minute: int, source: str
    ) -> None:
        for action, minutes, fields in said:
            _said(action, minutes, **fields)
        _said("opt_in", 9, phone_number=BOB)
        _said("opt_in", 9, origination_identity=OTHER_NUMBER)
        assert api.get(URL, ABOUT_ANN).json() == {
            **ABOUT_ANN,
            "state": state,
            "since": f"2026-07-01T12:{minute:02}:00Z",
            "source": source,
        }

    def test_a_plus_that_arrives_as_a_space_is_a_plus(self, api: APIClient) -> None:
        _said()
        answer = api.get(f"{URL}?phone_number={ANN}&origination_identity={OUR_NUMBER}")
        assert (answer.status_code, answer.json()["phone_number"], answer.json()["state"]) == (200, ANN, "opted_out")

    @pytest.mark.parametrize("identity", ["72345", "ACME"])
    def test_our_number_may_be_a_short_code_or_a_sender_id(self, api: APIClient, identity: str) -> None:
        _said(origination_identity=identity)
        answer = api.get(URL, {"phone_number": ANN, "origination_identity": identity})
        assert (answer.json()["origination_identity"], answer.json()["state"]) == (identity, "opted_out")

    @pytest.mark.parametrize(
        ("query", "fields"),
        [
            ("", {"phone_number", "origination_identity"}),
            ("phone_number=%2B14255550182", {"origination_identity"}),
            ("origination_identity=%2B14255550100", {"phone_number"}),
            ("phone_number=&origination_identity=%2B14255550100", {"phone_number"}),
            ("phone_number=Ann&origination_identity=not+a+number", {"phone_number", "origination_identity"}),
            ("phone_number=14255550182&origination_identity=%2B1", {"phone_number", "origination_identity"}),
            ("phone_number=%2B14255550182&origination_identity=%2B14255550100&number=1", {"number"}),
            ("phone_number=%2B14255550182&origination_identity=%2B14255550100&cursor=a", {"cursor"}),
            (
                "phone_number=%2B14255550182&phone_number=%2B14255550183&origination_identity=%2B14255550100",
                {"phone_number"},
            ),
        ],
    )
    def test_a_question_that_is_not_whole_is_refused_by_name(
        self, api: APIClient, query: str, fields: set[str]
    ) -> None:
        answer = api.get(f"{URL}?{query}")
        assert (answer.status_code, set(at_fault(answer))) == (400, fields)

    def test_it_takes_one_query_beside_token_and_user(
        self, api: APIClient, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        with django_assert_num_queries(3):
            api.get(URL, ABOUT_ANN)


@pytest.mark.usefixtures("number")
class TestSaying:
    def test_an_opt_out_is_recorded_and_nobody_is_texted(self, client_with: ClientWith) -> None:
        client = client_with("add_consentevent")
        answer = client.post(URL, {**ABOUT_ANN, "action": "opt_out", "reason": "by letter"})
        event = ConsentEvent.objects.get()
        assert (answer.status_code, answer.json()) == (
            201,
            {
                **ABOUT_ANN,
                "state": "opted_out",
                "since": event.occurred_at.isoformat().replace("+00:00", "Z"),
                "source": "api",
            },
        )
        assert (event.source, event.actor, event.reason, event.every_number) == ("api", "user0", "by letter", False)
        assert event.occurred_at == event.recorded_at
        assert not OutboundMessage.objects.exists()

    def test_opting_in_again(self, api: APIClient) -> None:
        _said(source="sms")
        assert api.post(URL, {**ABOUT_ANN, "action": "opt_in"}).json()["state"] == "opted_in"
        assert api.get(URL, ABOUT_ANN).json()["source"] == "api"

    @pytest.mark.parametrize("named", [{}, {"origination_identity": ""}, {"origination_identity": OUR_NUMBER}])
    def test_every_number_needs_none_by_name(self, api: APIClient, named: dict[str, str]) -> None:
        answer = api.post(URL, {"phone_number": ANN, "action": "opt_out", "every_number": True, **named})
        assert (answer.status_code, answer.json()["state"]) == (201, "opted_out")
        assert answer.json()["origination_identity"] == named.get("origination_identity", "")
        later_one = {"phone_number": ANN, "origination_identity": OTHER_NUMBER}
        assert api.get(URL, later_one).json()["state"] == "opted_out"

    def test_it_counts_even_if_our_clock_is_slow(self, api: APIClient) -> None:
        _said("opt_in", occurred_at=datetime.now(UTC) + timedelta(minutes=1))
        answer = api.post(URL, {**ABOUT_ANN, "action": "opt_out"})
        assert (answer.status_code, answer.json()["state"]) == (201, "opted_out")

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"phone_number": None}, "phone_number"),
            ({"phone_number": ""}, "phone_number"),
            ({"phone_number": "4255550182"}, "phone_number"),
            ({"phone_number": "72345"}, "phone_number"),
            ({"action": None}, "action"),
            ({"action": "stop"}, "action"),
            ({"action": "opted_out"}, "action"),
            ({"origination_identity": ""}, "origination_identity"),
            ({"origination_identity": None}, "origination_identity"),
            ({"origination_identity": "+14255550199"}, "origination_identity"),
            ({"origination_identity": "+14255550199", "every_number": True}, "origination_identity"),
            ({"reason": "x" * 301}, "reason"),
            ({"every_number": "perhaps"}, "every_number"),
            ({"every_number": None}, "every_number"),
            ({"occurred_at": "2026-07-01T12:00:00Z"}, "occurred_at"),
            ({"source": "sms"}, "source"),
            ({"actor": "root"}, "actor"),
        ],
    )
    def test_bad_input_is_refused_on_its_field_and_records_nothing(
        self, api: APIClient, change: dict[str, Any], field: str
    ) -> None:
        answer = api.post(URL, {**ABOUT_ANN, "action": "opt_out", **change})
        assert (answer.status_code, at_fault(answer)) == (400, [field])
        assert not ConsentEvent.objects.exists()

    @pytest.mark.parametrize("missing", ["phone_number", "origination_identity", "action"])
    def test_what_is_missing_is_named(self, api: APIClient, missing: str) -> None:
        body = {**ABOUT_ANN, "action": "opt_out"}
        del body[missing]
        answer = api.post(URL, body)
        assert (answer.status_code, at_fault(answer)) == (400, [missing])

    def test_a_number_that_is_not_ours_is_refused_with_where_ours_are(self, api: APIClient) -> None:
        body = {**ABOUT_ANN, "origination_identity": "+14255550199", "action": "opt_out"}
        [problem] = api.post(URL, body).json()["origination_identity"]
        assert "+14255550199" in problem
        assert "/api/v1/origination-identities/" in problem


class TestHistory:
    def test_an_event_has_the_fields_promised(self, api: APIClient) -> None:
        event = _said(word="STOP", actor="ann", reason="asked")
        [row] = api.get(HISTORY).json()["results"]
        assert parse_datetime(row.pop("recorded_at")) == event.recorded_at
        assert row == {
            **ABOUT_ANN,
            "every_number": False,
            "action": "opt_out",
            "word": "STOP",
            "text": "",
            "source": "sms",
            "actor": "ann",
            "reason": "asked",
            "occurred_at": "2026-07-01T12:00:00Z",
        }

    def _words(self, api: APIClient, query: str = "") -> str:
        answer = api.get(f"{HISTORY}?{query}")
        assert answer.status_code == 200, answer.json()
        return "".join(row["word"] for row in answer.json()["results"])

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("", "FEDCBA"),
            ("phone_number=%2B14255550182", "FECBA"),
            ("phone_number=+14255550182", "FECBA"),
            ("phone_number=%2B14255550183", "D"),
            ("origination_identity=%2B14255550100", "FEDBA"),
            ("origination_identity=+14255550109", "FEC"),
            ("origination_identity=ACME", "FE"),
            ("phone_number=%2B14255550183&origination_identity=%2B14255550109", ""),
            ("action=opt_in", "DB"),
            ("action=opt_in&action=opt_out", "FEDCBA"),
            ("source=web", "C"),
            ("source=web&source=staff", "EC"),
            ("after=2026-07-01T12:02:00Z", "EDC"),
            ("before=2026-07-01T12:02:00%2B00:00", "FBA"),
            ("after=2026-07-01T12:01:00Z&before=2026-07-01T12:03:00Z", "CB"),
            ("phone_number=%2B14255550182&action=opt_out&source=sms", "FA"),
        ],
    )
    def test_filters(self, api: APIClient, query: str, expected: str) -> None:
        _said(word="A")
        _said("opt_in", 1, word="B", source="api")
        _said(minutes=2, word="C", source="web", origination_identity=OTHER_NUMBER)
        _said("opt_in", 3, word="D", phone_number=BOB)
        _said(minutes=4, word="E", source="staff", every_number=True, origination_identity="")
        _said(minutes=-1, word="F", every_number=True)
        assert self._words(api, query) == expected

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("phone_number=Ann", "phone_number"),
            ("phone_number=", "phone_number"),
            ("phone_number=72345&phone_number=72346", "phone_number"),
            ("origination_identity=a+b", "origination_identity"),
            ("action=stop", "action"),
            ("source=post", "source"),
            ("after=yesterday", "after"),
            ("before=2026-07-01T12:00:00", "before"),
            ("word=STOP", "word"),
            ("page_size=0", "page_size"),
            ("cursor=nonsense", "cursor"),
        ],
    )
    def test_a_bad_filter_is_refused_by_name(self, api: APIClient, query: str, field: str) -> None:
        answer = api.get(f"{HISTORY}?{query}")
        assert (answer.status_code, at_fault(answer)) == (400, [field])

    def test_pages_follow_one_another_while_events_are_added(self, api: APIClient) -> None:
        for word in "ABCDE":
            # All of one moment: a campaign's opt-outs may be.
            _said(word=word)
        first = api.get(f"{HISTORY}?page_size=2").json()
        _said(word="F")
        second = api.get(first["next"]).json()
        third = api.get(second["next"]).json()
        pages = ["".join(row["word"] for row in page["results"]) for page in (first, second, third)]
        assert (pages, third["next"]) == (["ED", "CB", "A"], None)

    def test_the_number_of_queries_does_not_grow_with_the_events(
        self, api: APIClient, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        for minute in range(30):
            _said(minutes=minute)
        # Token, user, the page.
        with django_assert_num_queries(3):
            assert len(api.get(f"{HISTORY}?phone_number={ANN}").json()["results"]) == 30


@pytest.mark.usefixtures("number")
class TestLinks:
    def test_a_link_opens_the_page_of_that_phone(self, api: APIClient, settings: Any) -> None:
        settings.PUBLIC_URL = "https://textback.example.com"
        answer = api.post(LINK, ABOUT_ANN)
        assert (answer.status_code, set(answer.json())) == (200, {"url", "expires_at"})
        url = answer.json()["url"]
        assert url.startswith("https://textback.example.com/preferences/")
        link = links.read(url.split("/")[-2])
        assert (link.phone_number, link.origination_identity) == (ANN, OUR_NUMBER)
        assert parse_datetime(answer.json()["expires_at"]) == link.expires_at
        assert not ConsentEvent.objects.exists()

    def test_without_public_url_the_link_is_at_the_host_that_was_asked(self, api: APIClient) -> None:
        url = api.post(LINK, ABOUT_ANN, headers={"host": "localhost:8000"}).json()["url"]
        assert url.startswith("http://localhost:8000/preferences/")

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"phone_number": "72345"}, "phone_number"),
            ({"phone_number": ""}, "phone_number"),
            ({"origination_identity": "+14255550199"}, "origination_identity"),
            ({"origination_identity": ""}, "origination_identity"),
            ({"days": 3000}, "days"),
        ],
    )
    def test_bad_input_is_refused_on_its_field(self, api: APIClient, change: dict[str, Any], field: str) -> None:
        answer = api.post(LINK, {**ABOUT_ANN, **change})
        assert (answer.status_code, at_fault(answer)) == (400, [field])
