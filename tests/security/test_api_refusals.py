"""Every refusal below /api/ is problem details: those of views, those before any view, and faults of ours."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import Client
from knox.models import AuthToken
from rest_framework.test import APIClient

from config.security.headers import Headers
from messaging.api import problems
from tests.refusals import at_fault, is_problem
from tests.security.world import world

pytestmark = pytest.mark.django_db

WORDS = "/api/v1/keywords/"


@pytest.fixture
def client() -> APIClient:
    world()
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Token {AuthToken.objects.create(User.objects.create_superuser('boss'))[1]}")
    return client


def kind_of(answer: Any) -> str:
    return str(is_problem(answer)["type"].removeprefix(problems.ADDRESS).strip("/"))


def test_of_views(client: APIClient, settings: Any) -> None:
    nobody, clerk = APIClient(), APIClient()
    clerk.force_authenticate(User.objects.create_user("clerk"))
    guesser = APIClient()
    guesser.credentials(HTTP_AUTHORIZATION=f"Token {'0' * 64}")
    too_much = "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    found = {
        kind_of(answer): answer.status_code
        for answer in (
            client.post(WORDS, {}),
            client.post(WORDS, "{", content_type="application/json"),
            nobody.get(WORDS),
            guesser.get(WORDS),
            clerk.get(WORDS),
            client.get(f"{WORDS}NOTHING/"),
            client.put(f"{WORDS}HOURS/", {}),
            client.get(WORDS, HTTP_ACCEPT="text/html"),
            client.post("/api/v1/incidents/123/resolve/", {}),
            client.patch(f"{WORDS}HOURS/", {"text": "x"}, HTTP_IF_MATCH='"old"'),
            client.post(WORDS, too_much, content_type="application/json"),
            client.post(WORDS, "word=X", content_type="application/x-www-form-urlencoded"),
            client.post("/api/v1/segments/New/import/", "phone_number\nAnn\n", content_type="text/csv"),
        )
    }
    assert found == {
        "invalid": 400,
        "parse-error": 400,
        "not-authenticated": 401,
        "authentication-failed": 401,
        "permission-denied": 403,
        "not-found": 404,
        "method-not-allowed": 405,
        "not-acceptable": 406,
        "conflict": 409,
        "precondition-failed": 412,
        "too-large": 413,
        "unsupported-media-type": 415,
        "file-refused": 400,
    }


def test_a_field_named_as_a_member_is_found(client: APIClient) -> None:
    for answer in (client.get("/api/v1/messages/?status=lost"), client.get("/api/v1/messages/?type=x")):
        (error,) = answer.json()["errors"]
        assert at_fault(answer) == [error["field"]]
        assert (error["field"] in {"status", "type"}, answer.json()["status"]) == (True, 400)
        assert answer.json()["type"].startswith("/api/problems/")


def test_fields_that_are_deep(client: APIClient) -> None:
    steps = [{"contact": "+14255550182"}, {"contact": ["Ann"], "colour": 1}]
    answer = client.post("/api/v1/escalation-policies/", {"name": "Days", "steps": steps})
    assert at_fault(answer) == ["steps.1.colour"]
    said = "There is no such field. There are: contact, wait_seconds, reminders."
    assert answer.json()["steps"] == {"1": {"colour": [said]}}


def test_a_file_is_told_by_line(client: APIClient) -> None:
    answer = client.post("/api/v1/segments/New/import/", "phone_number\n+14255550182\nAnn\n", content_type="text/csv")
    body = is_problem(answer)
    assert [error["line"] for error in body["errors"]] == [3]
    assert set(body["errors"][0]) == {"line", "column", "message"}
    assert (body["total"], body["detail"].startswith("Line 3: ")) == (1, True)


def test_a_fault_of_ours(client: APIClient, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the reason, which is for the log")

    monkeypatch.setattr("messaging.api.keywords.Keywords.get_queryset", broken)
    answer = client.get(WORDS)
    assert (kind_of(answer), answer.status_code) == ("internal-error", 500)
    assert b"the reason" not in answer.content


def test_a_database_that_is_away_outside_views(client: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(Headers, "process_response", away)
    monkeypatch.setattr("config.security.numbers._may_see", away)
    answer = client.get(WORDS)
    assert (kind_of(answer), answer["Retry-After"]) == ("try-again", "10")


def test_what_is_refused_before_any_view() -> None:
    assert kind_of(Client().get("/api/v1/keywords/", HTTP_HOST="evil.example")) == "bad-request"
    assert kind_of(Client().get("/api/nothing/")) == "not-found"


def test_elsewhere_pages_stay_pages(client: APIClient) -> None:
    assert client.get("/nothing/")["Content-Type"].startswith("text/html")


def test_a_session_without_the_token_of_its_forms() -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(User.objects.create_superuser("boss"))
    answer = browser.post(WORDS, {"word": "X", "text": "x"}, content_type="application/json")
    assert (kind_of(answer), "CSRF" in answer.json()["detail"]) == ("permission-denied", True)


@pytest.mark.parametrize("name", sorted(problems.KINDS))
def test_type_leads_to_a_page_that_says_what_to_do(name: str) -> None:
    answer = Client().get(f"{problems.ADDRESS}{name}/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert problems.KINDS[name].what_to_do in answer.content.decode()


def test_a_kind_that_there_is_not() -> None:
    assert kind_of(Client().get("/api/problems/none/")) == "not-found"
