"""Every page, action and method is in the table, and does what the table says for seven kinds of people.

Anonymous; an account that may not log in to the admin, though it has the permission; staff without permissions; staff
who may only look at this kind of row; staff with every permission but the one; staff with nothing but the one; and,
where nobody may, a superuser.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.exceptions import NoReverseMatch

from tests.security.people import METHODS, People, attempt, cases, denied_by_admin, named, permissions, single, told
from tests.security.table import ACTIONS, ADMIN, API, DOORS, NOBODY, OPEN, STAFF, WORDS
from tests.security.world import World, world

pytestmark = pytest.mark.django_db

# --- the walk ---------------------------------------------------------------------------------------------------------


def _routes(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        path = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _routes(entry, path)
        else:
            yield path, entry


ROUTES = list(_routes(get_resolver()))


def _below(prefix: str) -> list[URLPattern]:
    return [pattern for path, pattern in ROUTES if path.startswith(prefix)]


def test_every_page_of_the_admin_is_in_the_table() -> None:
    found = [pattern.name for pattern in _below("admin/") if pattern.name]
    # A second page of the same name would not be asked for.
    assert sorted(found) == sorted(ADMIN)


def test_routes_of_the_admin_without_a_name_only_redirect() -> None:
    unnamed = [pattern.callback for pattern in _below("admin/") if not pattern.name]
    kinds = {getattr(view, "__wrapped__", view).__qualname__ for view in unnamed}
    assert kinds == {"AdminSite.catch_all_view", "View.as_view.<locals>.view"}
    shown = {view.view_class.__name__ for view in unnamed if hasattr(view, "view_class")}
    assert shown <= {"RedirectView"}


def test_every_method_of_the_api_is_in_the_table() -> None:
    found: dict[str, set[str]] = {}
    for pattern in _below("api/v1/"):
        view = pattern.callback
        asked = set(getattr(view, "actions", None) or {"get"}) & set(view.cls.http_method_names)  # type: ignore[attr-defined]
        found.setdefault(str(pattern.name), set()).update(asked - {"head", "options"})
    assert found == {name: set(methods) for name, methods in API.items()}


def test_everything_else_is_a_door_with_a_reason() -> None:
    others = [(path, one) for path, one in ROUTES if not path.startswith(("admin/", "api/v1/"))]
    assert {one.name for _, one in others if one.name} == set(DOORS)
    # The root, the simulator's address in the demo, and what answers 404 below api/.
    assert {path for path, one in others if not one.name} <= {"", "simulator/", "^api/"}


def test_every_action_on_chosen_rows_is_in_the_table() -> None:
    request = RequestFactory().get("/")
    request.user = User(is_superuser=True, is_active=True, is_staff=True)
    found = {
        (model._meta.label, name)
        for model, page in admin.site._registry.items()
        for name in page.get_actions(request)
        # What nobody may delete has no such action for anybody.
        if name != "delete_selected" or page.has_delete_permission(request)
    }
    assert found == set(ACTIONS)


def test_every_permission_of_the_table_exists() -> None:
    needs = [need for table in (ADMIN, API) for methods in table.values() for need in methods.values()]
    mentioned = {one for need in [*needs, *ACTIONS.values()] if need not in WORDS for one in single(need)}
    assert mentioned <= permissions()


# --- the admin --------------------------------------------------------------------------------------------------------

_DETAIL = {
    "view_on_site": lambda rows: [ContentType.objects.get_for_model(User).pk, rows["auth.User"].pk],
    "app_list": lambda rows: ["shifts"],
}
_QUESTIONS = {
    "autocomplete": "?app_label=incidents&model_name=policystep&field_name=contacts&term=",
    "search": "?s=contact",
}


def _model(name: str) -> str:
    """The part of a route's name that names its model, or nothing."""
    models = (f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry)
    return next((model for model in models if name.startswith(f"{model}_")), "")


