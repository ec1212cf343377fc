"""The API against its own schema: whatever is sent, the answer is one that the schema promises, and never a 5xx.

schemathesis makes the requests, right ones and wrong ones, of every operation there is; a new one cannot escape. They
go through the whole WSGI application, to a database in which a row of each kind can be found. Status, type of body,
headers and body must be those of the schema; by a superuser's token, by the tokens of groups, and without one.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from knox.models import AuthToken
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.openapi import from_dict
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from config import roles
from config.api.documenting import DOOR
from incidents.alerts import tokens
from tests.security.examples import examples
from tests.security.table import API
from tests.security.world import World, world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rows")]

RAW = SchemaGenerator().get_schema(request=None, public=True)
METHODS = ("get", "post", "patch", "put", "delete")
OPERATIONS = [(method, path) for path, ways in RAW["paths"].items() for method in METHODS if method in ways]
# With them little would be done: what is there has another tag.
CONDITIONS = ("If-Match", "If-None-Match", "Idempotency-Key")
# Addresses at which something is: by what they name, and by the resource whose rows have a number.
KNOWN = {
    "incident_id": "123",
    "campaign_id": "july",
    "shift_id": "XYZ123",
    "identity": "+14255550100",
    "phone_number": "+14255550182",
    "word": "HOURS",
    "name": "Night nurses",
    "slug": "monitoring",
}
ROWS = {
    "alerts": "incidents.Alert",
    "maintenance-windows": "incidents.MaintenanceWindow",
    "messages": "messaging.OutboundMessage",
    "inbound": "messaging.InboundMessage",
    "callbacks": "shifts.CallBack",
    "webhook-endpoints": "messaging.WebhookEndpoint",
}


class Application:
    """The whole WSGI application, on the connection of the test: it ends no connection when a request ends."""

    def __init__(self) -> None:
        self._application = get_wsgi_application()

    def __call__(self, environ: Any, start_response: Any) -> list[bytes]:
        signals.request_started.disconnect(close_old_connections)
        signals.request_finished.disconnect(close_old_connections)
        try:
            answer = self._application(environ, start_response)
            try:
                return [b"".join(answer)]
            finally:
                answer.close()
        finally:
            signals.request_started.connect(close_old_connections)
            signals.request_finished.connect(close_old_connections)


@cache
def api() -> Any:
    # Who asks is for these tests to say: where a schema names keys, some of what is made comes without any.
    schema = from_dict(
        RAW
        | {
            "paths": {
                path: {
                    method: {name: what for name, what in operation.items() if name != "security"}
                    for method, operation in ways.items()
                }
                for path, ways in RAW["paths"].items()
            }
        }
    )
    schema.app = Application()
    return schema


@pytest.fixture
def rows(db: None) -> World:
    return world()


def token(user: User) -> dict[str, str]:
    return {"Authorization": f"Token {AuthToken.objects.create(user)[1]}"}


@pytest.fixture
def boss(rows: World) -> dict[str, str]:
    return token(User.objects.create_superuser("fuzzer"))


@pytest.fixture
def source(rows: World) -> dict[str, str]:
    """The token that opens the door of alerts, and nothing else does."""
    return {"Authorization": f"Bearer {tokens.make(rows['incidents.AlertSource'], 'fuzzer', actor='alice')[1]}"}


@pytest.fixture(params=[roles.INCIDENT_STAFF, roles.HR, roles.READ_ONLY])
def member(rows: World, request: pytest.FixtureRequest) -> dict[str, str]:
    user = User.objects.create_user("member")
    user.groups.add(Group.objects.get(name=request.param))
    return token(user)


def found(case: Case[Any], data: Any, rows: World) -> None:
    """Two of three times the address of something that is there, and mostly without a condition."""
    resource = case.path.split("/")[3]
    known: dict[str, Any] = KNOWN | {"event_id": rows["messaging.WebhookDelivery"].event.event_id}
    if resource in ROWS:
        known["id"] = rows[ROWS[resource]].pk
    for name in case.path_parameters:
        if name in known and data.draw(st.integers(0, 2)):
            case.path_parameters[name] = known[name]
    # What the source of the world speaks; else hardly anything would be stored.
    if case.path == DOOR and isinstance(case.body, dict) and data.draw(st.integers(0, 2)):
        case.body |= {"key": "pump", "said": "Pump 4 has stopped"}
    for name in CONDITIONS:
        if data.draw(st.integers(0, 2)):
            case.headers.pop(name, None)


def judge(case: Case[Any], headers: dict[str, str]) -> int:
    """Send it; the answer must be one that was promised. Returns its status."""
    response = case.call(headers=headers)
    case.validate_response(
        response,
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_headers_conformance,
            response_schema_conformance,
        ],
    )
    if response.status_code >= 400:
        assert response.headers["content-type"] == ["application/problem+json"]
    return response.status_code


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_nothing_that_is_sent_is_answered_otherwise_than_promised(
    rows: World, boss: dict[str, str], source: dict[str, str], method: str, path: str, mode: GenerationMode
) -> None:
    operation = api()[path][method.upper()]
    key = source if path == DOOR else boss

    @examples(4)
    @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
    def sent(case: Case[Any], data: Any) -> None:
        found(case, data, rows)
        status = judge(case, key)
        # The token is that of one source; at other addresses it is none.
        assert status not in {401, 403} or (path == DOOR and case.path_parameters["slug"] != KNOWN["slug"])

    try:
        sent()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, "where the schema takes everything, nothing is wrong"


def test_nor_when_somebody_of_a_group_sends_it(rows: World, member: dict[str, str]) -> None:
    answered: set[int] = set()

    def sent(case: Case[Any], data: Any) -> None:
        found(case, data, rows)
        answered.add(judge(case, member))

    for method, path in OPERATIONS:
        _once(method, path, sent)
    # Some of it they may do, some they may not.
    assert {200, 403} <= answered


def test_a_stranger_is_told_nothing(rows: World) -> None:
    def sent(case: Case[Any], data: Any) -> None:
        found(case, data, rows)
        assert judge(case, {}) in {401, 404}

    for method, path in OPERATIONS:
        _once(method, path, sent)


def _once(method: str, path: str, sent: Callable[[Case[Any], Any], None]) -> None:
    strategy = api()[path][method.upper()].as_strategy()
    examples(1)(given(case=strategy, data=st.data())(sent))()


def test_every_operation_is_tried() -> None:
    """The schema has every route of the API: tests/security/test_permissions.py holds the table to the routes."""
    assert len(OPERATIONS) == sum(len(methods) for name, methods in API.items() if name != "api-root")
