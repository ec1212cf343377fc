"""One phrase: what is said in a situation, with places for what differs from one text to the next."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import pgettext

from messaging.phrases import languages, own

# As staff write them: {id}. Nothing else of Python's formats, which could reach into objects.
PLACE = re.compile(r"\{(\w+)\}")


def places_of(words: str) -> frozenset[str]:
    """The names of the places in a phrase's words. Pure."""
    return frozenset(PLACE.findall(words))


def fill(words: str, values: Mapping[str, object]) -> str:
    """Words with values in their places; what a value contains is no place itself. Pure."""
    return PLACE.sub(lambda place: str(values.get(place[1], place[0])), words)


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """Something we say. It begins and ends without white space, so that nobody has to see any.

    Attributes:
        key: app and situation, "incidents.alert". It is the context of the translation, and what staff's own words are
            kept by: it never changes.
        words: in English.
        when: the situation, a sentence for staff and translators.
        keeps: words of a command that must be in it in every language, because people answer with them.
        optional: places that staff may leave out.
        longest: how many characters staff's own words may have.
    """

    key: str
    words: str
    when: str
    keeps: tuple[str, ...] = ()
    optional: frozenset[str] = frozenset()
    longest: int = 320

    @property
    def places(self) -> frozenset[str]:
        """The names of its places."""
        return places_of(self.words)

    def say(self, **values: object) -> str:
        """It, in the language that is spoken now."""
        return fill(own.words_of(self.key, languages.current()) or pgettext(self.key, self.words), values)

    def shipped(self, language: str) -> str:
        """Its words as shipped in a language, with its places."""
        with translation.override(language):
            return pgettext(self.key, self.words)
