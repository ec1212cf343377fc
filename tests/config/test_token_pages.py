"""API tokens in the admin: made and shown once, named, watched, revoked."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from config.models import TokenDetails
from config.security.making_tokens import InThePast, make, may_make
from tests.moving import MovableTime
from tests.refusals import is_problem

pytestmark = pytest.mark.django_db

URL = "/admin/knox/authtoken/"
WORDS = "/api/v1/keywords/"


@pytest.fixture
def boss() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def machine() -> User:
    user = User.objects.create_user("machine")
    user.user_permissions.add(Permission.objects.get(codename="view_keyword"))
    return user


def use(token: str) -> Any:
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    return api.get(WORDS)


def add(client: Client, user: User, **form: str) -> Any:
    return client.post(f"{URL}add/", {"user": user.pk, "name": "", "expiry_0": "", "expiry_1": "", **form})


def shown(answer: Any) -> str:
    assert answer.status_code == 200
    (token,) = set(re.findall(r"\b[0-9a-f]{64}\b", answer.content.decode()))
    return str(token)


def test_a_token_is_made_and_shown_once(boss: Client, machine: User) -> None:
    answer = add(boss, machine, name="monitoring in Oslo")
    token = shown(answer)
    assert "no-store" in answer["Cache-Control"]
    assert use(token).status_code == 200
    details = TokenDetails.objects.get()
    assert (details.name, details.made_by) == ("monitoring in Oslo", "boss")
    pages = [boss.get(f"{URL}{path}").content.decode() for path in ("", f"{details.pk}/change/")]
    assert all("monitoring in Oslo" in page and token[:15] in page and token not in page for page in pages)
    # Nor where changes are told, nor in the session.
    assert token not in boss.get("/admin/admin/logentry/").content.decode()
    assert not any(token in str(cookie) for cookie in answer.cookies.values())
    assert not any(token in str(value) for value in boss.session.values())


def test_who_made_it_stands_in_the_log_without_the_hash(boss: Client, machine: User) -> None:
    token = shown(add(boss, machine))
    entry = LogEntry.objects.get()
    assert (entry.user.username, entry.is_addition()) == ("boss", True)
    assert entry.object_repr == f"{token[:15]}… of machine"


def test_an_end(boss: Client, machine: User, time: MovableTime) -> None:
    ends = timezone.now() + timedelta(days=2)
    token = shown(add(boss, machine, expiry_0=ends.date().isoformat(), expiry_1=f"{ends:%H:%M:%S}"))
    assert use(token).status_code == 200
    time.forward(3 * 86400)
    refused = use(token)
    assert (refused.status_code, "expired" in is_problem(refused)["detail"]) == (401, True)
    # It is still seen that there was one.
    assert "Expired" in boss.get(URL).content.decode()


@pytest.mark.parametrize("form", [{"expiry_0": "2020-01-01", "expiry_1": "00:00"}, {"user": ""}, {"name": "x" * 101}])
def test_bad_input_makes_none(boss: Client, machine: User, form: dict[str, str]) -> None:
    answer = boss.post(f"{URL}add/", {"user": machine.pk, "name": "", "expiry_0": "", "expiry_1": "", **form})
    assert (answer.status_code, AuthToken.objects.exists()) == (200, False)
    assert "errorlist" in answer.content.decode() or "error" in answer.content.decode()


def test_a_token_is_renamed_and_stays_the_same(boss: Client, machine: User) -> None:
    row, token = make(machine, name="old")
    assert boss.post(f"{URL}{row.pk}/change/", {"name": "new"}).status_code == 302
    assert TokenDetails.objects.get().name == "new"
    assert use(token).status_code == 200
    before = AuthToken.objects.values().get()
    boss.post(f"{URL}{row.pk}/change/", {"name": "new", "user": 1, "expiry_0": "2099-01-01", "expiry_1": "00:00"})
    assert AuthToken.objects.values().get() == before


def test_a_revoked_token_opens_nothing_any_more(boss: Client) -> None:
    row, token = AuthToken.objects.create(User.objects.create_superuser("machine"))
    assert use(token).status_code == 200
    assert boss.post(f"{URL}{row.pk}/delete/", {"post": "yes"}).status_code == 302
    assert use(token).status_code == 401


def test_neither_token_nor_hash_is_shown(boss: Client) -> None:
    row, token = AuthToken.objects.create(User.objects.create_user("machine"))
    pages = [boss.get(f"{URL}{path}").content.decode() for path in ("", f"{row.pk}/change/")]
    assert all("machine" in page and token[:8] in page for page in pages)
    assert not [page for page in pages if token in page]


class TestWhoMayMakeOneForWhom:
    @pytest.mark.parametrize(
        ("maker", "user", "maker_is_superuser", "user_is_superuser", "may"),
        [
            ({"a", "b"}, {"a"}, False, False, True),
            ({"a"}, {"a"}, False, False, True),
            ({"a"}, set(), False, False, True),
            ({"a"}, {"a", "b"}, False, False, False),
            (set(), {"a"}, True, False, True),
            (set(), set(), True, True, True),
            ({"a"}, set(), False, True, False),
        ],
    )
    def test_only_what_they_may_do_themselves(
        self, maker: set[str], user: set[str], maker_is_superuser: bool, user_is_superuser: bool, may: bool
    ) -> None:
        found = may_make(maker, user, maker_is_superuser=maker_is_superuser, user_is_superuser=user_is_superuser)
        assert found is may

    def test_in_the_admin(self, machine: User) -> None:
        clerk = User.objects.create_user("clerk", is_staff=True)
        clerk.user_permissions.set(Permission.objects.filter(codename__in=["add_authtoken", "view_keyword"]))
        client, boss = Client(), User.objects.create_superuser("boss")
        client.force_login(clerk)
        assert "may do more than you" in add(client, boss).content.decode()
        assert not AuthToken.objects.exists()
        assert use(shown(add(client, machine))).status_code == 200


class TestLastUse:
    def test_it_is_noted_now_and_then(self, machine: User, time: MovableTime, boss: Client) -> None:
        _, token = make(machine)
        assert "never" in boss.get(URL).content.decode()
        noted = []
        for minutes in (0, 4, 7):
            time.forward(minutes * 60)
            use(token)
            at = TokenDetails.objects.get().last_used_at
            assert at is not None
            noted.append(at)
        assert noted[0] == noted[1] != noted[2]
        assert (noted[2] - noted[0]).total_seconds() >= 11 * 60

    def test_also_of_one_that_was_made_before_there_were_names(self, machine: User) -> None:
        _, token = AuthToken.objects.create(machine)
        use(token)
        assert TokenDetails.objects.get().last_used_at

    def test_a_wrong_one_is_no_use(self, machine: User) -> None:
        _, token = make(machine)
        use(f"{token[:-1]}{'1' if token[-1] == '0' else '0'}")
        assert TokenDetails.objects.get().last_used_at is None


def test_a_token_that_ends_before_it_begins(machine: User) -> None:
    with pytest.raises(InThePast):
        make(machine, expires_at=timezone.now() - timedelta(seconds=1))
