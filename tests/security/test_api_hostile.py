"""What is hostile in every field of every body alike, and the API when it cannot tell who has opted out."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from knox.models import AuthToken
from rest_framework.test import APIClient

from config.api.documenting import DOOR
from messaging.outbound import guards
from optout.guard import Consent
from shifts.api import people as people_api
from tests.messaging.factories import ANN, OUR_NUMBER
from tests.refusals import at_fault
from tests.security.world import world

pytestmark = pytest.mark.django_db

SCHEMA = SchemaGenerator().get_schema(request=None, public=True)
KNOWN = {
    "incident_id": "123",
    "campaign_id": "draft",
    "shift_id": "XYZ123",
    "identity": OUR_NUMBER,
    "phone_number": ANN,
    "word": "HOURS",
    "name": "Nights",
    "slug": "monitoring",
    "id": "1",
}
DEEP = "[" * 5000 + "]" * 5000
HOSTILE = {
    "NUL": '"a\\u0000b"',
    "half a surrogate pair": '"a\\ud83d"',
    "a huge integer": "9" * 400,
    "a huge number": "1e400",
    "not a number": "NaN",
    "a number beyond what Python reads": "9" * 5000,
    "deep": "[" * 100 + "]" * 100,
    "deeper than Python reads": DEEP,
    "an object": '{"a": 1}',
    "an object of half a surrogate pair": '{"\\ud83d": 1}',
    "a list of everything": '[null, true, 1, "x", [], {}]',
    "a long text": json.dumps("x" * 100_000),
}
TAKEN = {"a long text", "a huge integer", "a huge number", "not a number", "a number beyond what Python reads"}


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        found: dict[str, Any] = SCHEMA["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        return found
    return schema


def _bodies() -> list[tuple[str, str, tuple[str, ...]]]:
    """(method, path, names of its fields) of every operation with a JSON body."""
    found = []
    for path, ways in SCHEMA["paths"].items():
        for method, operation in ways.items():
            content = operation.get("requestBody", {}).get("content", {})
            # What comes to the door of alerts has fields of others: tests/incidents/alerts/test_door.py.
            if "application/json" in content and path != DOOR:
                names = _resolved(content["application/json"]["schema"]).get("properties", {})
                found.append((method, path, tuple(names)))
    return sorted(found)


BODIES = _bodies()


@pytest.fixture
def client() -> APIClient:
    world()
    client = APIClient(raise_request_exception=False)
    token = AuthToken.objects.create(User.objects.create_superuser("fuzzer"))[1]
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    return client


def send(client: APIClient, method: str, path: str, content: str) -> Any:
    return client.generic(method.upper(), path.format(**KNOWN), content, content_type="application/json")


def is_refused(answer: Any) -> bool:
    # An address at which nothing is comes before what was sent to it.
    return answer.status_code in {400, 404, 409} and isinstance(json.loads(answer.content), dict | list)


def test_every_operation_with_a_body_is_known() -> None:
    assert len(BODIES) >= 30


@pytest.mark.parametrize(("method", "path", "names"), BODIES, ids=lambda value: value if isinstance(value, str) else "")
def test_in_every_field(client: APIClient, method: str, path: str, names: tuple[str, ...]) -> None:
    for name in names:
        for what, value in HOSTILE.items():
            answer = send(client, method, path, f'{{"{name}": {value}}}')
            # A text may be long, and a number where a text is meant is its digits; nothing takes the rest.
            taken = what in TAKEN and answer.status_code in {200, 201}
            assert taken or is_refused(answer), (name, what, answer.status_code, answer.content[:200])


@pytest.mark.parametrize(("method", "path", "names"), BODIES, ids=lambda value: value if isinstance(value, str) else "")
def test_in_place_of_the_body(client: APIClient, method: str, path: str, names: tuple[str, ...]) -> None:
    for value in (*HOSTILE.values(), "", "{", "null", "[]", "\ufeff{}", '"', "1"):
        answer = send(client, method, path, value)
        assert answer.status_code < 500, (value[:20], answer.status_code)


@pytest.mark.parametrize(("method", "path", "names"), BODIES, ids=lambda value: value if isinstance(value, str) else "")
def test_unknown_fields_are_refused(client: APIClient, method: str, path: str, names: tuple[str, ...]) -> None:
    for name in ("no_such_field", "\\ud83d", "\\u0000", "__class__", ""):
        answer = send(client, method, path, f'{{"{name}": 1}}')
        assert is_refused(answer), (name, answer.status_code)
    answer = send(client, method, path, '{"no_such_field": 1}')
    assert answer.status_code == 404 or "no_such_field" in answer.json()


@pytest.mark.parametrize(
    "url",
    [
        *("javascript:alert(1)", "JavaScript:1", " javascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///x"),
        *("https:x", "http:/x", "ftp://example.com", "java-script:x", "x.y:z"),
    ],
)
def test_a_link_that_would_run_something_is_none(client: APIClient, url: str) -> None:
    body = {"incident_id": "777", "description": "x", "url": url, "first_contact": ANN}
    answer = client.post("/api/v1/incidents/", body)
    assert answer.status_code == 400
    assert at_fault(answer) == ["url"]


@pytest.mark.parametrize(
    "url", ["https://example.com/r", "HTTP://example.com", "example.com/r", "example.com:8080/x", "no url", "", None]
)
def test_a_link_that_people_can_follow_or_none(client: APIClient, url: str | None) -> None:
    body = {"incident_id": "777", "description": "x", "url": url, "first_contact": ANN}
    assert client.post("/api/v1/incidents/", body).status_code == 201


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing/", "/api/v1/nothing", "/api/", "/api/v2/incidents/", "/api/v1/a/b/c/"]
)
@pytest.mark.parametrize("method", ["get", "post", "delete"])
@pytest.mark.parametrize("debug", [True, False])
def test_where_nothing_is_the_answer_is_json(settings: Any, path: str, method: str, debug: bool) -> None:
    settings.DEBUG = debug
    answer = getattr(Client(enforce_csrf_checks=True), method)(path)
    assert (answer.status_code, answer["content-type"]) == (404, "application/problem+json")
    assert "/api/v1/" in answer.json()["detail"]


def test_an_address_without_its_slash(client: APIClient) -> None:
    """Django's redirect would make a GET of a POST: answered with a list, as if the incident had been opened."""
    assert (
        client.get("/api/v1/incidents?status=acknowledged")
        .headers["location"]
        .endswith("/incidents/?status=acknowledged")
    )
    answer = client.post("/api/v1/incidents", {"incident_id": "777", "description": "x", "first_contact": ANN})
    assert (answer.status_code, answer.json()["detail"]) == (404, "The address ends in a slash: /api/v1/incidents/")


