"""Words that plug-ins need for themselves are given no meaning by staff, in the admin and by the API alike."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from knox.models import AuthToken
from rest_framework.test import APIClient

from messaging.inbound import keywords
from messaging.models import Keyword
from tests.refusals import at_fault

pytestmark = pytest.mark.django_db

HERE = "tests.messaging.test_reserved_words"
WHY = "BLUE is said first. Choose another word."


class First:
    """An interceptor that needs BLUE."""

    def reserves(self, word: str) -> str:
        return WHY if word == "BLUE" else ""


class Talk:
    """A conversation that needs BLUE and RED."""

    def reserves(self, word: str) -> str:
        return f"{word} is a colour. Choose another word." if word in {"BLUE", "RED"} else ""


@pytest.fixture(autouse=True)
def _plugged_in(settings: Any) -> None:
    settings.MESSAGING = settings.MESSAGING | {
        "INTERCEPTORS": ["messaging.inbound.keywords.CannedReplies", f"{HERE}.First"],
        "CONVERSATIONS": {"talk": f"{HERE}.Talk"},
    }


@pytest.fixture
def api(admin_user: User) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Token {AuthToken.objects.create(admin_user)[1]}")
    return client


def save(client: Client, path: str = "add/", **fields: str) -> str:
    answer = client.post(f"/admin/messaging/keyword/{path}", {"action": "reply", "text": "Hi", **fields})
    return "" if answer.status_code == 302 else answer.content.decode()


def test_the_first_reason_counts() -> None:
    reasons = [keywords.reserved(word) for word in ("BLUE", "RED", "GREEN", "HELP")]
    assert reasons == [WHY, "RED is a colour. Choose another word.", "", ""]


def test_a_reserved_word_is_refused_with_the_reason(admin_client: Client, api: APIClient) -> None:
    assert WHY in save(admin_client, word="blue!")
    answer = api.post("/api/v1/keywords/", {"word": "blue", "text": "Hi"})
    assert (at_fault(answer), answer.json()["word"]) == (["word"], [WHY])
    assert not Keyword.objects.exists()
    assert save(admin_client, word="green") == ""


def test_a_word_that_was_given_before_it_was_reserved_may_stay(admin_client: Client, api: APIClient) -> None:
    keyword = Keyword.objects.create(word="BLUE", text="Hi")
    assert save(admin_client, f"{keyword.pk}/change/", word="Blue", text="Hi there") == ""
    assert api.patch("/api/v1/keywords/blue/", {"word": "blue", "text": "Hello"}).status_code == 200
    other = Keyword.objects.create(word="GREEN", text="Hi")
    assert "RED is a colour" in save(admin_client, f"{other.pk}/change/", word="red")
    assert "BLUE has a meaning already" in save(admin_client, f"{other.pk}/change/", word="blue")


@pytest.mark.parametrize("action", ["opt_out", "opt_in"])
def test_help_is_no_consent_word(admin_client: Client, api: APIClient, action: str) -> None:
    assert "HELP must be answered" in save(admin_client, word="help", action=action)
    assert at_fault(api.post("/api/v1/keywords/", {"word": "help", "action": action})) == ["action"]
    assert save(admin_client, word="help", text="Call Olga") == ""
    assert at_fault(api.patch("/api/v1/keywords/help/", {"action": action})) == ["action"]
    assert Keyword.objects.get().action == "reply"