def _url(name: str, rows: World) -> str:
    route = f"admin:{name}"
    if name in _DETAIL:
        return reverse(route, args=_DETAIL[name](rows))
    try:
        return reverse(route) + _QUESTIONS.get(name, "")
    except NoReverseMatch:
        label = next(label for label in rows.rows if label.lower().replace(".", "_") == _model(name))
        return reverse(route, args=[rows[label].pk])


GROUPS = [(model or "site", list(names)) for model, names in groupby(sorted(ADMIN, key=_model), key=_model)]


@pytest.mark.parametrize(("model", "names"), GROUPS, ids=[model for model, _ in GROUPS])
def test_pages_of_the_admin(model: str, names: list[str]) -> None:
    rows, people = world(), People()
    wrong = []
    for name in names:
        url = _url(name, rows)
        for method, need in ADMIN[name].items():
            for who, client, may in cases(people, need):
                denied = denied_by_admin(answer := attempt(client, method, url))
                if denied is may or (may and answer.status_code >= 500):
                    wrong.append(told(method, url, who, answer.status_code, may))
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("model", "names"), GROUPS, ids=[model for model, _ in GROUPS])
def test_methods_that_the_table_does_not_name(model: str, names: list[str]) -> None:
    """Django's pages mostly answer them as GET: then for the same people, and they change nothing."""
    rows, people = world(), People()
    wrong = []
    for name in names:
        url = _url(name, rows)
        reading = ADMIN[name].get("get", NOBODY)
        # In and out of the admin anybody may go.
        if OPEN in ADMIN[name].values():
            continue
        strangers = [("anonymous", Client())]
        if reading is not STAFF:
            strangers.append(("staff without permissions", people.who()))
        readers = [(f"staff with {one}", people.who(one)) for one in sorted(named(reading))]
        if reading is STAFF:
            readers.append(("staff without permissions", people.who()))
        for method in sorted(set(METHODS) - set(ADMIN[name])):
            for who, client in strangers:
                if not denied_by_admin(answer := attempt(client, method, url)):
                    wrong.append(told(method, url, who, answer.status_code, may=False))
            for who, client in readers:
                if written := _written(client, method, url):
                    wrong.append(f"{method} {url}: {who}, who may only read, made it write: {written}")
    assert not wrong, "\n".join(wrong)


def _written(client: Client, method: str, url: str) -> list[str]:
    """What a request wrote to the database."""
    with CaptureQueriesContext(connection) as queries:
        attempt(client, method, url)
    return [one["sql"] for one in queries if one["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


@pytest.mark.parametrize(("label", "action"), sorted(ACTIONS))
def test_actions_on_chosen_rows(label: str, action: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rows, people = world(), People()
    need = ACTIONS[label, action]
    page = next(page for model, page in admin.site._registry.items() if model._meta.label == label)
    app, model = label.lower().split(".")
    form = {"action": action, "_selected_action": [rows[label].pk]}
    url = reverse(f"admin:{app}_{model}_changelist")
    done: list[str] = []
    _record(monkeypatch, page, action, done)
    for who, client, may in cases(people, need):
        done.clear()
        attempt(client, "post", url, data=form)
        seeing = f"{app}.view_{model}"
        if may and not done:
            # The permission to act, for somebody who sees the list as well.
            attempt(people.who(seeing, *need), "post", url, data=form)
        assert bool(done) is may, who


def _record(monkeypatch: pytest.MonkeyPatch, page: Any, action: str, done: list[str]) -> None:
    """Note that an action was reached; what it does is for other tests."""
    real = type(page).get_actions

    def get_actions(self: Any, request: Any) -> Any:
        def reached(*arguments: Any) -> None:
            done.append(action)

        offered = real(self, request)
        return offered | ({action: (reached, *offered[action][1:])} if action in offered else {})

    monkeypatch.setattr(type(page), "get_actions", get_actions)


def test_search_finds_nothing_for_who_may_see_nothing() -> None:
    world()
    people = People()
    found = people.who("messaging.view_contact").get("/admin/search/?s=contact").content.decode()
    assert "/admin/messaging/contact/" in found
    found = people.who().get("/admin/search/?s=contact").content.decode()
    assert "/admin/" not in found
