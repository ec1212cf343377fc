"""Every route asks for a token, and for the permission its method needs. All are walked: a new one cannot escape."""

import re
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Permission
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from tests.messaging.api.conftest import ClientWith

# (path, method) → the permission that it needs. The paths of messaging; other apps have tables of their own.
NEEDS = {
    ("contacts/", "get"): "view_contact",
    ("contacts/", "post"): "add_contact",
    ("contacts/{phone_number}/", "get"): "view_contact",
    ("contacts/{phone_number}/", "patch"): "change_contact",
    ("event-types/", "get"): "view_webhookevent",
    ("events/", "get"): "view_webhookevent",
    ("events/{event_id}/", "get"): "view_webhookevent",
    ("events/{event_id}/redeliver/", "post"): "change_webhookendpoint",
    ("inbound/", "get"): "view_inboundmessage",
    ("inbound/{pk}/", "get"): "view_inboundmessage",
    ("keywords/", "get"): "view_keyword",
    ("keywords/", "post"): "add_keyword",
    ("keywords/{word}/", "get"): "view_keyword",
    ("keywords/{word}/", "patch"): "change_keyword",
    ("keywords/{word}/", "delete"): "delete_keyword",
    ("messages/", "get"): "view_outboundmessage",
    ("messages/{pk}/", "get"): "view_outboundmessage",
    ("origination-identities/", "get"): "view_originationidentity",
    ("origination-identities/", "post"): "add_originationidentity",
    ("origination-identities/{identity}/", "get"): "view_originationidentity",
    ("origination-identities/{identity}/", "patch"): "change_originationidentity",
    ("origination-identities/{identity}/resume/", "post"): "change_originationidentity",
    ("webhook-endpoints/", "get"): "view_webhookendpoint",
    ("webhook-endpoints/", "post"): "add_webhookendpoint",
    ("webhook-endpoints/{pk}/", "get"): "view_webhookendpoint",
    ("webhook-endpoints/{pk}/", "patch"): "change_webhookendpoint",
    ("webhook-endpoints/{pk}/", "delete"): "delete_webhookendpoint",
    ("webhook-endpoints/{pk}/redeliver/", "post"): "change_webhookendpoint",
    ("webhook-endpoints/{pk}/rotate/", "post"): "change_webhookendpoint",
    ("webhook-endpoints/{pk}/test/", "post"): "change_webhookendpoint",
}
# A source's own token opens it, and no account's.
DOOR = "alert-sources/{slug}/deliver/"


def _patterns(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        path = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, path)
        else:
            yield path, entry


def _readable(path: str) -> str:
    without_groups = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", path.split("api/v1/", 1)[1])
    return without_groups.replace("^", "").replace("$", "")


def _routes() -> dict[tuple[str, str], str]:
    """(path, method) → package of its view, of everything below /api/v1/ except the list of resources."""
    found = {}
    for path, pattern in _patterns(get_resolver()):
        if not path.startswith("api/v1/") or "format" in path or pattern.name == "api-root":
            continue
        view = pattern.callback.cls  # type: ignore[attr-defined]
        for method in pattern.callback.actions:  # type: ignore[attr-defined]
            if method in view.http_method_names and method not in {"head", "options"}:
                found[_readable(path), method] = view.__module__.split(".")[0]
    return found


ROUTES = sorted(_routes())


def _url(path: str) -> str:
    path = path.replace("{identity}", "+14255550100").replace("{word}", "HOURS")
    return "/api/v1/" + re.sub(r"\{\w+\}", "1", path)


def test_the_table_names_every_route_of_messaging_and_no_other() -> None:
    assert {route for route, app in _routes().items() if app == "messaging"} == set(NEEDS)


def test_every_route_below_the_api_was_found_by_the_walk() -> None:
    assert len(ROUTES) >= len(NEEDS)
    assert all("(" not in path for path, _ in ROUTES)


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "method"), ROUTES)
def test_without_a_token_the_answer_is_401(path: str, method: str) -> None:
    answer = getattr(APIClient(), method)(_url(path))
    asked = 'Bearer realm="alerts"' if path == DOOR else "Token"
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, asked)


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "method"), ROUTES)
def test_with_an_unknown_token_the_answer_is_401(path: str, method: str) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION="Token 0123456789")
    assert getattr(client, method)(_url(path)).status_code == 401


@pytest.mark.parametrize(("path", "method"), ROUTES)
def test_without_any_permission_the_answer_is_403(client_with: ClientWith, path: str, method: str) -> None:
    # No account opens that door, so none has too few permissions.
    refused = 401 if path == DOOR else 403
    assert getattr(client_with(), method)(_url(path)).status_code == refused


@pytest.mark.parametrize(("path", "method"), sorted(NEEDS))
def test_with_every_other_permission_of_the_resource_the_answer_is_403(
    client_with: ClientWith, path: str, method: str
) -> None:
    needed = NEEDS[path, method]
    model = needed.split("_")[1]
    others = {f"{verb}_{model}" for verb in ("view", "add", "change", "delete")} - {needed}
    # Nobody adds an event by hand: some models have fewer.
    others = set(Permission.objects.filter(codename__in=others).values_list("codename", flat=True))
    assert getattr(client_with(*others), method)(_url(path)).status_code == 403


@pytest.mark.parametrize(("path", "method"), sorted(NEEDS))
def test_with_the_permission_the_request_is_heard(client_with: ClientWith, path: str, method: str) -> None:
    answer = getattr(client_with(NEEDS[path, method]), method)(_url(path))
    assert answer.status_code not in {401, 403, 405}


@pytest.mark.parametrize("path", ["messages/", "inbound/", "messages/1/", "inbound/1/"])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_history_cannot_be_written(api: APIClient, path: str, method: str) -> None:
    assert getattr(api, method)(_url(path), {}).status_code == 405
