"""The OpenAPI schema says what the API does, and its making warns of nothing."""

from typing import Any

import pytest
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema


@pytest.fixture(scope="module")
def schema() -> Any:
    GENERATOR_STATS.reset()
    with GENERATOR_STATS.silence():
        return SchemaGenerator().get_schema(request=None, public=True)


def test_it_is_made_without_warnings_and_is_valid(schema: Any) -> None:
    assert not GENERATOR_STATS
    validate_schema(schema)


def _properties(schema: Any, name: str) -> Any:
    return schema["components"]["schemas"][name]["properties"]


def test_a_price_is_a_decimal_string_that_may_be_null(schema: Any) -> None:
    price = _properties(schema, "Message")["price"]
    assert (price["type"], price["format"]) == (["string", "null"], "decimal") or (
        (price["type"], price["format"], price["nullable"]) == ("string", "decimal", True)
    )


def test_what_is_derived_need_not_be_given(schema: Any) -> None:
    assert schema["components"]["schemas"]["OriginationIdentity"]["required"] == [
        "held_at",
        "held_reason",
        "identity",
        "paused_at",
        "paused_reason",
    ]


def test_every_parameter_of_a_list_is_described(schema: Any) -> None:
    for resource in ("messages", "inbound"):
        parameters = schema["paths"][f"/api/v1/{resource}/"]["get"]["parameters"]
        described = {parameter["name"] for parameter in parameters if parameter.get("description")}
        assert described >= {"phone_number", "status", "conversation", "subject", "after", "before", "page_size"}


def test_times_are_times(schema: Any) -> None:
    parameters = {p["name"]: p["schema"] for p in schema["paths"]["/api/v1/messages/"]["get"]["parameters"]}
    assert parameters["after"] == {"type": "string", "format": "date-time"}


@pytest.mark.django_db
def test_schema_and_documentation_are_served(client: Client) -> None:
    assert client.get("/api/schema/").status_code == 200
    assert client.get("/api/docs/").status_code == 200
