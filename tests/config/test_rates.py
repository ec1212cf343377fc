"""How much one token, and one stranger, may ask in a minute."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from knox.models import AuthToken
from rest_framework.test import APIClient

from tests.moving import MovableTime
from tests.refusals import is_problem

pytestmark = pytest.mark.django_db

URL = "/api/v1/keywords/"


@pytest.fixture(autouse=True)
def _rates(settings: Any) -> None:
    settings.API_RATE, settings.API_RATE_ANONYMOUS = 4, 3


@pytest.fixture
def minute(time: MovableTime) -> MovableTime:
    """The beginning of one, so that no test stands on its edge."""
    time.forward(60 - time.now.timestamp() % 60 + 0.001)
    return time


def token(user: User | None = None) -> APIClient:
    user = user or User.objects.create_superuser(f"user{User.objects.count()}")
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {AuthToken.objects.create(user)[1]}")
    return client


def statuses(client: Any, times: int, **more: Any) -> list[int]:
    return [client.get(URL, **more).status_code for _ in range(times)]


def test_each_token_is_counted_alone(minute: MovableTime) -> None:
    user = User.objects.create_superuser("machine")
    one, other = token(user), token(user)
    assert statuses(one, 5) == [200, 200, 200, 200, 429]
    assert statuses(other, 1) == [200]
    minute.forward(60)
    assert statuses(one, 1) == [200]


def test_what_is_left_is_told(minute: MovableTime) -> None:
    client = token()
    answers = [client.get(URL) for _ in range(5)]
    assert {answer["RateLimit-Policy"] for answer in answers} == {'"token";q=4;w=60'}
    left = [answer["RateLimit"].split(";") for answer in answers]
    assert [one[:2] for one in left] == [['"token"', f"r={n}"] for n in (3, 2, 1, 0, 0)]
    assert all(0 < int(one[2].removeprefix("t=")) <= 60 for one in left)
    refused = answers[-1]
    assert is_problem(refused)["type"] == "/api/problems/throttled/"
    assert 0 < int(refused["Retry-After"]) <= 61


def test_a_person_is_counted_by_their_login(minute: MovableTime) -> None:
    browsers = [Client(), Client()]
    user = User.objects.create_superuser("boss")
    for browser in browsers:
        browser.force_login(user)
    assert statuses(browsers[0], 4) == [200] * 4
    assert statuses(browsers[1], 1) == [429]


def test_strangers_are_counted_by_their_address(minute: MovableTime) -> None:
    assert statuses(Client(), 4, REMOTE_ADDR="192.0.2.1") == [401, 401, 401, 429]
    assert statuses(Client(), 1, REMOTE_ADDR="192.0.2.2") == [401]
    # A good token is never kept waiting for what else comes from its address.
    assert statuses(token(), 1, REMOTE_ADDR="192.0.2.1") == [200]


def test_also_where_no_token_is_asked_for(minute: MovableTime) -> None:
    answers = [Client().get("/api/schema/", REMOTE_ADDR="192.0.2.1").status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]


def test_writing_counts_as_reading(minute: MovableTime) -> None:
    client = token()
    assert [client.post(URL, {}).status_code for _ in range(5)] == [400, 400, 400, 400, 429]


def test_zero_is_without_limit(minute: MovableTime, settings: Any) -> None:
    settings.API_RATE = settings.API_RATE_ANONYMOUS = 0
    client = token()
    assert set(statuses(client, 10)) == {200}
    assert "RateLimit" not in client.get(URL)
    assert set(statuses(Client(), 10)) == {401}


def test_without_redis_nobody_is_counted_and_everybody_is_answered(settings: Any) -> None:
    client = token()
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": ["unix:///nowhere/redis.sock"]}}
    assert set(statuses(client, 10)) == {200}
    assert "RateLimit" not in client.get(URL)
    assert set(statuses(Client(), 10)) == {401}
