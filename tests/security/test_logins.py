"""Guessing passwords: who is locked out, who is not, for how long, and who helps."""

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import Permission, User
from django.test import Client, RequestFactory
from rest_framework.settings import api_settings

from config.security.logins import ADDRESS_FAILURE_LIMIT
from messaging.clients import client_address
from tests.moving import MovableTime

pytestmark = pytest.mark.django_db

LOGIN = "/admin/login/"
PASSWORD = "a long pass phrase"
LIMIT = 5


@pytest.fixture(autouse=True)
def alice(db: None, settings: Any) -> User:
    # A hash that is slow for guessers would be slow for hundreds of guesses here.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return User.objects.create_user("alice", password=PASSWORD, is_staff=True)


def attempt(name: str = "alice", password: str = "a guess", **headers: Any) -> Any:
    return Client().post(LOGIN, {"username": name, "password": password}, **headers)


def guess(times: int = LIMIT, name: str = "alice", **headers: Any) -> Any:
    return [attempt(name, **headers) for _ in range(times)][-1]


def gets_in(**headers: Any) -> bool:
    return bool(attempt(password=PASSWORD, **headers).status_code == 302)


def test_the_fifth_wrong_password_locks_even_the_right_one_out() -> None:
    assert guess(LIMIT - 1).status_code == 200
    answer = guess(1)
    assert answer.status_code == 429
    assert answer["Retry-After"] == "900"
    page = answer.content.decode()
    assert "Wait 15 minutes" in page
    assert "Failed logins" in page
    assert "alice" not in page
    assert attempt(password=PASSWORD).status_code == 429


def test_four_wrong_ones_and_the_right_one_begin_anew() -> None:
    for _ in range(3):
        guess(LIMIT - 1)
        assert gets_in()


def test_it_is_over_after_a_quarter_of_an_hour_and_going_on_does_not_prolong_it(time: MovableTime) -> None:
    guess()
    time.forward(timedelta(minutes=14).total_seconds())
    assert guess(3).status_code == 429
    time.forward(61)
    assert gets_in()
    # Who went on during the lock has left nothing to be read or to fill the database.
    assert not AccessAttempt.objects.exists()


def test_a_colleague_elsewhere_is_not_locked_out() -> None:
    guess(REMOTE_ADDR="192.0.2.1")
    assert not gets_in(REMOTE_ADDR="192.0.2.1")
    assert gets_in(REMOTE_ADDR="192.0.2.2")


def test_another_name_from_the_same_office_is_not_locked_out() -> None:
    guess(name="bob")
    assert gets_in()


def test_another_browser_makes_no_new_account_of_guesses() -> None:
    for number in range(LIMIT):
        guess(1, HTTP_USER_AGENT=f"browser {number}")
    assert not gets_in(HTTP_USER_AGENT="one more")


def test_many_names_from_one_address_lock_the_address() -> None:
    for number in range(ADDRESS_FAILURE_LIMIT):
        guess(1, name=f"name{number}", REMOTE_ADDR="192.0.2.1")
    assert not gets_in(REMOTE_ADDR="192.0.2.1")
    assert gets_in(REMOTE_ADDR="192.0.2.2")


def test_a_name_that_does_not_exist_is_locked_alike() -> None:
    assert guess(name="nobody").content.decode() == guess().content.decode()


def test_a_strangers_x_forwarded_for_neither_escapes_nor_locks_others_out() -> None:
    for number in range(LIMIT):
        guess(1, REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=f"198.51.100.{number}, 192.0.2.2")
    assert not gets_in(REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR="198.51.100.77")
    assert gets_in(REMOTE_ADDR="192.0.2.2")


@pytest.fixture
def behind_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_settings, "NUM_PROXIES", 1)


@pytest.mark.usefixtures("behind_proxy")
def test_behind_our_proxy_only_what_the_proxy_added_counts() -> None:
    proxy = "10.0.0.1"
    for number in range(LIMIT):
        guess(1, REMOTE_ADDR=proxy, HTTP_X_FORWARDED_FOR=f"198.51.100.{number}, 192.0.2.1")
    assert not gets_in(REMOTE_ADDR=proxy, HTTP_X_FORWARDED_FOR="203.0.113.9, 192.0.2.1")
    assert gets_in(REMOTE_ADDR=proxy, HTTP_X_FORWARDED_FOR="192.0.2.1, 192.0.2.2")


@pytest.mark.usefixtures("behind_proxy")
@pytest.mark.parametrize(
    ("forwarded", "meant"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:4321", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        # One customer has 2**64 addresses.
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("[2001:db8:1:2:3:4:5:6]:4321", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        # What is no address: the proxy's own stands for it, and the database is not asked to keep it.
        ("unknown", "10.0.0.1"),
        ("' OR 1=1 --", "10.0.0.1"),
        ("", "10.0.0.1"),
        ("\x00", "10.0.0.1"),
    ],
)
def test_an_address_is_one_or_is_not_believed(forwarded: str, meant: str) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == meant
    assert guess(1, REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded).status_code == 200


def test_nobody_to_count_is_still_counted_by_name() -> None:
    assert client_address(RequestFactory().get("/", REMOTE_ADDR="")) is None
    guess(REMOTE_ADDR="")
    assert not gets_in(REMOTE_ADDR="")


def test_it_holds_while_redis_is_away(settings: Any) -> None:
    away = settings.CACHES["default"] | {"LOCATION": ["unix:///nowhere/redis.sock"]}
    settings.CACHES = {"default": away}
    settings.REDIS_URL = "unix:///nowhere/redis.sock"
    assert guess().status_code == 429
    assert not gets_in()


def test_staff_unlock_in_the_admin() -> None:
    guess()
    helper = User.objects.create_user("helper", is_staff=True)
    codes = ["view_accessattempt", "delete_accessattempt"]
    helper.user_permissions.set(Permission.objects.filter(codename__in=codes))
    client = Client()
    client.force_login(helper)
    page = client.get("/admin/axes/accessattempt/").content.decode()
    assert "alice" in page
    assert "Locked" in page
    assert "Failed logins" in client.get("/admin/").content.decode()
    row = AccessAttempt.objects.get()
    assert client.get(f"/admin/axes/accessattempt/{row.pk}/change/").status_code == 200
    assert client.post(f"/admin/axes/accessattempt/{row.pk}/delete/", {"post": "yes"}).status_code == 302
    assert gets_in()


def test_neither_log_nor_database_has_what_was_typed(caplog: pytest.LogCaptureFixture) -> None:
    guess()
    assert "127.0.0.1" in caplog.text
    row = AccessAttempt.objects.get()
    kept = f"{caplog.text} {row.post_data} {row.get_data} {row.path_info}"
    assert "a guess" not in kept
    # In whose place people type passwords: the admin alone shows it.
    assert "alice" not in caplog.text
