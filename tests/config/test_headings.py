"""What stands above lists: the words of the sidebar, and what an empty one says."""

import re
from html import unescape

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse

from config import sidebar
from incidents.models import EscalationPolicy
from messaging.models import Contact, InboundMessage
from tests.messaging.api.rows import inbound

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("boss"))
    return client


def _request() -> HttpRequest:
    request = RequestFactory().get("/admin/")
    request.user = User(username="somebody", is_superuser=True, is_active=True)
    return request


def _items() -> list[tuple[str, str]]:
    """Title and address of everything in the sidebar."""
    request = _request()
    groups = sidebar.navigation(request)
    return [(item["title"], str(item["link"])) for group in groups for item in group["items"]]


def _heading(client: Client, url: str) -> str:
    """The words of a page's heading, without icons."""
    page = client.get(url).content.decode()
    found = re.search(r"<h1.*?</h1>", page, re.DOTALL)
    assert found, url
    without_icons = re.sub(r"<span class=\"material-symbols-outlined.*?</span>", "/", found[0], flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", without_icons)).split())


def test_a_page_is_called_as_the_sidebar_calls_it(boss: Client) -> None:
    assert [
        (title, heading)
        for title, url in _items()
        # "Not authorised" has no room for the rest.
        if (heading := _heading(boss, url)) != title and heading != f"{title} texts"
    ] == []


def test_a_row_is_called_as_it_is(boss: Client) -> None:
    ann = Contact.objects.create(phone_number="+14255550182", name="ann of the night")
    assert _heading(boss, f"/admin/messaging/contact/{ann.pk}/change/") == "Contacts / ann of the night"


def test_all_are_offered_only_where_some_are_left_out(boss: Client) -> None:
    EscalationPolicy.objects.create(name="Ann first")
    url = reverse("admin:incidents_escalationpolicy_changelist")
    assert "Show all" not in _heading(boss, url)
    assert "Show all" in _heading(boss, f"{url}?q=Ann")


def test_an_empty_list_says_what_comes_into_it(boss: Client) -> None:
    page = boss.get("/admin/optout/consent/").content.decode()
    assert "Nobody has opted out or in" in page
    assert "Reset filters" not in page
    assert "Show all" not in page
    sought = boss.get("/admin/optout/consent/?q=%2B14255550182").content.decode()
    assert "Nobody has opted out or in" not in sought
    assert "Nothing is like that" in sought


def test_every_list_has_words_for_when_it_is_empty() -> None:
    for model, page in admin.site._registry.items():
        assert getattr(page, "nothing_yet", ""), model


def test_pages_are_turned_only_where_there_are_some(boss: Client) -> None:
    url = reverse("admin:messaging_inboundmessage_changelist")
    inbound(1)
    assert "Pagination" not in boss.get(url).content.decode()
    for n in range(2, 60):
        inbound(n)
    assert InboundMessage.objects.count() > 50
    assert "Pagination" in boss.get(url).content.decode()
    assert "Pagination" in boss.get(f"{url}?p=2").content.decode()


def test_the_login_has_an_icon(client: Client) -> None:
    page = client.get("/admin/login/").content.decode()
    assert re.search(r"<link rel=\"icon\" href=\"/static/home/icon[^\"]*\.svg\"", page)
