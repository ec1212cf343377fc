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
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.exceptions import NoReverseMatch

from tests.security.table import ACTIONS, ADMIN, API, DOORS, NOBODY, OPEN, STAFF, USER, WORDS, Need
from tests.security.world import World, world

pytestmark = pytest.mark.django_db

METHODS = ("get", "post", "put", "patch", "delete")


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
    assert {pattern.name for pattern in _below("admin/") if pattern.name} == set(ADMIN)


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
    named = {one for need in [*needs, *ACTIONS.values()] if need not in WORDS for one in _single(need)}
    assert named <= _permissions()


# --- people -----------------------------------------------------------------------------------------------------------


def _permissions() -> set[str]:
    return {f"{app}.{code}" for app, code in Permission.objects.values_list("content_type__app_label", "codename")}


def _single(need: Need) -> set[str]:
    """The permissions that a need names."""
    return {one.strip() for part in need for one in part.split("&")}


class People:
    """Makes the people of a test."""

    def __init__(self) -> None:
        self._permissions = {
            f"{one.content_type.app_label}.{one.codename}": one
            for one in Permission.objects.select_related("content_type")
        }

    def who(self, *permissions: str, staff: bool = True, superuser: bool = False) -> Client:
        """Somebody logged in, with these permissions and no others."""
        user = User.objects.create_user(f"person{User.objects.count()}", is_staff=staff, is_superuser=superuser)
        user.user_permissions.set([self._permissions[one] for one in _single(frozenset(permissions))])
        client = Client(raise_request_exception=False)
        client.force_login(user)
        return client

    def all_but(self, need: Need) -> Client:
        """Staff with every other permission."""
        return self.who(*(set(self._permissions) - _single(need)))

    def viewer(self, need: Need) -> Client:
        """Staff who may see the rows that this is about, if that is not enough."""
        models = {(one.split(".")[0], one.split("_", 1)[1]) for one in _single(need)}
        return self.who(*({f"{app}.view_{model}" for app, model in models} & set(self._permissions) - need))


def _denied_by_admin(answer: Any) -> bool:
    # 405 comes before the permission where a page takes one method only, and tells nothing.
    login = answer.status_code == 302 and answer["Location"].startswith(reverse("admin:login"))
    return login or answer.status_code in {403, 405}


def _try(client: Client, method: str, url: str, **data: Any) -> Any:
    """Ask, and take back whatever it changed."""
    with transaction.atomic():
        answer = getattr(client, method)(url, **data)
        transaction.set_rollback(True)
    return answer


def _told(method: str, url: str, who: str, status: int, may: bool) -> str:
    return f"{method} {url}: {who} got {status}, should {'' if may else 'not '}be let in"


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
            for who, client, may in _cases(people, need):
                denied = _denied_by_admin(answer := _try(client, method, url))
                if denied is may or (may and answer.status_code >= 500):
                    wrong.append(
                        f"{method} {url}: {who} got {answer.status_code}, should {'' if may else 'not '}be let in"
                    )
    assert not wrong, "\n".join(wrong)


def _cases(people: People, need: Need) -> Iterator[tuple[str, Client, bool]]:
    """Who tries, and whether they should be let in."""
    yield "anonymous", Client(), need is OPEN
    if need is OPEN:
        return
    yield "an account without the admin", people.who(*_named(need), staff=False), False
    if need is NOBODY:
        yield "a superuser", people.who(superuser=True), False
        return
    yield "staff without permissions", people.who(), need is STAFF
    if need is STAFF:
        return
    yield "staff who may only look", people.viewer(need), False
    yield "staff with every other permission", people.all_but(need), False
    for one in sorted(need):
        yield f"staff with {one}", people.who(one), True


def _named(need: Need) -> list[str]:
    return [] if need in WORDS else sorted(need)


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
    for who, client, may in _cases(people, need):
        done.clear()
        _try(client, "post", url, data=form)
        seeing = f"{app}.view_{model}"
        if may and not done:
            # The permission to act, for somebody who sees the list as well.
            _try(people.who(seeing, *need), "post", url, data=form)
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


# --- the API ----------------------------------------------------------------------------------------------------------

_KEYS = {
    "incident": lambda rows: rows["incidents.Incident"].incident_id,
    "escalation-policy": lambda rows: rows["incidents.EscalationPolicy"].name,
    "shift": lambda rows: rows["shifts.Shift"].shift_id,
    "campaign": lambda rows: rows["shifts.Campaign"].campaign_id,
    "employee": lambda rows: rows["messaging.Contact"].phone_number,
    "segment": lambda rows: rows["shifts.Segment"].name,
    "callback": lambda rows: rows["shifts.CallBack"].pk,
    "origination-identity": lambda rows: rows["messaging.OriginationIdentity"].identity,
    "message": lambda rows: rows["messaging.OutboundMessage"].pk,
    "inbound": lambda rows: rows["messaging.InboundMessage"].pk,
    "keyword": lambda rows: rows["messaging.Keyword"].word,
}


def _api_url(name: str, rows: World) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return reverse(name, args=[_KEYS[name.rpartition("-")[0]](rows)])


@pytest.mark.parametrize("name", sorted(API))
def test_methods_of_the_api(name: str) -> None:
    rows, people = world(), People()
    url = _api_url(name, rows)
    wrong = []
    for method in METHODS:
        need = API[name].get(method, NOBODY)
        for who, client, may in _cases_of_api(people, need):
            status = (
                _try(client, method, url, data={}, content_type="application/json").status_code
                if (method != "get")
                else _try(client, method, url).status_code
            )
            if may is (status in {401, 403, 405}) or status >= 500:
                wrong.append(_told(method, url, who, status, may))
    assert not wrong, "\n".join(wrong)


def _cases_of_api(people: People, need: Need) -> Iterator[tuple[str, Client, bool]]:
    yield "anonymous", Client(), False
    if need is NOBODY:
        yield "a superuser", people.who(superuser=True), False
        return
    yield "a user without permissions", people.who(staff=False), need is USER
    if need is USER:
        return
    yield "a user who may only look", people.viewer(need), False
    yield "a user with every other permission", people.all_but(need), False
    for one in sorted(need):
        yield f"a user with {one}", people.who(one, staff=False), True


def test_a_user_who_is_not_active_any_more_is_nobody() -> None:
    rows, people = world(), People()
    client = people.who(superuser=True)
    User.objects.update(is_active=False)
    assert client.get(_api_url("keyword-list", rows)).status_code == 401
    assert _denied_by_admin(client.get("/admin/"))
