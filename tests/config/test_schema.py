"""The OpenAPI schema as it is served."""

import json

import pytest
import yaml
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from config.api import schema

pytestmark = pytest.mark.django_db


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
