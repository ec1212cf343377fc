"""What a campaign says in each language: tables of cases."""

from typing import Any

import pytest
from django.conf import settings

from messaging.phrases import languages
from shifts.campaigns.texts import Texts, Version, compose, group, refused
from shifts.models import Shift

ENGLISH = "Reply with the codes of the shifts you want. REQUEST lists open shifts. STOP to opt out."
SPANISH = Version("es", "Hay turnos.")
A1 = Shift(shift_id="A1", places=1)

# What is said needs staff's own words, which are in the database.
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("", ""),
        ("  ", ""),
        ("es", "es"),
        ("ES", "es"),
        ("es-MX", "es"),
        ("es_MX", "es"),
        ("de", "de"),
        ("en-GB", "en"),
        # One that is not shipped is English.
        ("pl", "en"),
        ("x" * 10, "en"),
    ],
)
def test_whose_language_is_which(code: str, language: str) -> None:
    assert group(code) == language


@pytest.mark.parametrize(
    ("code", "text"),
    [("", "own"), ("en", "own"), ("pl", "own"), ("es", "Spanish"), ("es-MX", "Spanish"), ("fr", "own")],
)
def test_who_reads_what(code: str, text: str) -> None:
    assert Texts("own", {"es": "Spanish"}).of(code) == text


def test_whoever_has_no_language_is_not_who_has_that_of_the_house() -> None:
    said = Texts("own", {"en": "English"})
    assert (said.of(""), said.of("en"), said.of("pl"), said.of("de")) == ("own", "English", "English", "own")


def test_how_to_book_is_said_in_each_language() -> None:
    said = compose("Hi", "", [])
    assert said.own == f"Hi\n{ENGLISH}"
    # What is read in the language of the house is the own text, so it is not kept twice.
    assert set(said.others) == {code for code, _ in settings.LANGUAGES} - {"en"}
    endings = {language: body.removeprefix("Hi\n") for language, body in said.others.items()}
    assert len({ENGLISH, *endings.values()}) == 4
    assert all("STOP" in ending and "REQUEST" in ending for ending in endings.values())
    assert "freie Schichten" in endings["de"]


def test_staffs_own_words_on_how_to_book_are_said_to_all() -> None:
    assert compose("Hi", "Text {codes}.", [A1]) == Texts("Hi\nText A1.", {})


@pytest.mark.parametrize(
    ("version", "text"),
    [
        (Version("es", "Hay turnos.", "Mande {codes}. STOP"), "Hay turnos.\nMande A1. STOP"),
        # Own words in English are none in Spanish: the usual words are said.
        (Version("es", "Hay turnos."), "Hay turnos.\nResponda"),
    ],
)
@pytest.mark.parametrize("footer", ["", "Text {codes}."])
def test_a_version_is_said_with_its_own_words_on_how_to_book(version: Version, text: str, footer: str) -> None:
    said = compose("Shifts are open.", footer, [A1], [version])
    assert said.others["es"].startswith(text)
    assert said.own.startswith("Shifts are open.\n")
    assert "A1" in said.others["es"]
    # The others read the message of all.
    assert said.of("de").startswith("Shifts are open.\n")


def test_the_house_may_speak_another_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "LANGUAGE_CODE", "es")
    said = compose("Hay turnos.", "", [], [Version("en", "Shifts are open.")])
    assert said.own.startswith("Hay turnos.\nResponda")
    assert said.of("en") == said.of("pl") == f"Shifts are open.\n{ENGLISH}"
    assert said.of("es") == said.of("") == said.own


def test_where_nobody_wrote_it_and_it_does_not_fit_the_own_text_is_read() -> None:
    longest = 1530 - len(f"\n{ENGLISH}")
    said = compose("x" * longest, "", [])
    # Spanish and German take more words to say how to book, and nobody can be asked to shorten those.
    assert {language for language, body in said.others.items() if len(body) > 1530} == set()
    assert said.of("de") == said.own
    assert compose("x" * (longest + 1 - 200), "", []).of("de") != said.own


@pytest.mark.parametrize(
    ("versions", "says"),
    [
        ([SPANISH], []),
        ([SPANISH, Version("de", "Schichten sind frei.")], []),
        ([Version("pl", "Sa zmiany.")], ["'pl' is no language that texts are shipped in. Choose of en, es, fr, de."]),
        ([Version("", "Sa zmiany.")], ["'' is no language"]),
        ([SPANISH, SPANISH], ["Spanish is given twice."]),
        ([Version("es", "")], ["Write what people shall read in Spanish."]),
        ([Version("es", "", "Mande {codes}.")], ["Write what people shall read in Spanish."]),
        ([Version("es", "x" * 1600)], ["In Spanish: The text has"]),
        ([Version("fr", "ж" * 600)], ["UCS-2; at most 630 can be sent."]),
        ([Version("es", "Hay", "x" * 1600)], ["It is counted with how to book below it."]),
        ([Version("de", ""), Version("es", "")], ["in German", "in Spanish"]),
    ],
)
def test_what_is_wrong_with_versions(versions: list[Version], says: list[str]) -> None:
    found = refused(versions, [])
    assert len(found) == len(says)
    for (language, told), words, version in zip(found, says, versions[-len(says) :], strict=False):
        assert words in told
        assert language == version.language


def test_the_length_of_a_version_is_counted_in_its_language() -> None:
    usual = compose("x", "", []).others["de"].removeprefix("x")
    longest = "x" * (1530 - len(usual))
    assert refused([Version("de", longest)], []) == []
    assert "by 1." in refused([Version("de", f"{longest}x")], [])[0][1]


@pytest.mark.parametrize("field", ["language", "message", "footer"])
def test_spaces_at_the_ends_are_nothing(field: str) -> None:
    plain: dict[str, Any] = {"language": "es", "message": "Hay", "footer": "Mande"}
    assert Version(**plain | {field: f" {plain[field]}\n"}).tidy() == Version(**plain)


def test_every_language_has_a_name() -> None:
    assert all(languages.names()[code] for code, _ in settings.LANGUAGES)
