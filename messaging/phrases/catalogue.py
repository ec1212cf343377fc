"""Every phrase of the house, by app, and how each looks within a whole text."""

from collections.abc import Iterator
from dataclasses import dataclass

from messaging import registry
from messaging.contracts import Words
from messaging.phrases import languages, own
from messaging.phrases.phrase import Phrase


@dataclass(frozen=True, slots=True)
class Said:
    """A phrase, and what it belongs to."""

    group: Words
    phrase: Phrase


def everything() -> Iterator[Said]:
    """Every phrase, in the order in which staff see them."""
    return (Said(group, phrase) for group in registry.words() for phrase in group.phrases)


def find(key: str) -> Said | None:
    """The phrase of a key."""
    return next((said for said in everything() if said.phrase.key == key), None)


def in_whole(said: Said, language: str, text: str | None = None) -> str:
    """A whole text with example values in which a phrase is said; with ``text`` in its place, if that is given."""
    key = said.phrase.key
    with languages.speaking(language):
        if text is None:
            return said.group.sample(key)
        with own.trying(key, language, text):
            return said.group.sample(key)
