"""What an employee means who texts about shifts: which command, and which codes. Pure.

Codes stand alone, in a list or in a phrase that asks for them. Nothing is guessed: a text with a word that is neither a
code nor part of such a phrase is not understood, because a wrong booking is worse than asking again.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from messaging.wording import NO, YES, fold, plain
from shifts import vocabulary


class Command(StrEnum):
    """What an employee can ask for."""

    BOOK = "book"
    REQUEST = "request"
    MORE = "more"
    AGENT = "agent"
    MINE = "mine"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a text means.

    Attributes:
        command: None when it is not understood; nothing else is set then.
        codes: BOOK, DROP: the known codes it names as they are stored, in their order, each once.
        unknown: BOOK, DROP: what stands in the place of a code and is none, in upper case, in its order, each once.
    """

    command: Command | None = None
    codes: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def candidates(body: str) -> tuple[str, ...]:
    """What may be shift codes, in upper case, to be looked up; as typed first, then other spellings. Never raises."""
    words = _words(body)
    typed = [word.text.upper() for word in words if _may_be_code(word.text)]
    joined = [together for first, second in pairwise(words) if (together := _joined(first, second))]
    others = (
        spelling
        for code in (*(code for code in typed if code.casefold() not in vocabulary.VOCABULARY), *joined)
        for spelling in _other_spellings(code)
    )
    return tuple(dict.fromkeys((*typed, *joined, *others)))[:_MOST_CANDIDATES]


def understand(body: str, known_codes: Collection[str]) -> Meaning:
    """What a text means, given those of its candidates that exist, whatever their case. Never raises."""
    words = _words(body)
    if len({word.text for word in words if _may_be_code(word.text)}) > _MOST_CANDIDATES:
        # Not all of them were looked up, and none may be called unknown for that.
        return Meaning()
    items = list(_items(words, _Known(known_codes)))
    command = _command(items)
    if command not in (Command.BOOK, Command.DROP):
        return Meaning(command)
    return Meaning(
        command,
        tuple(dict.fromkeys(item.code for item in items if item.code)),
        tuple(dict.fromkeys(item.unknown for item in items if item.unknown)),
    )


def is_reserved(code: str) -> bool:
    """Whether a shift may not have this code, because it would be taken for something else."""
    word = fold(plain(code)).strip()
    return _is_settled(word) or word in vocabulary.REQUESTS or word in vocabulary.VOCABULARY


# Reading words.

# AWS passes on 1600 characters at most. What is longer is not read in part: what is left out may be a "not".
_LONGEST = 2000
_MOST_CANDIDATES = 100
_CODE = re.compile(vocabulary.CODE_PATTERN)
_BETWEEN_HALVES = re.compile(r" *[-_]? *")
_RANGE = re.compile(r"[-\N{EM DASH}]")
_END_OF_ITEM = re.compile(r"[,;\n]")
_LETTERS_AND_DIGITS = re.compile(r"([A-Z]+)(\d+)|(\d+)([A-Z]+)", re.ASCII)
# The sign of what no command has.
_NOTHING = "!"


@dataclass(frozen=True, slots=True)
class _Word:
    """A word, folded, and what stands before it."""

    text: str
    gap: str


@dataclass(frozen=True, slots=True)
class _Item:
    """A word as the phrases know it ("#" for a code, "?" for what may be an unknown one), and what it names."""

    sign: str
    code: str = ""
    unknown: str = ""


def _words(body: str) -> list[_Word]:
    """The words of a text; none if it has something that no command has."""
    body = body.strip()
    if len(body) > _LONGEST or not vocabulary.DOUBTFUL_SIGNS.isdisjoint(body):
        return []
    text = vocabulary.APOSTROPHE.sub("", plain(body.translate(vocabulary.LOOKALIKES)))
    if vocabulary.FIGURES.search(text) or vocabulary.REACTION.match(text) or any(map(_is_doubtful_symbol, text)):
        return []
    words, end = list[_Word](), 0
    for token in vocabulary.TOKEN.finditer(text):
        words.append(_Word(fold(token[0]), text[end : token.start()]))
        end = token.end()
    return words


def _is_doubtful_symbol(character: str) -> bool:
    return unicodedata.category(character) in ("Sm", "Sc") and character not in vocabulary.HARMLESS_SYMBOLS


def _is_settled(word: str) -> bool:
    """Whether a word has its meaning even if a shift is called like it."""
    return word in vocabulary.COMMANDS or word in vocabulary.IN_DOUBT or bool(YES.fullmatch(word) or NO.fullmatch(word))


def _may_be_code(word: str) -> bool:
    return bool(_CODE.fullmatch(word)) and not _is_settled(word)


# Finding codes.


def _squashed(code: str) -> str:
    return code.replace("-", "").replace("_", "")


def _other_spellings(code: str) -> Iterator[str]:
    """How a code may be stored that was typed like this: XYZ123, XYZ-123 and XYZ_123 are one to those who type."""
    squashed = _squashed(code)
    yield squashed
    if parts := _LETTERS_AND_DIGITS.fullmatch(squashed):
        halves = [part for part in parts.groups() if part]
        yield "-".join(halves)
        yield "_".join(halves)


