"""Errors to Sentry, or whatever speaks its protocol, where SENTRY_DSN is set. Else sentry_sdk is not even imported.

What leaves is what the log has, masked as the log is, and less: no variables, no bodies, headers, cookies or queries
of requests, no breadcrumbs of SQL. The ids of request and cause are tags, so that log and event lead to each other.
"""

from typing import Any

from config.masking import masked
from messaging import trace

_DEEPEST = 20
# What a request may keep.
_OF_REQUEST = ("method", "url")
# Arguments of the command line, attributes of log records, whoever is logged in.
_NEVER = ("extra", "user")


def start(dsn: str, *, environment: str) -> None:
    """Send errors there from now on."""
    import sentry_sdk
    from sentry_sdk.integrations.django import DjangoIntegration

    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        # The others would bring arguments of jobs and queries of Redis along.
        auto_enabling_integrations=False,
        integrations=[DjangoIntegration(middleware_spans=False, signals_spans=False, cache_spans=False)],
        before_send=scrubbed,  # type: ignore[arg-type]
        before_breadcrumb=_crumb,
        # Errors only.
        traces_sample_rate=None,
        auto_session_tracking=False,
    )


def scrubbed(event: dict[str, Any], hint: dict[str, Any]) -> dict[str, Any]:
    """An event as it may leave. Pure but for the ids of what goes on."""
    for name in _NEVER:
        event.pop(name, None)
    if "request" in event:
        event["request"] = {name: event["request"][name] for name in _OF_REQUEST if name in event["request"]}
    ids = {"trace": trace.cause().id, "request": trace.request_id()}
    event["tags"] = {**(event.get("tags") or {}), **{name: known for name, known in ids.items() if known}}
    without_numbers: dict[str, Any] = _masked(event, _DEEPEST)
    return without_numbers


def _crumb(crumb: dict[str, Any], hint: dict[str, Any]) -> dict[str, Any] | None:
    """What went before: lines of the log without what was attached to them, and nothing that a library notes."""
    if crumb.get("category") in {"query", "redis"} or crumb.get("type") == "http":
        return None
    return {name: value for name, value in crumb.items() if name != "data"}


def _masked(value: Any, levels: int) -> Any:
    if not levels:
        return "***"
    match value:
        case str():
            return masked(value)
        case dict():
            return {key: _masked(item, levels - 1) for key, item in value.items()}
        case list() | tuple():
            return [_masked(item, levels - 1) for item in value]
        case None | bool() | int() | float():
            return value
    # Dates and the like, and what is only turned into words when it is sent.
    return masked(str(value))
