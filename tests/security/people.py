"""The people of the tests of permissions, and how they try."""

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import Permission, User
from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.security.table import NOBODY, OPEN, STAFF, USER, WORDS, Need

METHODS = ("get", "post", "put", "patch", "delete")


def permissions() -> set[str]:
    return {f"{app}.{code}" for app, code in Permission.objects.values_list("content_type__app_label", "codename")}


def single(need: Need) -> set[str]:
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
        user.user_permissions.set([self._permissions[one] for one in single(frozenset(permissions))])
        client = Client(raise_request_exception=False)
        client.force_login(user)
        return client

    def all_but(self, need: Need) -> Client:
        """Staff with every other permission."""
        return self.who(*(set(self._permissions) - single(need)))

    def viewer(self, need: Need) -> Client:
        """Staff who may see the rows that this is about, if that is not enough."""
        models = {(one.split(".")[0], one.split("_", 1)[1]) for one in single(need)}
        return self.who(*({f"{app}.view_{model}" for app, model in models} & set(self._permissions) - need))


def denied_by_admin(answer: Any) -> bool:
    # 405 comes before the permission where a page takes one method only, and tells nothing.
    login = answer.status_code == 302 and answer["Location"].startswith(reverse("admin:login"))
    return login or answer.status_code in {403, 405}


def attempt(client: Client, method: str, url: str, **data: Any) -> Any:
    """Ask, and take back whatever it changed."""
    with transaction.atomic():
        answer = getattr(client, method)(url, **data)
        transaction.set_rollback(True)
    return answer


def told(method: str, url: str, who: str, status: int, may: bool) -> str:
    return f"{method} {url}: {who} got {status}, should {'' if may else 'not '}be let in"


def cases(people: People, need: Need) -> Iterator[tuple[str, Client, bool]]:
    """Who tries, and whether they should be let in."""
    yield "anonymous", Client(), need is OPEN
    if need is OPEN:
        return
    yield "an account without the admin", people.who(*named(need), staff=False), False
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


def named(need: Need) -> list[str]:
    return [] if need in WORDS else sorted(need)


def cases_of_api(people: People, need: Need) -> Iterator[tuple[str, Client, bool]]:
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