def _joined(first: _Word, second: _Word) -> str:
    """The code that two words are if it was typed in two ("XYZ 123"); "" if they are something else."""
    if not _BETWEEN_HALVES.fullmatch(second.gap):
        return ""
    for word, usable in ((first.text, vocabulary.HALVES), (second.text, vocabulary.NOUNS)):
        if not _may_be_code(word) or (word in vocabulary.VOCABULARY and word not in usable):
            return ""
    if first.text[-1].isdigit() and second.text[0].isdigit():
        # "XYZ1 2" are two codes to their sender, not XYZ12.
        return ""
    together = f"{first.text}{second.text}".upper()
    return together if _CODE.fullmatch(together) else ""


class _Known:
    """The codes that exist, however they are typed."""

    def __init__(self, codes: Collection[str]) -> None:
        self.exactly = {code.upper(): code for code in codes}
        self.squashed = defaultdict[str, list[str]](list)
        for typed, code in self.exactly.items():
            self.squashed[_squashed(typed)].append(code)

    def word(self, word: str) -> str:
        """The code that a word is, "" if none."""
        if not _may_be_code(word):
            return ""
        if word in vocabulary.VOCABULARY:
            return self.exactly.get(word.upper(), "")
        return self.spelled(word.upper())

    def pair(self, words: Sequence[_Word]) -> str:
        """The code that the first two words are together, "" if none, or if one of them is a code by itself."""
        if len(words) < 2 or self.word(words[0].text) or self.word(words[1].text):
            return ""
        together = _joined(words[0], words[1])
        return self.spelled(together) if together else ""

    def spelled(self, typed: str) -> str:
        """The code that is typed like this, or the only one that differs in hyphens and underscores."""
        if typed in self.exactly:
            return self.exactly[typed]
        alike = self.squashed.get(_squashed(typed), [])
        return alike[0] if len(alike) == 1 else ""


def _items(words: Sequence[_Word], known: _Known) -> Iterator[_Item]:
    at, after_code = 0, False
    while at < len(words):
        # Three words at most: a copy of all that is left would make long texts slow.
        pair = known.pair(words[at : at + 2])
        if pair and known.pair(words[at + 1 : at + 3]):
            yield _Item(_NOTHING)
        item = _Item("#", code=pair) if pair else _item(words, at, known)
        gap = words[at].gap
        if after_code and item.sign == "#" and _RANGE.search(gap) and "\n" not in gap:
            # "309 - 311" may be a range.
            yield _Item(_NOTHING)
        yield item
        at += 2 if pair else 1
        after_code = item.sign == "#"


def _item(words: Sequence[_Word], at: int, known: _Known) -> _Item:
    word = words[at].text
    if code := known.word(word):
        return _Item(_NOTHING if _is_count(words, at) else "#", code=code)
    if word in vocabulary.REQUESTS:
        return _Item("request")
    if YES.fullmatch(word):
        return _Item("yes")
    if word in vocabulary.VOCABULARY or not _may_be_code(word):
        return _Item(word)
    if any(one.isdigit() for one in word):
        is_amount = vocabulary.AMOUNT.fullmatch(word) or _is_count(words, at)
        return _Item(_NOTHING) if is_amount else _Item("#", unknown=word.upper())
    return _Item("?", unknown=word.upper()) if word not in vocabulary.ASIDES and _is_listed(words, at) else _Item(word)


def _is_count(words: Sequence[_Word], at: int) -> bool:
    """Whether a number says how many: "2 shifts"."""
    word, following = words[at].text, words[at + 1 : at + 2]
    return word.isdecimal() and len(word) < 3 and bool(following) and (following[0].text in vocabulary.PLURAL)


def _is_listed(words: Sequence[_Word], at: int) -> bool:
    """Whether a word stands alone between commas or line ends, courtesy at the end apart."""
    after = words[at + 1 : at + 2]
    begins = at == 0 or bool(_END_OF_ITEM.search(words[at].gap))
    ends = not after or bool(_END_OF_ITEM.search(after[0].gap))
    return begins and (ends or all(word.text in vocabulary.COURTESY for word in words[at + 1 :]))


# Finding the command.


def _command(items: Sequence[_Item]) -> Command | None:
    signs = [item.sign for item in items]
    if "agent" in signs:
        return Command.AGENT if _calls_an_agent(signs) else None
    said = _without_courtesy(signs)
    if "?" in signs:
        if not any(item.code for item in items) or not vocabulary.IN_A_LIST.issuperset(said.split()):
            return None
        said = said.replace("?", "#")
    if vocabulary.DROPPING.fullmatch(said):
        return Command.DROP
    if "#" in said:
        return Command.BOOK if vocabulary.BOOKING.fullmatch(said) else None
    return _plain_command(set(said.split()))


def _plain_command(words: set[str]) -> Command | None:
    """A command that needs no codes."""
    if "request" in words and words <= vocabulary.REQUEST_WORDS:
        return Command.REQUEST
    if "more" in words and words <= vocabulary.MORE_WORDS:
        return Command.MORE
    is_mine = "mine" in words or ("my" in words and not words.isdisjoint(vocabulary.MINE_WORDS - {"my"}))
    return Command.MINE if is_mine and words <= vocabulary.MINE_WORDS else None


def _calls_an_agent(signs: Sequence[str]) -> bool:
    """Not who greets or thanks one ("thanks agent"): a call costs money."""
    at = signs.index("agent")
    before, after = set(signs[:at]), set(_without_courtesy(signs[at:]).split())
    return before <= vocabulary.AGENT_WORDS | vocabulary.PLEASE | {"yes"} and after <= vocabulary.AGENT_WORDS


def _without_courtesy(signs: Sequence[str]) -> str:
    """What is said, each word with a space behind it."""
    return vocabulary.COURTEOUS.sub("", "".join(f"{sign} " for sign in signs))
