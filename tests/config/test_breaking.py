"""What of a change to the schema breaks clients, and what does not."""

from copy import deepcopy
from typing import Any

import pytest

from config.api.breaking import broken

ITEM = {"$ref": "#/components/schemas/Item"}
BEFORE: dict[str, Any] = {
    "paths": {
        "/items/": {
            "get": {
                "parameters": [{"in": "query", "name": "status", "schema": {"type": "string", "enum": ["new", "old"]}}],
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"type": "array", "items": ITEM}}}},
                    "404": {"content": {}},
                },
            },
            "post": {
                "requestBody": {"content": {"application/json": {"schema": ITEM}}},
                "responses": {"201": {"content": {"application/json": {"schema": ITEM}}}},
            },
        },
    },
    "components": {
        "schemas": {
            "Item": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "size": {"type": "integer", "readOnly": True},
                    "status": {"allOf": [{"$ref": "#/components/schemas/Status"}], "description": "x"},
                },
                "required": ["name"],
            },
            "Status": {"type": "string", "enum": ["new", "old"]},
        }
    },
}


def _at(document: Any, place: str) -> Any:
    for part in place.split(" "):
        document = document[int(part)] if isinstance(document, list) else document[part]
    return document


_GET, _POST, _ITEM = "paths /items/ get", "paths /items/ post", "components schemas Item"

# where, what is taken away or put there, what is said
CASES: list[tuple[str, Any, list[str]]] = [
    ("paths", {"/items/": None}, ["/items/ is gone"]),
    ("paths /items/", {"post": None}, ["POST /items/ is gone"]),
    (_GET, {"parameters": []}, ["GET /items/: parameter status is gone"]),
    (f"{_GET} parameters 0 schema", {"enum": ["new"]}, ["GET /items/: parameter status: 'old' is not taken any more"]),
    (f"{_GET} parameters 0", {"required": True}, ["GET /items/: parameter status must be given now"]),
    (f"{_POST} requestBody", {"required": True}, ["POST /items/: a body must be sent now"]),
    (f"{_POST} requestBody", {"content": {}}, ["POST /items/: application/json is not read any more"]),
    (f"{_POST} responses", {"201": None}, ["POST /items/: is not answered 201 any more"]),
    (f"{_POST} responses 201", {"content": {}}, ["POST /items/: is not answered as application/json any more"]),
    (
        f"{_ITEM} properties",
        {"name": None},
        [
            "GET /items/, answer 200[]: name is gone",
            "POST /items/, answer 201: name is gone",
            "POST /items/, body: name is not taken any more",
        ],
    ),
    (
        f"{_ITEM} properties",
        {"size": None},
        ["GET /items/, answer 200[]: size is gone", "POST /items/, answer 201: size is gone"],
    ),
    (_ITEM, {"required": ["name", "status"]}, ["POST /items/, body: status must be given now"]),
    (
        f"{_ITEM} properties size",
        {"type": "string"},
        [
            "GET /items/, answer 200[].size: was integer, is string",
            "POST /items/, answer 201.size: was integer, is string",
        ],
    ),
    (
        f"{_ITEM} properties size",
        {"nullable": True},
        ["GET /items/, answer 200[].size: may be null now", "POST /items/, answer 201.size: may be null now"],
    ),
    (
        "components schemas Status",
        {"enum": ["new"]},
        [
            "GET /items/, answer 200[].status: is never 'old' any more",
            "POST /items/, answer 201.status: is never 'old' any more",
            "POST /items/, body.status: 'old' is not taken any more",
        ],
    ),
    # What breaks nobody.
    ("paths", {"/more/": {"get": {"responses": {}}}}, []),
    (f"{_GET} responses", {"404": None, "409": {}}, []),
    (f"{_ITEM} properties", {"colour": {"type": "string"}}, []),
    ("components schemas Status", {"enum": ["new", "old", "older"]}, []),
    (_ITEM, {"required": []}, []),
    (f"{_ITEM} properties name", {"description": "Otherwise"}, []),
    (f"{_GET} parameters 0 schema", {"enum": ["new", "old", "older"]}, []),
]


@pytest.mark.parametrize(("place", "change", "said"), CASES)
def test_changes(place: str, change: dict[str, Any], said: list[str]) -> None:
    now = deepcopy(BEFORE)
    node = _at(now, place)
    for name, value in change.items():
        if value is None:
            del node[name]
        else:
            node[name] = value
    assert broken(BEFORE, now) == said


def test_the_same_breaks_nobody() -> None:
    assert broken(BEFORE, deepcopy(BEFORE)) == []


def test_a_new_parameter_that_must_be_given_breaks() -> None:
    now = deepcopy(BEFORE)
    now["paths"]["/items/"]["get"]["parameters"].append({"in": "query", "name": "of", "required": True, "schema": {}})
    assert broken(BEFORE, now) == ["GET /items/: parameter of must be given now"]
