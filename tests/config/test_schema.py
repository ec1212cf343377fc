"""The OpenAPI schema as it is served, and as it is committed: others build on it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from django.db import connection
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from jsonschema import Draft4Validator  # type: ignore[import-untyped]

from config.api import schema
from config.api.documenting import DOOR
from config.api.introduction import TAGS
from tests import schema as committed

pytestmark = pytest.mark.django_db

METHODS = ("get", "post", "put", "patch", "delete")


def test_it_is_made_once_for_everybody(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    schema._rendered.cache_clear()
    made: list[int] = []
    make = SchemaGenerator.get_schema

    def noted(generator: SchemaGenerator, *args: object, **kwargs: object) -> object:
        made.append(1)
        return make(generator, *args, **kwargs)

    monkeypatch.setattr(SchemaGenerator, "get_schema", noted)
    answers = [client.get("/api/schema/", HTTP_ACCEPT="application/json") for _ in range(3)]
    assert len(made) == 1
    assert {answer.status_code for answer in answers} == {200}
    assert "/api/v1/incidents/" in json.loads(answers[0].content)["paths"]


def test_it_is_yaml_unless_json_is_asked_for(client: Client) -> None:
    answer = client.get("/api/schema/")
    assert answer["Content-Type"].startswith("application/vnd.oai.openapi")
    as_json = client.get("/api/schema/?format=json")
    assert yaml.safe_load(answer.content) == json.loads(as_json.content)


@pytest.fixture(scope="module")
def whole() -> Any:
    """As it is committed, which is as it is made."""
    return yaml.safe_load(committed.PATH.read_text())


def _operations(whole: Any) -> Iterator[tuple[str, str, Any]]:
    for path, ways in whole["paths"].items():
        for method in METHODS:
            if method in ways:
                yield method, path, ways[method]


def _resolved(whole: Any, node: Any) -> Any:
    while "$ref" in node:
        found = whole
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


@pytest.mark.skipif(connection.vendor != "sqlite", reason="other databases bound whole numbers otherwise")
def test_what_is_committed_is_what_the_code_has() -> None:
    assert committed.differences(committed.PATH.read_text(), committed.generated()) == []


def test_a_difference_is_told_in_words_and_as_a_diff() -> None:
    now = committed.PATH.read_text()
    before = now.replace("/api/v1/keywords/{word}/:", "/api/v1/words/{word}/:", 1)
    told = committed.differences(before, now)
    assert told[0] == "BREAKS CLIENTS: /api/v1/words/{word}/ is gone"
    assert "-  /api/v1/words/{word}/:" in told
    assert "+  /api/v1/keywords/{word}/:" in told


def test_it_is_valid(whole: Any) -> None:
    validate_schema(whole)


def test_headings_are_the_resources_in_the_order_of_the_page(whole: Any) -> None:
    assert [tag["name"] for tag in whole["tags"]] == list(TAGS)
    used = [operation["tags"] for _, _, operation in _operations(whole)]
    assert list(dict.fromkeys(tag for (tag,) in used)) == list(TAGS)
    assert whole["info"]["description"].count("Authorization: Token") == 2


def test_every_operation_and_everything_in_it_is_described(whole: Any) -> None:
    bare = [
        f"{method} {path}" for method, path, one in _operations(whole) if not (one["summary"] and one["description"])
    ]
    for method, path, operation in _operations(whole):
        parameters = [_resolved(whole, one) for one in operation.get("parameters", [])]
        bare += [f"{method} {path} {one['name']}" for one in parameters if not one.get("description")]
    for name, one in whole["components"]["schemas"].items():
        fields = one.get("properties", {}).items()
        bare += [f"{name}.{field}" for field, what in fields if not what.get("description")]
    assert bare == []


def test_operations_have_names_of_their_own(whole: Any) -> None:
    names = [operation["operationId"] for _, _, operation in _operations(whole)]
    assert len(names) == len(set(names))
    assert {"incidents_acknowledge", "campaigns_pause", "segments_import", "consent_link"} <= set(names)


def _bodies(whole: Any) -> Iterator[tuple[str, Any, bool]]:
    for method, path, operation in _operations(whole):
        sent = operation.get("requestBody", {})
        answers = {status: _resolved(whole, one) for status, one in operation["responses"].items()}
        for what, body in {"body": sent, **answers}.items():
            for media_type, content in body.get("content", {}).items():
                yield f"{method} {path} {what} {media_type}", content, what == "body"


def test_everything_has_an_example_that_is_one(whole: Any) -> None:
    components = _without_nullable(whole["components"])
    wrong = []
    for where, content, is_sent in _bodies(whole):
        if "example" not in content:
            wrong.append(f"{where}: no example")
            continue
        if where.endswith(("text/csv", "multipart/form-data")):
            continue
        model = {"allOf": [_without_nullable(content["schema"])], "components": components}
        for problem in Draft4Validator(model).iter_errors(content["example"]):
            missing_is_read_only = is_sent and "is a required property" in problem.message
            if not missing_is_read_only:
                wrong.append(f"{where}: {problem.message}")
        if is_sent:
            model = _resolved(whole, content["schema"])
            fields = model.get("properties", {})
            # The door takes what its source speaks.
            strange = [] if "additionalProperties" in model else sorted(set(content["example"]) - set(fields))
            fixed = [name for name in content["example"] if fields.get(name, {}).get("readOnly")]
            wrong += [f"{where}: {name} cannot be sent" for name in [*strange, *fixed]]
    assert wrong == []


def _without_nullable(node: Any) -> Any:
    """OpenAPI 3.0 writes nullable where JSON Schema has a type more."""
    if isinstance(node, list):
        return [_without_nullable(one) for one in node]
    if not isinstance(node, dict):
        return node
    plain = {name: _without_nullable(one) for name, one in node.items()}
    return {"anyOf": [plain, {"type": "null"}]} if node.get("nullable") is True else plain


def test_refusals_are_documented_as_they_occur(whole: Any) -> None:
    for method, path, operation in _operations(whole):
        refused = {int(status) for status in operation["responses"] if status[0] in "45"}
        assert refused >= {400, 401, 403, 406, 429, 500, 503}, (method, path)
        assert (404 in refused) == ("{" in path)
        assert ({413, 415} <= refused) == (method in {"post", "patch"})
        assert (422 in refused) == (method == "post" and path != DOOR)
        assert (409 in refused) or method in {"get", "delete"} or path == DOOR
        assert (412 in refused) == (method in {"patch", "delete"})
        for status in refused:
            content = _resolved(whole, operation["responses"][str(status)])["content"]
            assert list(content) == ["application/problem+json"]


def test_headers_that_may_be_sent_are_documented(whole: Any) -> None:
    for method, path, operation in _operations(whole):
        headers = {one["name"] for one in map(_part(whole), operation.get("parameters", [])) if one["in"] == "header"}
        single = method == "get" and "{" in path
        wanted = {"post": {"Idempotency-Key"}, "patch": {"If-Match"}, "delete": {"If-Match"}}.get(method, set())
        wanted = {"If-None-Match"} if single else wanted
        assert headers == (set() if path == DOOR else wanted), (method, path)


def test_the_door_of_alerts_is_documented_as_it_is(whole: Any) -> None:
    """A token of its own, no rate, no key; and what it is answered is told by it."""
    door = whole["paths"][DOOR]["post"]
    assert door["security"] == [{"alertSourceToken": []}]
    assert whole["components"]["securitySchemes"]["alertSourceToken"]["scheme"] == "bearer"
    told = {status: _resolved(whole, answer) for status, answer in door["responses"].items()}
    assert sorted(told) == ["202", *map(str, (400, 401, 403, 404, 406, 413, 415, 429, 500, 503))]
    assert {header for answer in told.values() for header in answer.get("headers", {})} == {"Retry-After"}
    assert "turned off" in told["403"]["description"]


def _part(whole: Any) -> Any:
    return lambda node: _resolved(whole, node)
