"""Links to the preferences page: nobody makes one but us, and each is good for its time."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.test import RequestFactory

from optout import checks, links
from tests.messaging.factories import ANN, BOB, OUR_NUMBER
from tests.moving import MovableTime

_DAY = 24 * 3600


def _with_payload_of(token: str, other: str) -> str:
    return f"{other.rpartition('.')[0]}.{token.rpartition('.')[2]}"


def _flipped(token: str, at: int) -> str:
    place = at % len(token)
    return token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]


def _signed(payload: Any, salt: str = "optout.links", **options: Any) -> str:
    return signing.Signer(salt=salt, sep=".", **options).sign_object(payload)


_FAR = 4_000_000_000


def test_a_link_says_for_whom_it_is_and_until_when(time: MovableTime) -> None:
    made = links.make(ANN, OUR_NUMBER)
    assert links.read(made.token) == made
    assert (made.phone_number, made.origination_identity) == (ANN, OUR_NUMBER)
    assert timedelta(0) <= made.expires_at - (time.now + timedelta(days=30)) < timedelta(seconds=2)


def test_a_link_needs_no_escaping_in_a_url() -> None:
    token = links.make(ANN, OUR_NUMBER).token
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
    assert len(token) < 120


@pytest.mark.parametrize("at", [0, 1, 20, 40, -44, -43, -20, -1])
def test_a_link_with_one_character_changed_is_not_genuine(at: int) -> None:
    with pytest.raises(links.LinkNotGenuine):
        links.read(_flipped(links.make(ANN, OUR_NUMBER).token, at))


def test_numbers_cannot_be_swapped_between_links() -> None:
    of_ann, of_bob = links.make(ANN, OUR_NUMBER).token, links.make(BOB, OUR_NUMBER).token
    with pytest.raises(links.LinkNotGenuine):
        links.read(_with_payload_of(of_ann, of_bob))


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "a",
        "a.b",
        "é.ü",
        "\x00",
        "." * 5000,
        _signed([ANN, OUR_NUMBER, _FAR], key="another key"),
        _signed([ANN, OUR_NUMBER, _FAR], salt="another.use"),
        signing.dumps([ANN, OUR_NUMBER, _FAR], salt="optout.links"),
        _signed([ANN, OUR_NUMBER]),
        _signed([ANN, OUR_NUMBER, _FAR, 1]),
        _signed([ANN, OUR_NUMBER, "soon"]),
        _signed([ANN, OUR_NUMBER, None]),
        _signed([ANN, OUR_NUMBER, 10**30]),
        _signed(None),
    ],
)
def test_what_we_did_not_make_is_not_genuine(token: str) -> None:
    with pytest.raises(links.LinkNotGenuine):
        links.read(token)


def test_the_salt_and_the_separator_of_this_table_are_those_of_links() -> None:
    assert links.read(_signed([ANN, OUR_NUMBER, _FAR])).phone_number == ANN


def test_a_link_is_good_for_its_days_and_no_longer(time: MovableTime) -> None:
    token = links.make(ANN, OUR_NUMBER).token
    time.forward(30 * _DAY - 5)
    assert links.read(token).phone_number == ANN
    time.forward(10)
    with pytest.raises(links.LinkExpired):
        links.read(token)


def test_a_link_that_is_out_keeps_its_date_when_settings_change(time: MovableTime, settings: Any) -> None:
    made = links.make(ANN, OUR_NUMBER)
    settings.PREFERENCES_LINK_DAYS = 1
    time.forward(2 * _DAY)
    assert links.read(made.token).expires_at == made.expires_at


def test_an_expired_link_that_was_changed_is_not_genuine(time: MovableTime) -> None:
    token = links.make(ANN, OUR_NUMBER).token
    time.forward(31 * _DAY)
    with pytest.raises(links.LinkNotGenuine):
        links.read(_flipped(token, 3))


def test_links_outlive_a_change_of_the_secret_key_while_the_old_one_is_a_fallback(settings: Any) -> None:
    token = links.make(ANN, OUR_NUMBER).token
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "a new one"
    assert links.read(token).phone_number == ANN
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(links.LinkNotGenuine):
        links.read(token)


@pytest.mark.parametrize(
    ("public_url", "begins"),
    [
        ("https://textback.example.com", "https://textback.example.com/preferences/"),
        ("https://textback.example.com/", "https://textback.example.com/preferences/"),
        ("", "http://localhost/preferences/"),
    ],
)
def test_the_url_begins_with_public_url_or_else_with_the_host_that_was_asked(
    settings: Any, public_url: str, begins: str
) -> None:
    settings.PUBLIC_URL = public_url
    made = links.make(ANN, OUR_NUMBER)
    assert made.url(RequestFactory().get("/", headers={"host": "localhost"})) == f"{begins}{made.token}/"


@pytest.mark.parametrize(
    ("days", "found"), [(0, ["optout.E003"]), (-1, ["optout.E003"]), (10**9, ["optout.E003"]), (1, []), (30, [])]
)
def test_days_that_are_no_days_are_told(settings: Any, days: int, found: list[str]) -> None:
    settings.PREFERENCES_LINK_DAYS = days
    assert [problem.id for problem in checks.check_link_days(None)] == found


@pytest.mark.parametrize(
    ("url", "warned"),
    [
        ("", False),
        ("https://textback.example.com", False),
        ("http://localhost:8000", False),
        ("http://127.0.0.1:8000", False),
        ("http://textback.example.com", True),
        ("http://localhost.example.com", True),
        ("textback.example.com", True),
        ("https://", True),
        ("ftp://localhost", True),
    ],
)
def test_a_public_url_without_https_is_warned_of(settings: Any, url: str, warned: bool) -> None:
    settings.PUBLIC_URL = url
    assert [problem.id for problem in checks.check_public_url(None)] == (["optout.W004"] if warned else [])
