"""/keywords/: words that staff give a meaning."""

import pytest
from rest_framework.test import APIClient

from messaging.models import Keyword
from tests.refusals import at_fault

URL = "/api/v1/keywords/"


def test_a_word_is_kept_in_upper_case_and_found_in_any(api: APIClient) -> None:
    made = api.post(URL, {"word": " hours! ", "text": "We are open 9 to 5."})
    assert (made.status_code, made.json()) == (201, {"word": "HOURS", "action": "reply", "text": "We are open 9 to 5."})
    assert api.get(f"{URL}Hours/").json() == made.json()
    assert api.get(URL).json()["results"] == [made.json()]


def test_a_word_is_changed(api: APIClient) -> None:
    Keyword.objects.create(word="HOURS", text="9 to 5")
    answer = api.patch(f"{URL}hours/", {"text": "8 to 6"})
    assert (answer.status_code, answer.json()["text"]) == (200, "8 to 6")


def test_a_word_may_keep_its_name_in_a_change(api: APIClient) -> None:
    Keyword.objects.create(word="HOURS", text="9 to 5")
    assert api.patch(f"{URL}hours/", {"word": "hours"}).status_code == 200


def test_a_word_is_taken_away(api: APIClient) -> None:
    Keyword.objects.create(word="HOURS", text="9 to 5")
    assert api.delete(f"{URL}hours/").status_code == 204
    assert api.get(f"{URL}hours/").status_code == 404


def test_a_consent_word_needs_no_text(api: APIClient) -> None:
    assert api.post(URL, {"word": "BASTA", "action": "opt_out"}).status_code == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": "x"}, "word"),
        ({"word": "two words", "text": "x"}, "word"),
        ({"word": "...", "text": "x"}, "word"),
        ({"word": "a/b", "text": "x"}, "word"),
        ({"word": "x" * 31, "text": "x"}, "word"),
        ({"word": "hello", "text": "x"}, "word"),
        ({"word": "NEW"}, "text"),
        ({"word": "NEW", "text": "  "}, "text"),
        ({"word": "NEW", "text": "x" * 1531}, "text"),
        ({"word": "NEW", "action": "shout", "text": "x"}, "action"),
        ({"word": "NEW", "text": "x", "id": 1}, "id"),
    ],
)
def test_bad_input_is_refused_on_its_field_and_changes_nothing(
    api: APIClient, body: dict[str, str], field: str
) -> None:
    Keyword.objects.create(word="HELLO", text="Hi")
    answer = api.post(URL, body)
    assert (answer.status_code, at_fault(answer)) == (400, [field])
    assert list(Keyword.objects.values_list("word", "text")) == [("HELLO", "Hi")]


def test_a_reply_cannot_lose_its_text(api: APIClient) -> None:
    Keyword.objects.create(word="HOURS", text="9 to 5")
    assert at_fault(api.patch(f"{URL}hours/", {"text": ""})) == ["text"]


def test_a_text_that_is_too_long_is_refused_with_length_and_limit(api: APIClient) -> None:
    [problem] = api.post(URL, {"word": "NEW", "text": "x" * 1531}).json()["text"]
    assert "1531" in problem
    assert "1530" in problem
