"""In which language somebody is texted."""

from typing import Any

import pytest
from django.utils import translation

from messaging.models import Contact
from messaging.phrases import Phrase, languages, own, speaking
from tests.messaging.factories import ANN


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("", "en"),
        ("en", "en"),
        ("en-GB", "en"),
        ("es", "es"),
        ("ES", "es"),
        ("es-MX", "es"),
        ("es_AR", "es"),
        (" de ", "de"),
        ("de-CH-1996", "de"),
        ("fr", "fr"),
        ("pt-BR", "en"),
        ("zh-Hans", "en"),
        ("klingon", "en"),
        ("e", "en"),
    ],
)
def test_what_is_spoken(code: str, language: str) -> None:
    assert languages.spoken(code) == language


def test_nobody_knows_then_it_is_the_language_of_the_house(settings: Any) -> None:
    settings.LANGUAGE_CODE = "de"
    assert languages.spoken("") == "de"
    assert languages.spoken("pt") == "en"


@pytest.mark.django_db
def test_the_contact_behind_a_number_decides() -> None:
    assert languages.of_number(ANN) == ""
    Contact.objects.create(phone_number=ANN, language="es-MX")
    assert languages.of_number(ANN) == "es-MX"


GREETING = Phrase("test.greeting", "Hello {name}", when="x")


def test_what_is_said_within_is_said_in_it_and_nothing_of_it_stays() -> None:
    with speaking("fr-CA") as language, own.trying("test.greeting", "fr", "Bonjour {name}"):
        assert (language, languages.current()) == ("fr", "fr")
        assert GREETING.say(name="Ann") == "Bonjour Ann"
        with speaking("de"):
            assert GREETING.say(name="Ann") == "Hello Ann", "as shipped: nobody has translated it"
    assert translation.get_language() == "en"
    assert GREETING.say(name="Ann") == "Hello Ann"


def test_a_language_that_somebody_else_speaks_is_none_of_ours() -> None:
    with translation.override("pt-br"):
        assert languages.current() == "en"
    with translation.override(None):
        assert languages.current() == "en"
