"""Pages do without Django's cache while Redis is away; whoever counts is told."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from redis.exceptions import RedisError


@pytest.fixture
def away(settings: Any) -> None:
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": ["unix:///nowhere/redis.sock"]}}


@pytest.mark.django_db
def test_the_admins_search_keeps_what_it_found() -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    found = [client.get("/admin/search/?s=contact").content.decode() for _ in range(2)]
    assert all("/admin/messaging/contact/" in one for one in found)
    assert cache.get("nothing", "a default") == "a default"


@pytest.mark.django_db
@pytest.mark.usefixtures("away")
def test_the_admins_search_finds_without_redis() -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    answer = client.get("/admin/search/?s=contact")
    assert answer.status_code == 200
    assert "/admin/messaging/contact/" in answer.content.decode()


@pytest.mark.usefixtures("away")
def test_what_is_kept_is_a_miss_and_counts_are_an_error() -> None:
    cache.set("unfold_search_1", "found")
    assert cache.get("unfold_search_1") is None
    assert cache.get("unfold_search_1", "a default") == "a default"
    with pytest.raises(RedisError):
        cache.get("throttle_preferences_1")
    with pytest.raises(RedisError):
        cache.set("throttle_preferences_1", [1])
