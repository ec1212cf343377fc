"""Every shipped phrase in every language: there, GSM-7, with all its places and commands, and not much longer."""

import re
from gettext import GNUTranslations
from pathlib import Path

import pytest
from django.utils import translation

from messaging import registry
from messaging.phrases import Phrase, catalogue, languages, own
from messaging.phrases.catalogue import Said
from messaging.phrases.checking import keeps_word
from messaging.phrases.phrase import places_of
from messaging.text import GSM, measure
from tests import messages
from tests.run import BASE

LANGUAGES = ["en", "es", "fr", "de"]
EVERYTHING = list(catalogue.everything())
CATALOGUES = list(messages.catalogues())
# Those of web pages as well, which may have any letters.
EVERY_PHRASE = [phrase for group in registry.words() for phrase in (*group.phrases, *group.pages)]
# What people answer with, in capitals. It is the same in every language.
COMMANDS = {"YES", "NO", "ALL", "STOP", "JOIN", "REQUEST", "MORE", "DROP", "MINE", "AGENT"}


def key(said: Said) -> str:
    return said.phrase.key


def name(path: object) -> str:
    return str(path.relative_to(BASE)) if isinstance(path, Path) else ""


def test_these_languages_are_shipped() -> None:
    assert list(languages.names()) == LANGUAGES


def test_keys_are_unique_and_name_their_app() -> None:
    keys = [said.phrase.key for said in EVERYTHING]
    assert len(set(keys)) == len(keys) > 50
    assert {one.partition(".")[0] for one in keys} == {"incidents", "shifts", "optout", "messaging"}


@pytest.mark.parametrize(("language", "path", "phrases"), CATALOGUES, ids=name)
class TestCatalogues:
    def test_each_phrase_is_translated(self, language: str, path: Path, phrases: list[object]) -> None:
        catalog = messages.read(path, language)
        assert messages.untranslated(catalog) == []
        assert {(one.context, one.id) for one in catalog if one.id} == {(one.key, one.words) for one in phrases}  # type: ignore[attr-defined]

    def test_what_django_reads_is_what_stands_in_it(self, language: str, path: Path, phrases: list[object]) -> None:
        with path.with_suffix(".mo").open("rb") as file:
            compiled = GNUTranslations(file)
        for one in messages.read(path, language):
            if one.id:
                assert compiled.pgettext(str(one.context), str(one.id)) == one.string

    def test_bringing_it_up_to_date_again_changes_nothing(
        self, language: str, path: Path, phrases: list[object]
    ) -> None:
        catalog = messages.brought_up_to_date(messages.read(path, language), phrases)  # type: ignore[arg-type]
        assert messages.as_po(catalog) == path.read_bytes()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("said", EVERYTHING, ids=key)
class TestShippedWords:
    def test_they_are_gsm_without_white_space_at_their_ends(self, said: Said, language: str) -> None:
        words = said.phrase.shipped(language)
        assert measure(words.replace("{", "").replace("}", "")).encoding == GSM
        assert words == words.strip()
        assert len(words) <= said.phrase.longest

    def test_they_keep_their_places_and_commands(self, said: Said, language: str) -> None:
        words = said.phrase.shipped(language)
        assert places_of(words) == said.phrase.places
        assert all(keeps_word(words, word) for word in said.phrase.keeps)
        unkept = {word for word in COMMANDS if keeps_word(words, word)} - set(said.phrase.keeps)
        assert unkept <= {"NO"}, "NO is a word of Spanish"

    def test_a_text_has_at_most_one_part_more_than_in_english(self, said: Said, language: str) -> None:
        with own.shipped():
            size = measure(catalogue.in_whole(said, language))
            english = measure(catalogue.in_whole(said, "en"))
        assert size.encoding == GSM
        assert size.fits
        assert size.parts <= english.parts + 1


# A person is addressed in one way, the formal one, wherever they are addressed.
_FAMILIAR = {
    "es": r"\b(?:tú|tu|tus|te|ti|contigo|vosotros|responde|avisa|puedes|tienes)\b",
    "fr": r"\b(?:tu|te|toi|ton|ta|tes|réponds|peux|préviens)\b|\bt'",
    "de": r"\b(?:du|dich|dir|dein\w*|euch|euer|antworte|sende|kannst|hast)\b",
}


@pytest.mark.parametrize("language", LANGUAGES[1:])
@pytest.mark.parametrize("phrase", EVERY_PHRASE, ids=lambda phrase: phrase.key)
class TestEveryPhrase:
    def test_one_form_of_address(self, phrase: Phrase, language: str) -> None:
        assert not re.search(_FAMILIAR[language], phrase.shipped(language), re.IGNORECASE)

    def test_places_commands_and_spaces(self, phrase: Phrase, language: str) -> None:
        words = phrase.shipped(language)
        assert words != phrase.words
        assert places_of(words) == phrase.places
        assert all(keeps_word(words, word) for word in phrase.keeps)
        assert "  " not in words
        # A sign that ends the English ends every other, so that what follows goes on alike.
        assert (words[-1] in ".:-?") == (phrase.words[-1] in ".:-?")

    def test_french_has_a_space_before_its_double_signs_and_others_have_none(
        self, phrase: Phrase, language: str
    ) -> None:
        pattern = r"[^ \u00a0\d][:;?!](?=\s|$)" if language == "fr" else r"[ \u00a0][:;?!]"
        assert not re.search(pattern, phrase.shipped(language))


@pytest.mark.parametrize("said", EVERYTHING, ids=key)
def test_the_example_shows_the_phrase(said: Said) -> None:
    mark = "~".join(["", *(f"{{{place}}}" for place in sorted(said.phrase.places)), ""]) or "~"
    assert "~" in catalogue.in_whole(said, "en", mark)


@pytest.mark.parametrize("said", EVERYTHING, ids=key)
@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_other_languages_are_other_words(said: Said, language: str) -> None:
    assert said.phrase.shipped(language) != said.phrase.words


def test_english_is_as_it_stands_in_the_code() -> None:
    with translation.override("en"):
        assert [said.phrase.shipped("en") for said in EVERYTHING] == [said.phrase.words for said in EVERYTHING]


def test_nobody_else_translates() -> None:
    """A text that is composed of gettext's own would be missing from the catalogues and from staff's list."""
    asks = {
        str(path.relative_to(BASE))
        for app in ("config", "incidents", "shifts", "optout", "messaging")
        for path in (BASE / app).rglob("*.py")
        if "utils.translation" in (code := path.read_text()) or "utils import translation" in code
    }
    assert asks == {"messaging/phrases/languages.py", "messaging/phrases/phrase.py"}
