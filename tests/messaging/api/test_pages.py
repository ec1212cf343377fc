"""Lists come in pages that can be followed there and back, with the same few queries for any number of rows."""

from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from messaging.models import Keyword, Lane, OriginationIdentity
from tests.messaging.api.rows import inbound, outbound


def test_three_pages_there_and_back(api: APIClient) -> None:
    ids = [outbound().pk for _ in range(5)]
    pages = []
    url: str | None = "/api/v1/messages/?page_size=2&status=queued"
    last: Any = None
    while url:
        last = api.get(url).json()
        assert set(last) == {"next", "previous", "results"}
        pages.append([row["id"] for row in last["results"]])
        url = last["next"]
    assert pages == [ids[:2:-1], ids[2:0:-1], ids[:1]]
    before = api.get(last["previous"]).json()
    assert [row["id"] for row in before["results"]] == ids[2:0:-1]
    assert api.get(before["previous"]).json()["previous"] is None


def test_a_row_that_comes_meanwhile_shifts_no_page(api: APIClient) -> None:
    ids = [outbound().pk for _ in range(3)]
    first = api.get("/api/v1/messages/?page_size=2").json()
    outbound()
    assert [row["id"] for row in api.get(first["next"]).json()["results"]] == ids[:1]


def test_more_rows_of_one_moment_than_a_cursor_by_time_could_tell_apart(api: APIClient) -> None:
    rows = {outbound().pk for _ in range(30)}
    seen: list[int] = []
    url: str | None = "/api/v1/messages/?page_size=7"
    while url:
        page = api.get(url).json()
        seen += [row["id"] for row in page["results"]]
        url = page["next"]
    assert sorted(seen) == sorted(rows)


def test_a_page_is_at_most_500_rows(api: APIClient) -> None:
    outbound()
    assert len(api.get("/api/v1/messages/?page_size=100000").json()["results"]) == 1


def _identity(n: int) -> None:
    number = OriginationIdentity.objects.create(identity=f"+1425555{n:04}", kind="ten_dlc", mps=1)
    Lane.objects.create(origination_identity=number, paused_at=timezone.now(), paused_reason="broken")


@pytest.mark.parametrize(
    ("resource", "make"),
    [
        ("messages", outbound),
        ("inbound", inbound),
        ("origination-identities", _identity),
        ("keywords", lambda n: Keyword.objects.create(word=f"WORD{n}", text="x")),
    ],
)
def test_the_number_of_queries_does_not_grow_with_the_rows(
    api: APIClient, django_assert_num_queries: DjangoAssertNumQueries, resource: str, make: Any
) -> None:
    for n in range(30):
        make(n)
    # Token, user, the page.
    with django_assert_num_queries(3):
        assert len(api.get(f"/api/v1/{resource}/").json()["results"]) == 30
