"""What a refusal looks like: RFC 9457, and the fields at fault beside it."""

from typing import Any

import pytest
from rest_framework.exceptions import ErrorDetail

from messaging.api.problems import KINDS, TAKEN, problem

REQUIRED = ErrorDetail("This field is required.", code="required")


def _told(said: Any, status: int = 400, **more: Any) -> dict[str, Any]:
    return problem(status, said, instance="/api/v1/x/", **more)


def test_a_sentence() -> None:
    assert _told({"detail": "They hold this shift already."}, 409, code="conflict") == {
        "type": "/api/problems/conflict/",
        "title": "It contradicts what is already so",
        "status": 409,
        "detail": "They hold this shift already.",
        "instance": "/api/v1/x/",
    }


def test_a_field_stands_at_the_top_and_in_errors() -> None:
    told = _told({"phone_number": [REQUIRED]}, code="invalid")
    assert told == {
        "type": "/api/problems/invalid/",
        "title": "Something in the request is wrong",
        "status": 400,
        "detail": "phone_number: This field is required.",
        "instance": "/api/v1/x/",
        "phone_number": ["This field is required."],
        "errors": [{"field": "phone_number", "code": "required", "message": "This field is required."}],
    }


@pytest.mark.parametrize("name", sorted(TAKEN))
def test_a_field_whose_name_is_taken_stands_in_errors_alone(name: str) -> None:
    told = _told({name: [REQUIRED], "note": [REQUIRED]}, code="invalid")
    assert (told["type"], told["status"], told["instance"]) == ("/api/problems/invalid/", 400, "/api/v1/x/")
    assert told["title"] == "Something in the request is wrong"
    assert isinstance(told["detail"], str)
    assert [(error["field"], error["message"]) for error in told["errors"]] == [
        (name, "This field is required."),
        ("note", "This field is required."),
    ]
    assert told["note"] == ["This field is required."]


@pytest.mark.parametrize(
    ("said", "errors"),
    [
        # A field named detail, with its messages, is no sentence.
        ({"detail": ["wrong"]}, [("detail", "wrong")]),
        ({"a": ["x", "y"]}, [("a", "x"), ("a", "y")]),
        ({"steps": [{}, {"contact": ["x"]}]}, [("steps.1.contact", "x")]),
        ({"segments": {"0": ["x"]}}, [("segments.0", "x")]),
        ({"steps": {"non_field_errors": ["x"]}}, [("steps", "x")]),
        ({"non_field_errors": ["x"]}, [("", "x")]),
        (["x", "y"], [("", "x"), ("", "y")]),
        ({"a": "x"}, [("a", "x")]),
        ({}, []),
    ],
)
def test_errors_are_one_list_however_deep(said: Any, errors: list[tuple[str, str]]) -> None:
    told = _told(said, code="invalid")
    assert [(error["field"], error["message"]) for error in told["errors"]] == errors
    assert told["detail"]


def test_how_many_more_there_are_is_told() -> None:
    assert _told({"a": ["x"], "b": ["y", "z"]})["detail"] == "a: x (and 2 more)"


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (404, "", "not-found"),
        (404, "not_found", "not-found"),
        (400, "", "bad-request"),
        (401, "not_authenticated", "not-authenticated"),
        (401, "authentication_failed", "authentication-failed"),
        (409, "request_in_progress", "request-in-progress"),
        (409, "something of somebody's", "conflict"),
        # A name that goes with another status is not believed.
        (403, "conflict", "permission-denied"),
        (503, "consent_unreadable", "try-again"),
        (503, "opt_outs_not_recorded", "try-again"),
    ],
)
def test_kinds(status: int, code: str, kind: str) -> None:
    assert _told({"detail": "x"}, status, code=code)["type"] == f"/api/problems/{kind}/"


def test_a_status_that_we_never_give_is_about_blank() -> None:
    told = _told({"detail": "x"}, 418)
    assert (told["type"], told["title"]) == ("about:blank", "I'm a Teapot")


def test_more_members_take_their_place() -> None:
    told = _told({"detail": "Line 3: …"}, code="file_refused", members={"errors": [{"line": 3}], "total": 7})
    assert (told["type"], told["errors"], told["total"]) == ("/api/problems/file-refused/", [{"line": 3}], 7)


def test_every_kind_says_what_to_do() -> None:
    assert all(kind.title and kind.what_to_do.endswith(".") for kind in KINDS.values())
