"""The search over everything: by any form of a number, and only what somebody may see."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from config import search
from tests.security.people import People
from tests.security.world import world

pytestmark = pytest.mark.django_db


def _found(client: Client, words: str) -> str:
    return client.get("/admin/search/", {"s": words, "extended": "1"}).content.decode()


@pytest.fixture(autouse=True)
def _rows() -> None:
    world()


@pytest.fixture
def boss() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.mark.parametrize("words", ["+14255550182", "(425) 555-0182", "425.555.0182", "1 425 555 0182", "ann"])
def test_a_person(boss: Client, words: str) -> None:
    page = _found(boss, words)
    assert "Ann" in page
    assert "/admin/shifts/employee/" in page
    assert "/admin/messaging/contact/" in page


@pytest.mark.parametrize(("words", "page"), [("123", "/admin/incidents/incident/"), ("dra", "/admin/shifts/campaign/")])
def test_by_id(boss: Client, words: str, page: str) -> None:
    assert page in _found(boss, words)


def test_nobody_finds_what_they_may_not_see() -> None:
    page = _found(People().who("messaging.view_contact"), "425 555 0182")
    assert "/admin/messaging/contact/" in page
    assert "/admin/shifts/employee/" not in page
    # Without the permission for numbers, theirs stays masked here as well.
    assert "+1***82" in page
    assert "5550182" not in page


def test_a_query_for_each_kind_however_much_there_is() -> None:
    request = RequestFactory().get("/")
    request.user = User(is_superuser=True, is_active=True)
    with CaptureQueriesContext(connection) as queries:
        search.found(request, "ann")
    assert len(queries) <= len(search._KINDS) + 2


def test_one_letter_is_no_question() -> None:
    assert search.found(RequestFactory().get("/"), "a") == []


def test_what_postgresql_would_refuse_is_no_question(boss: Client) -> None:
    assert "Ann" not in _found(boss, "an\x00n")
