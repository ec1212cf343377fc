"""Lists given as one parameter: whatever stands in them is looked for as it is."""

import pytest
from django.db import connection, models

from messaging.lookups import OneOf, adapted_list, unpacked
from messaging.models import Contact

pytestmark = pytest.mark.django_db

WORDS = [
    *("plain", "+14255550182", "two words", " leading", "a,b", "{a}", "{a,b}", "NULL", "null", "", "\t", "it's", "%s"),
    *('a"b', '"', '","', '"quoted"', "a\\b", "\\", '\\"', "Zoë", "🙂", "\u2003", "\x01"),
]


def _found(words: list[str]) -> list[str]:
    return list(Contact.objects.filter(OneOf("name", words)).order_by("pk").values_list("name", flat=True))


@pytest.fixture(autouse=True)
def _people() -> None:
    Contact.objects.bulk_create(
        Contact(phone_number=f"+1425555{number:04}", name=word) for number, word in enumerate([*WORDS, "nobody's"])
    )


@pytest.mark.parametrize("word", WORDS)
def test_each_finds_its_own_rows_alone(word: str) -> None:
    assert _found([word]) == [word]


@pytest.mark.parametrize("word", WORDS)
def test_each_beside_another(word: str) -> None:
    beside = "plain" if word != "plain" else "+14255550182"
    assert sorted(_found([word, beside])) == sorted([word, beside])


def test_all_together_are_found_and_come_back_as_they_went() -> None:
    assert _found(WORDS) == WORDS
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT given FROM {unpacked('given')}", [adapted_list(WORDS)])
        assert [row[0] for row in cursor.fetchall()] == WORDS


def test_none_finds_nothing() -> None:
    assert _found([]) == []


def test_numbers_are_numbers() -> None:
    keys = list(Contact.objects.order_by("pk").values_list("pk", flat=True))
    assert list(Contact.objects.filter(OneOf("pk", keys[:2])).order_by("pk").values_list("pk", flat=True)) == keys[:2]


class Word(models.TextChoices):
    PLAIN = "plain"


def test_a_choice_is_its_value() -> None:
    assert _found([Word.PLAIN]) == ["plain"]


def test_on_postgresql_what_needs_no_quotes_is_written_in_one_piece() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite gets JSON")
    assert adapted_list(["plain", "a,b"]) == '{"plain","a,b"}'
    assert adapted_list(["plain", 'a"b']) == ["plain", 'a"b']
    assert adapted_list([1, 2]) == [1, 2]
    assert adapted_list([]) == []
