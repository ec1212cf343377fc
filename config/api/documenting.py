"""What the OpenAPI schema says of all operations alike: refusals, headers, examples, headings, how to begin.

drf-spectacular knows fields, parameters and what is answered when all goes well; the rest follows from the method and
the address, and is written here once.
"""

from http import HTTPStatus
from typing import Any

from config.api.examples import EXAMPLES, REQUESTS
from config.api.introduction import DESCRIPTION, TAGS
from messaging.api import problems
from messaging.api.repeating import LONGEST

_ALWAYS = {400, 401, 403, 406, 429, 500, 503}
_NAMES = {
    status: HTTPStatus(status).name.title().replace("_", "") for status in (*_ALWAYS, 404, 409, 412, 413, 415, 422)
}
# What a status means here is what its problems mean.
_MEANINGS = {
    status: " ".join(f"{kind.title}." for kind in problems.KINDS.values() if kind.status == status) for status in _NAMES
}
_IMPORT = "/api/v1/segments/{name}/import/"
# Monitoring systems deliver here: with a token of their own, which has no rate, and without keys.
DOOR = "/api/v1/alert-sources/{slug}/deliver/"
_SHARED = "#/components/"

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "Problem details (RFC 9457). Each field at fault stands beside these members too, by its name, with "
    "a list of messages; a name that is taken here (status, type …) stands in errors alone.",
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": "Which kind of problem: see its page."},
        "title": {"type": "string", "description": "The kind of problem in words."},
        "status": {"type": "integer", "description": "The status of HTTP."},
        "detail": {"type": "string", "description": "What is wrong here, and what to do."},
        "instance": {"type": "string", "description": "The address that was asked."},
        "errors": {
            "type": "array",
            "description": "Where fields or parameters are at fault: each message.",
            "items": {
                "type": "object",
                "properties": {
                    "field": {
                        "type": "string",
                        "description": "Such as phone_number, or steps.0.contact; empty: the request as a whole.",
                    },
                    "code": {"type": "string", "description": "Such as required, blank, invalid, unique."},
                    "message": {"type": "string", "description": "What is wrong, and what to do."},
                },
                "required": ["field", "code", "message"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "instance"],
    "additionalProperties": True,
}
FILE_REFUSED: dict[str, Any] = {
    "type": "object",
    "description": "A file with errors. Nothing of it was imported.",
    "properties": {
        **{name: PROBLEM["properties"][name] for name in ("type", "title", "status", "detail", "instance")},
        "errors": {
            "type": "array",
            "description": "The first thousand errors.",
            "items": {
                "type": "object",
                "properties": {
                    "line": {"type": "integer", "description": "Of the file; its first line, the header, is 1."},
                    "column": {"type": "string", "description": "As the header writes it; empty: the whole line."},
                    "message": {"type": "string", "description": "What is wrong."},
                },
                "required": ["line", "column", "message"],
            },
        },
        "total": {"type": "integer", "description": "How many errors there are."},
    },
    "required": ["type", "title", "status", "detail", "instance", "errors", "total"],
}
_HEADERS = {
    "ETag": "The tag of what is at this address now, for If-Match and If-None-Match.",
    "RateLimit": 'How many requests are left (r) and for how many seconds (t): "token";r=29998;t=41.',
    "RateLimit-Policy": 'How many requests (q) there are in how many seconds (w): "token";q=30000;w=60.',
    "Retry-After": "Seconds to wait.",
    "Idempotency-Replayed": "true: this was answered before, and nothing was done now.",
}
_PARAMETERS = {
    "IdempotencyKey": (
        "Idempotency-Key",
        "A name of yours for this request, such as a UUID. Sent again within a day, it is answered as the first time.",
        {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": "^[!-~]+$"},
        "8e03978e-40d5-43e8-bc93-6894a57f9324",
    ),
    "IfMatch": (
        "If-Match",
        "The ETag of what you have read. When somebody has changed it since, nothing is changed: 412.",
        {"type": "string", "pattern": '^("[0-9a-f]{32}"|\\*)$'},
        '"5f2c1a7b9d3e4f60a1b2c3d4e5f60718"',
    ),
    "IfNoneMatch": (
        "If-None-Match",
        "The ETag of what you have. While it is still that, the answer is 304 without a body.",
        {"type": "string", "pattern": '^("[0-9a-f]{32}"|\\*)$'},
        '"5f2c1a7b9d3e4f60a1b2c3d4e5f60718"',
    ),
}
# What stands in an address.
_PLACES = {
    "incident_id": "Your id of the incident. Slashes in it may stay as they are.",
    "shift_id": "Code of the shift, in any case.",
    "campaign_id": "Your id of the campaign.",
    "phone_number": "E.164; + may be written as %2B.",
    "identity": "Phone number (+ may be written as %2B), short code or sender ID.",
    "name": "The name, with spaces as %20.",
    "word": "The word, in any case.",
    "id": "As the list says.",
    "slug": "Name of the source, as it stands in the address of its door.",
    "event_id": "Id of the event: the webhook-id that receivers get.",
}
_OF_PAGES = {
    "next": "Address of the next page; null on the last.",
    "previous": "Address of the page before; null on the first.",
    "results": "The rows of this page.",
}


def document(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """A hook of drf-spectacular: the schema with all that."""
    result["info"]["description"] = DESCRIPTION
    result["tags"] = [{"name": name, "description": description} for name, description in TAGS.items()]
    components = result["components"]
    components["schemas"] |= {"ProblemDetails": PROBLEM, "FileRefused": FILE_REFUSED}
    components["responses"] = {_NAMES[status]: _response(status) for status in sorted(_NAMES)}
    components["headers"] = {
        name: {"description": text, "schema": {"type": "string"}} for name, text in _HEADERS.items()
    }
    components["parameters"] = {
        name: {"name": header, "in": "header", "description": text, "schema": schema, "example": example}
        for name, (header, text, schema, example) in _PARAMETERS.items()
    }
    for name, schema in components["schemas"].items():
        if name.startswith("Paginated"):
            for field, text in _OF_PAGES.items():
                schema["properties"][field]["description"] = text
    for path, ways in result["paths"].items():
        for method, operation in ways.items():
            _refusals(path, method, operation)
            _with_headers(path, method, operation)
            _with_examples(path, operation)
    # The order of the page is that of the headings.
    order = list(TAGS)
    by_heading = sorted(result["paths"].items(), key=lambda item: order.index(next(iter(item[1].values()))["tags"][0]))
    return result | {"paths": dict(by_heading)}


def refusals(path: str, method: str) -> set[int]:
    """The statuses of 4xx and 5xx that a method of an address may be answered with."""
    statuses = set(_ALWAYS)
    if "{" in path:
        statuses |= {404}
    if method in {"post", "patch"}:
        statuses |= {413, 415}
    if method in {"post", "patch"} and path != DOOR:
        statuses |= {409}
    if method == "post" and path != DOOR:
        statuses |= {422}
    if method in {"patch", "delete"}:
        statuses |= {412}
    return statuses


def _refusals(path: str, method: str, operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    for status in refusals(path, method):
        said = answers.get(str(status))
        if path == DOOR:
            answers[str(status)] = _response(status, rated=False) | (said or {})
        elif said is None or not said.get("description"):
            answers[str(status)] = {"$ref": f"{_SHARED}responses/{_NAMES[status]}"}
        else:
            # What this operation says of it, in the form of all.
            answers[str(status)] = _response(status) | {"description": said["description"]}
    if "409" in answers and "$ref" not in answers["409"]:
        answers["409"] = _response(409) | {"description": answers["409"]["description"]}
    if path == _IMPORT:
        either = [{"$ref": f"{_SHARED}schemas/{name}"} for name in ("FileRefused", "ProblemDetails")]
        answers["400"] = {
            "description": "There are errors in the file, or the request itself is wrong. Nothing was imported.",
            "content": {problems.MEDIA_TYPE: {"schema": {"anyOf": either}, "example": EXAMPLES["FileRefused"]}},
        }
    if method == "get" and "{" in path:
        answers["304"] = {"description": "It is still what If-None-Match names.", "headers": _headers("ETag")}
    operation["responses"] = dict(sorted(answers.items()))


def _response(status: int, *, rated: bool = True) -> dict[str, Any]:
    names = ["Retry-After"] if status in {409, 429, 503} else []
    names += ["RateLimit"] if rated else []
    name = next(name for name, kind in problems.KINDS.items() if kind.status == status)
    kind = problems.KINDS[name]
    example = EXAMPLES.get(f"{status}") or problems.problem(
        status, {"detail": kind.what_to_do}, code=name, instance="/api/v1/incidents/"
    )
    said: dict[str, Any] = {"description": _MEANINGS[status], "headers": _headers(*names)}
    return said | {
        "content": {problems.MEDIA_TYPE: {"schema": {"$ref": f"{_SHARED}schemas/ProblemDetails"}, "example": example}}
    }


def _headers(*names: str) -> dict[str, Any]:
    return {name: {"$ref": f"{_SHARED}headers/{name}"} for name in names}


def _with_headers(path: str, method: str, operation: dict[str, Any]) -> None:
    single = "{" in path
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path":
            parameter["description"] = _PLACES[parameter["name"]]
    if path == DOOR:
        return
    asked = {"post": ["IdempotencyKey"], "patch": ["IfMatch"], "delete": ["IfMatch"]}.get(method, [])
    if method == "get" and single:
        asked = ["IfNoneMatch"]
    if asked:
        parameters = operation.setdefault("parameters", [])
        parameters += [{"$ref": f"{_SHARED}parameters/{name}"} for name in asked]
    told = ["RateLimit", "RateLimit-Policy"]
    if method == "post":
        told.append("Idempotency-Replayed")
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            tagged = single and method in {"get", "patch"}
            answer["headers"] = _headers(*(["ETag"] if tagged else []), *told)


def _with_examples(path: str, operation: dict[str, Any]) -> None:
    asked = operation.get("requestBody", {})
    for body in (asked, *operation["responses"].values()):
        for media_type, content in body.get("content", {}).items():
            name = _name(content["schema"])
            example = REQUESTS.get(name or media_type) if body is asked else _answer(path, content["schema"])
            if example is not None:
                content["example"] = example


def _name(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "")).rsplit("/", 1)[-1]


def _answer(path: str, schema: dict[str, Any]) -> Any:
    if schema.get("type") == "array":
        one = EXAMPLES.get(_name(schema["items"]))
        return None if one is None else [one]
    name = _name(schema)
    if name.startswith("Paginated"):
        one = EXAMPLES.get(name.removeprefix("Paginated").removesuffix("List"))
        page = {"next": f"https://textback.example.com{path}?cursor=cD01MA%3D%3D", "previous": None}
        return None if one is None else page | {"results": [one]}
    return EXAMPLES.get(name)
