"""How codes are typed: which words may be one, and which of those that exist is meant. Pure."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from messaging.wording import NO, YES
from shifts import vocabulary

_CODE = re.compile(vocabulary.CODE_PATTERN)
_BETWEEN_HALVES = re.compile(r" *[-_]? *")
_LETTERS_AND_DIGITS = re.compile(r"([A-Z]+)(\d+)|(\d+)([A-Z]+)", re.ASCII)
_FEWEST_CAPITALS = 3


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text.

    Attributes:
        text: folded.
        gap: what stands before it.
        typed: as it was typed.
    """

    text: str
    gap: str
    typed: str

    @property
    def is_shouted(self) -> bool:
        """Whether none of its letters is small."""
        return self.typed == self.typed.upper()

    @property
    def is_in_capitals(self) -> bool:
        """Whether it is of letters, and typed as codes are."""
        letters = [one for one in self.typed if one.isalpha()]
        return (
            len(letters) >= _FEWEST_CAPITALS
            and self.is_shouted
            and not any(character.isdigit() for character in self.text)
        )


def is_settled(word: str) -> bool:
    """Whether a word has its meaning even if a shift is called like it."""
    return word in vocabulary.COMMANDS or word in vocabulary.IN_DOUBT or bool(YES.fullmatch(word) or NO.fullmatch(word))


def may_be_code(word: str) -> bool:
    """Whether a folded word is one that a shift may be called."""
    return bool(_CODE.fullmatch(word)) and not is_settled(word)


def _squashed(code: str) -> str:
    return code.replace("-", "").replace("_", "")


def other_spellings(code: str) -> Iterator[str]:
    """How a code may be stored that was typed like this: XYZ123, XYZ-123 and XYZ_123 are one to those who type."""
    squashed = _squashed(code)
    yield squashed
    if parts := _LETTERS_AND_DIGITS.fullmatch(squashed):
        halves = [part for part in parts.groups() if part]
        yield "-".join(halves)
        yield "_".join(halves)


def joined(first: Word, second: Word) -> str:
    """The code that two words are if it was typed in two ("XYZ 123"); "" if they are something else."""
    if not _BETWEEN_HALVES.fullmatch(second.gap):
        return ""
    for word, usable in ((first.text, vocabulary.HALVES), (second.text, vocabulary.NOUNS)):
        if not may_be_code(word) or (word in vocabulary.VOCABULARY and word not in usable):
            return ""
    if first.text[-1].isdigit() and second.text[0].isdigit():
        # "XYZ1 2" are two codes to their sender, not XYZ12.
        return ""
    together = f"{first.text}{second.text}".upper()
    return together if _CODE.fullmatch(together) else ""


class Known:
    """The codes that exist, however they are typed."""

    def __init__(self, codes: Collection[str]) -> None:
        self.exactly = {code.upper(): code for code in codes}
        self.squashed = defaultdict[str, list[str]](list)
        for typed, code in self.exactly.items():
            self.squashed[_squashed(typed)].append(code)

    def word(self, word: str) -> str:
        """The code that a word is, "" if none."""
        if not may_be_code(word):
            return ""
        if word in vocabulary.VOCABULARY:
            return self.exactly.get(word.upper(), "")
        return self.spelled(word.upper())

    def pair(self, words: Sequence[Word]) -> str:
        """The code that the first two words are together, "" if none, or if one of them is a code by itself."""
        if len(words) < 2 or self.word(words[0].text) or self.word(words[1].text):
            return ""
        together = joined(words[0], words[1])
        return self.spelled(together) if together else ""

    def spelled(self, typed: str) -> str:
        """The code that is typed like this, or the only one that differs in hyphens and underscores."""
        if typed in self.exactly:
            return self.exactly[typed]
        alike = self.squashed.get(_squashed(typed), [])
        return alike[0] if len(alike) == 1 else ""
