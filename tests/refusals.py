"""Refusals of the API, as every one must look."""

from typing import Any

from messaging.api import problems


def at_fault(answer: Any) -> list[str]:
    """The fields that a refusal of 400 names, in its order; deep ones as ``steps.0.contact``.

    Each stands at the top as well, with its messages, unless RFC 9457 has taken its name.
    """
    body = is_problem(answer)
    assert answer.status_code == 400, (answer.status_code, body)
    fields = list(dict.fromkeys(error["field"] for error in body["errors"]))
    tops = {field.partition(".")[0] or problems.WHOLE for field in fields}
    assert set(body) - problems.TAKEN == tops - problems.TAKEN, body
    return fields


def is_problem(answer: Any) -> dict[str, Any]:
    """The body of a refusal; it must be problem details, of a kind that there is."""
    assert answer["Content-Type"] == problems.MEDIA_TYPE
    body: dict[str, Any] = answer.json()
    assert body["status"] == answer.status_code
    kind = problems.KINDS[body["type"].removeprefix(problems.ADDRESS).removesuffix("/")]
    assert (kind.status, kind.title) == (answer.status_code, body["title"])
    assert body["detail"]
    assert body["instance"].startswith("/api/")
    return body