@pytest.mark.parametrize("unable", [guards.CannotTell, guards.CannotBeTold])
def test_while_a_guard_cannot_be_asked_the_answer_says_what_to_do(
    client: APIClient, monkeypatch: pytest.MonkeyPatch, unable: type[guards.CannotTell | guards.CannotBeTold]
) -> None:
    def unreadable(*_: object) -> None:
        raise unable(Consent(), OperationalError("disk I/O error"))

    monkeypatch.setattr(people_api.EmployeeViewSet, "get_queryset", unreadable)
    answer = client.get("/api/v1/employees/")
    assert (answer.status_code, answer["retry-after"]) == (503, "10")
    assert "opted out" in answer.json()["detail"]
    assert "Send it again" in answer.json()["detail"]


def test_while_consent_cannot_be_read(client: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(*_: object) -> None:
        raise OperationalError("disk I/O error")

    monkeypatch.setattr("optout.selectors.standing_with", unreadable)
    answer = client.get("/api/v1/consent/", {"phone_number": ANN, "origination_identity": OUR_NUMBER})
    assert answer.status_code == 503
    assert "Send it again" in answer.json()["detail"]


def test_while_the_database_cannot_be_used(client: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(people_api.EmployeeViewSet, "get_queryset", locked)
    answer = client.get("/api/v1/employees/")
    assert (answer.status_code, answer["retry-after"]) == (503, "10")
