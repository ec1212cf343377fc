"""The sidebar: what is marked, and what waits beside it, for those who see it and no further than anybody reads."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from config import sidebar
from messaging import clock
from messaging.models import Lane, OriginationIdentity
from tests.messaging.api.rows import inbound

pytestmark = pytest.mark.django_db

INBOX = "/admin/messaging/inboundmessage/"


def _items(user: User, path: str = "/admin/") -> list[dict[str, Any]]:
    request = RequestFactory().get(path)
    request.user = user
    return [item for group in sidebar.navigation(request) for item in group["items"]]


def _boss() -> User:
    return User(is_superuser=True, is_active=True)


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/admin/", None),
        ("/admin/search/", None),
        (INBOX, "Texts received"),
        (f"{INBOX}12/change/", "Texts received"),
        (f"{INBOX}inbox/", "Inbox"),
        (f"{INBOX}inbox/c12/", "Inbox"),
        ("/admin/shifts/shift/", "Shifts"),
        ("/admin/shifts/shift/week/", "Week of shifts"),
        ("/admin/optout/consent/1/change/", "Consent"),
        ("/admin/optout/consentevent/", "Consent history"),
    ],
)
def test_one_item_is_marked(path: str, title: str | None) -> None:
    marked = [item["title"] for item in _items(_boss(), path) if item["active"]]
    assert marked == ([title] if title else [])


def _badges(user: User) -> dict[str, str]:
    return {item["title"]: item["badge"] for item in _items(user) if "badge" in item}


def test_what_waits_is_counted_and_no_further_than_anybody_reads() -> None:
    for n in range(3):
        inbound(n, outcome="unmatched")
    inbound(4, outcome="unmatched", handled_at=clock.now(), handled_by="alice")
    assert _badges(_boss()) == {"Inbox": "3"}
    for n in range(sidebar._MOST_COUNTED):
        inbound(n, outcome="unmatched")
    with CaptureQueriesContext(connection) as asked:
        assert _badges(_boss()) == {"Inbox": "99+"}
    assert all("LIMIT" in one["sql"] for one in asked if "messaging_inboundmessage" in one["sql"])


def _lane(number: int, **fields: Any) -> None:
    identity = OriginationIdentity.objects.create(identity=f"+1425555010{number}", kind="ten_dlc", mps=1)
    Lane.objects.create(origination_identity=identity, **fields)


def test_numbers_that_send_nothing_are_counted() -> None:
    _lane(0)
    _lane(1, paused_at=clock.now(), paused_reason="Spend limit")
    _lane(2, held_at=clock.now(), held_reason="Consent cannot be read")
    assert _badges(_boss()) == {"Numbers": "1 paused, 1 held"}


def test_nothing_is_counted_for_who_does_not_see_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counting(name: str) -> Callable[[], str]:
        def count() -> str:
            asked.append(name)
            return "1"

        return count

    for name in ("_waiting", "_pleas", "_call_backs", "_stopped"):
        monkeypatch.setattr(sidebar, name, counting(name))
    user = User.objects.create_user("olga", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_plea"))
    assert _badges(user) == {"Review list": "1"}
    assert asked == ["_pleas"]
