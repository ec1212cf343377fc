"""Keywords in the admin follow the rules of the API."""

import pytest
from django.test import Client

from messaging.models import Keyword

URL = "/admin/messaging/keyword/"


def _save(boss: Client, path: str = "add/", **fields: str) -> int:
    return boss.post(f"{URL}{path}", {"action": "reply", "text": "We are open", **fields}).status_code


def test_a_word_is_kept_in_upper_case(boss: Client) -> None:
    assert _save(boss, word="hours!") == 302
    assert Keyword.objects.get().word == "HOURS"


@pytest.mark.parametrize(
    "fields",
    [{"word": "two words"}, {"word": "hello"}, {"word": "new", "text": ""}, {"word": "new", "text": "x" * 1531}],
)
def test_bad_input_is_refused(boss: Client, fields: dict[str, str]) -> None:
    Keyword.objects.create(word="HELLO", text="Hi")
    assert _save(boss, **fields) == 200
    assert Keyword.objects.get().text == "Hi"


def test_a_word_is_changed_and_taken_away(boss: Client) -> None:
    keyword = Keyword.objects.create(word="HELLO", text="Hi")
    assert _save(boss, f"{keyword.pk}/change/", word="hello", text="Hi there") == 302
    assert Keyword.objects.get().text == "Hi there"
    assert boss.post(f"{URL}{keyword.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Keyword.objects.exists()
