"""What a refusal looks like: problem details of RFC 9457, with the fields at fault beside them. Pure.

A field's messages stand twice: by its name, as Django REST framework has them, and in ``errors``, a list that is the
same for every problem. A field whose name RFC 9457 has taken (``status``, ``type`` …) stands in ``errors`` alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

MEDIA_TYPE = "application/problem+json"
ADDRESS = "/api/problems/"
# RFC 9457, section 3.1; and our own list.
TAKEN = frozenset({"type", "title", "status", "detail", "instance", "errors"})
# Where Django REST framework puts what concerns no field.
WHOLE = "non_field_errors"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem. Its name, at the end of ``type``, is what programs may rely on."""

    status: HTTPStatus
    title: str
    what_to_do: str


KINDS: dict[str, Kind] = {
    "invalid": Kind(
        HTTPStatus.BAD_REQUEST,
        "Something in the request is wrong",
        "errors names each field or parameter at fault and says what to do. Nothing was changed.",
    ),
    "parse-error": Kind(
        HTTPStatus.BAD_REQUEST, "The body cannot be read", "Send a body of the type that Content-Type names."
    ),
    "file-refused": Kind(
        HTTPStatus.BAD_REQUEST,
        "There are errors in the file",
        "errors names line, column and what is wrong; total says how many there are. Nothing was imported.",
    ),
    "bad-request": Kind(HTTPStatus.BAD_REQUEST, "The request cannot be understood", "See detail."),
    "not-authenticated": Kind(
        HTTPStatus.UNAUTHORIZED,
        "Who asks is not known",
        "Send the header Authorization: Token …, with a token of ours.",
    ),
    "authentication-failed": Kind(
        HTTPStatus.UNAUTHORIZED,
        "The token is not good",
        "It is wrong, was revoked, has expired, or its user is not active. Somebody with the admin can make another.",
    ),
    "permission-denied": Kind(
        HTTPStatus.FORBIDDEN,
        "The user of the token may not do this",
        "Permissions are those of the user, given in the admin, mostly by a group.",
    ),
    "not-found": Kind(
        HTTPStatus.NOT_FOUND, "There is nothing here", "Look at the address; GET /api/v1/ lists what there is."
    ),
    "method-not-allowed": Kind(
        HTTPStatus.METHOD_NOT_ALLOWED, "This cannot be done here", "The header Allow says what can."
    ),
    "not-acceptable": Kind(HTTPStatus.NOT_ACCEPTABLE, "The answer is JSON", "Accept application/json."),
    "conflict": Kind(
        HTTPStatus.CONFLICT,
        "It contradicts what is already so",
        "detail says what, and what may be done instead. Nothing was changed.",
    ),
    "request-in-progress": Kind(
        HTTPStatus.CONFLICT,
        "A request with this Idempotency-Key is still being worked on",
        "Send it again after the seconds that Retry-After says; its answer is then given again.",
    ),
    "precondition-failed": Kind(
        HTTPStatus.PRECONDITION_FAILED,
        "Somebody else was quicker",
        "It is not what your If-Match names any more. GET it, look, and send the change with the new ETag.",
    ),
    "too-large": Kind(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large", "detail says how large it may be."),
    "unsupported-media-type": Kind(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "A body of this type is not read here",
        "Send JSON, with Content-Type: application/json; lists of employees go as text/csv.",
    ),
    "key-reused": Kind(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "The Idempotency-Key belongs to another request",
        "Make a new key for each request that is not a repetition. Nothing was changed.",
    ),
    "throttled": Kind(
        HTTPStatus.TOO_MANY_REQUESTS, "Too many requests", "Wait for the seconds that Retry-After says, then go on."
    ),
    "internal-error": Kind(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "A fault of ours",
        "It stands in our log. What may have been changed is not known: look, or repeat it with its Idempotency-Key.",
    ),
    "try-again": Kind(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "It cannot be answered now",
        "Nothing is wrong with the request. Send it again after the seconds that Retry-After says.",
    ),
}
_BY_STATUS: dict[int, str] = {
    **{int(kind.status): name for name, kind in reversed(KINDS.items())},
    int(HTTPStatus.BAD_REQUEST): "bad-request",
}


def problem(
    status: int, said: Any, *, code: str = "", instance: str = "", members: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The body of a refusal.

    Args:
        status: of HTTP.
        said: what Django REST framework would answer: ``{"detail": "…"}``, messages by field, or a list of messages.
        code: which kind of problem, as the exception names it; what is no name of a kind is found by status.
        instance: the address that was asked.
        members: more to be said; they take the place of what would be said otherwise.
    """
    name = code.replace("_", "-")
    if name not in KINDS or KINDS[name].status != status:
        name = _BY_STATUS.get(status, "")
    title = KINDS[name].title if name else HTTPStatus(status).phrase
    body: dict[str, Any] = {
        "type": f"{ADDRESS}{name}/" if name else "about:blank",
        "title": title,
        "status": status,
        "detail": title,
        "instance": instance,
    }
    if isinstance(said, Mapping) and isinstance(said.get("detail"), str):
        return body | {"detail": said["detail"]} | dict(members or {})
    fields = dict(said) if isinstance(said, Mapping) else {WHOLE: said}
    errors = list(_errors(fields))
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    if errors:
        field = f"{errors[0]['field']}: " if errors[0]["field"] else ""
        body["detail"] = f"{field}{errors[0]['message']}{more}"
    by_name = {field: messages for field, messages in fields.items() if field not in TAKEN}
    return body | by_name | {"errors": errors} | dict(members or {})


def _errors(said: Any, path: tuple[str, ...] = ()) -> Iterator[dict[str, str]]:
    """Each message with its field, deep ones as ``steps.0.contact``; what concerns none has an empty field."""
    match said:
        case Mapping():
            for name, inner in said.items():
                yield from _errors(inner, path if name == WHOLE else (*path, str(name)))
        case list() | tuple():
            # Messages of one field, or the items of a list each with its own; those without any are empty.
            for position, inner in enumerate(said):
                yield from _errors(inner, path if isinstance(inner, str) else (*path, str(position)))
        case _:
            code = str(getattr(said, "code", "") or "invalid")
            yield {"field": ".".join(path), "code": code, "message": str(said)}
