"""The API against its own schema: whatever is sent, the answer is one that the schema or HTTP knows, and never a 5xx.

schemathesis makes the requests, right ones and wrong ones, of every operation there is; a new one cannot escape. They
go through the whole WSGI application, to a database in which a row of each kind can be found.
"""

import json
from functools import cache
from typing import Any

import pytest
from django.contrib.auth.models import User
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
)

from tests.security.examples import examples
from tests.security.world import World, world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("rows")]

RAW = SchemaGenerator().get_schema(request=None, public=True)
METHODS = ("get", "post", "patch", "put", "delete")
OPERATIONS = [(method, path) for path, ways in RAW["paths"].items() for method in METHODS if method in ways]
# Whatever the operation; the schema names those that say more.
ANYWHERE = {400, 401, 403, 404, 405, 406, 415}
# Addresses at which something is.
KNOWN = {
    "incident_id": "123",
    "campaign_id": "july",
    "shift_id": "XYZ123",
    "identity": "+14255550100",
    "phone_number": "+14255550182",
    "word": "HOURS",
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
    schema = from_dict(RAW)
    schema.app = Application()
    return schema


@pytest.fixture
def rows(db: None) -> World:
    return world()


@pytest.fixture
def token(rows: World) -> str:
    return str(AuthToken.objects.create(User.objects.create_superuser("fuzzer"))[1])


def found(case: Case[Any], data: Any) -> None:
    """Two of three times the address of something that is there."""
    for name in case.path_parameters:
        if name in KNOWN and data.draw(st.integers(0, 2)):
            case.path_parameters[name] = KNOWN[name]


def judge(case: Case[Any], headers: dict[str, str]) -> int:
    """Send it; the answer must be one that was promised. Returns its status."""
    response = case.call(headers=headers)
    documented = {int(code) for code in case.operation.definition.raw["responses"]}
    checks = [not_a_server_error, response_headers_conformance]
    if response.status_code in documented:
        checks += [content_type_conformance, response_schema_conformance]
    else:
        assert response.status_code in ANYWHERE, f"{response.status_code} is not in the schema: {response.text[:500]}"
        assert response.headers["content-type"] == ["application/json"]
        assert isinstance(json.loads(response.content), dict | list)
    case.validate_response(response, checks=checks)
    return response.status_code


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_nothing_that_is_sent_is_answered_otherwise_than_promised(
    token: str, method: str, path: str, mode: GenerationMode
) -> None:
    operation = api()[path][method.upper()]

    @examples(4)
    @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
    def sent(case: Case[Any], data: Any) -> None:
        found(case, data)
        judge(case, {"Authorization": f"Token {token}"})

    try:
        sent()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, "where the schema takes everything, nothing is wrong"


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_a_stranger_is_told_nothing(method: str, path: str) -> None:
    operation = api()[path][method.upper()]

    @examples(2)
    @given(case=operation.as_strategy(), data=st.data())
    def sent(case: Case[Any], data: Any) -> None:
        found(case, data)
        assert judge(case, {}) in {401, 404}

    sent()
