"""What an employee means who texts about shifts: which command, and which codes. Pure.

Codes stand alone, in a list or in a phrase that asks for them. Nothing is guessed: a text with a word that is neither a
code nor part of such a phrase is not understood, because a wrong booking is worse than asking again.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from messaging.wording import YES, fold, plain
from shifts import vocabulary
from shifts.spelling import Known, Word, is_settled, joined, may_be_code, other_spellings


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
    typed = [word.text.upper() for word in words if may_be_code(word.text)]
    halves = [together for first, second in pairwise(words) if (together := joined(first, second))]
    others = (
        spelling
        for code in (*(code for code in typed if code.casefold() not in vocabulary.VOCABULARY), *halves)
        for spelling in other_spellings(code)
    )
    return tuple(dict.fromkeys((*typed, *halves, *others)))[:_MOST_CANDIDATES]


def mentioned(body: str) -> tuple[str, ...]:
    """What a text speaks of if there is a shift called so, whatever it says of it; in upper case, to be looked up.

    Not what it quotes, and no everyday words: "good night" is not about the shift NIGHT. Never raises.
    """
    if len(body.strip()) > _LONGEST:
        return ()
    words = _split(vocabulary.QUOTATION.split(_plain(body), maxsplit=1)[0])
    shouted = all(word.is_shouted for word in words)
    spoken_of = [
        word.text.upper()
        for word in words
        if may_be_code(word.text) and (vocabulary.TELLING.search(word.text) or (word.is_in_capitals and not shouted))
    ]
    halves = [together for first, second in pairwise(words) if (together := joined(first, second))]
    codes = [*spoken_of, *(code for code in halves if vocabulary.TELLING.search(code))]
    others = (spelling for code in codes for spelling in other_spellings(code))
    return tuple(dict.fromkeys((*codes, *others)))[:_MOST_CANDIDATES]


def understand(body: str, known_codes: Collection[str]) -> Meaning:
    """What a text means, given those of its candidates that exist, whatever their case. Never raises."""
    words = _words(body)
    if len({word.text for word in words if may_be_code(word.text)}) > _MOST_CANDIDATES:
        # Not all of them were looked up, and none may be called unknown for that.
        return Meaning()
    items = list(_items(words, Known(known_codes)))
    command = _command(items, shouted=all(word.is_shouted for word in words))
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
    return is_settled(word) or word in vocabulary.REQUESTS or word in vocabulary.VOCABULARY


# Reading words.

# AWS passes on 1600 characters at most. What is longer is not read in part: what is left out may be a "not".
_LONGEST = 2000
_MOST_CANDIDATES = 100
_RANGE = re.compile(r"[-\N{EM DASH}]")
_END_OF_ITEM = re.compile(r"[,;\n]")
# What codes in a list are separated by, beside "and".
_SEPARATOR = re.compile(r"[\s,;&+/]*")
# The sign of what no command has.
_NOTHING = "!"


@dataclass(frozen=True, slots=True)
class _Item:
    """A word as the phrases know it, and what it names.

    Attributes:
        sign: "#" for a code, "?" for what may be an unknown one, else the word.
        code: the known code, as it is stored.
        unknown: what may be an unknown code, in upper case.
        is_listed: it stands alone between commas or line ends.
        is_in_capitals: it stands in a list and is typed as codes are.
        is_crowded: with another such word right beside it: more like a sentence.
    """

    sign: str
    code: str = ""
    unknown: str = ""
    is_listed: bool = False
    is_in_capitals: bool = False
    is_crowded: bool = False


def _words(body: str) -> list[Word]:
    """The words of a text; none if it has something that no command has."""
    body = body.strip()
    if len(body) > _LONGEST or not vocabulary.DOUBTFUL_SIGNS.isdisjoint(body):
        return []
    text = _plain(body)
    if vocabulary.FIGURES.search(text) or vocabulary.REACTION.match(text) or any(map(_is_doubtful_symbol, text)):
        return []
    # Of what somebody asks, nothing is typed as codes are: "XYZ123 REALLY?"
    return _split(text.lower() if "?" in text else text)


def _plain(body: str) -> str:
    text = plain(body.translate(vocabulary.LOOKALIKES))
    # "BEN'S" is typed as no code is.
    return vocabulary.CONTRACTED.sub(lambda word: vocabulary.APOSTROPHE.sub("", word[0]).lower(), text)


def _split(text: str) -> list[Word]:
    words, end = list[Word](), 0
    for token in vocabulary.TOKEN.finditer(text):
        words.append(Word(fold(token[0]), text[end : token.start()], token[0]))
        end = token.end()
    return words


def _is_doubtful_symbol(character: str) -> bool:
    return unicodedata.category(character) in ("Sm", "Sc") and character not in vocabulary.HARMLESS_SYMBOLS


# Finding codes.


def _items(words: Sequence[Word], known: Known) -> Iterator[_Item]:
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


def _item(words: Sequence[Word], at: int, known: Known) -> _Item:
    word = words[at].text
    if code := known.word(word):
        return _Item(_NOTHING if _is_count(words, at) else "#", code=code)
    if word in vocabulary.REQUESTS:
        return _Item("request")
    if YES.fullmatch(word):
        return _Item("yes")
    if word in vocabulary.VOCABULARY or not may_be_code(word):
        return _Item(word)
    if any(one.isdigit() for one in word):
        is_amount = vocabulary.AMOUNT.fullmatch(word) or _is_count(words, at)
        return _Item(_NOTHING) if is_amount else _Item("#", unknown=word.upper())
    return _Item(word) if word in vocabulary.ASIDES else _perhaps_a_code(words, at, known)


def _perhaps_a_code(words: Sequence[Word], at: int, known: Known) -> _Item:
    """A word of letters that nobody knows."""
    word = words[at]
    gaps = [one.gap for one in words[max(at, 1) : at + 2]]
    # Right beside it, with neither a comma nor a line end between.
    close = [other for other, gap in zip(words[max(at - 1, 0) : at], gaps, strict=False) if not gap.strip(" ")]
    close += [other for other in words[at + 1 : at + 2] if not other.gap.strip(" ")]
    listed = _is_listed(words, at)
    in_capitals = (
        word.is_in_capitals
        and word.text not in vocabulary.SAID_LOUDLY
        and all(map(_SEPARATOR.fullmatch, gaps))
        # "WARD 309" is rather a place than two codes.
        and not any(other.text.isdecimal() for other in close)
    )
    if not listed and not in_capitals:
        return _Item(word.text)
    crowded = any(
        other.is_in_capitals and other.text not in vocabulary.VOCABULARY and not known.word(other.text)
        for other in close
    )
    return _Item("?", unknown=word.text.upper(), is_listed=listed, is_in_capitals=in_capitals, is_crowded=crowded)


def _is_count(words: Sequence[Word], at: int) -> bool:
    """Whether a number says how many: "2 shifts"."""
    word, following = words[at].text, words[at + 1 : at + 2]
    return word.isdecimal() and len(word) < 3 and bool(following) and (following[0].text in vocabulary.PLURAL)


def _is_listed(words: Sequence[Word], at: int) -> bool:
    """Whether a word stands alone between commas or line ends, courtesy at the end apart."""
    after = words[at + 1 : at + 2]
    begins = at == 0 or bool(_END_OF_ITEM.search(words[at].gap))
    ends = not after or bool(_END_OF_ITEM.search(after[0].gap))
    return begins and (ends or all(word.text in vocabulary.COURTESY for word in words[at + 1 :]))


# Finding the command.


def _command(items: Sequence[_Item], *, shouted: bool) -> Command | None:
    signs = [item.sign for item in items]
    if "agent" in signs:
        return Command.AGENT if _calls_an_agent(signs) else None
    said = _without_courtesy(signs)
    if "?" in signs:
        if not _is_a_list(items, set(said.split()), shouted=shouted):
            return None
        said = said.replace("?", "#")
    if vocabulary.DROPPING.fullmatch(said):
        return Command.DROP
    if "#" in said:
        return Command.BOOK if vocabulary.BOOKING.fullmatch(said) else None
    return _plain_command(set(said.split()))


def _is_a_list(items: Sequence[_Item], said: Collection[str], *, shouted: bool) -> bool:
    """Whether the words that nobody knows stand for codes."""
    unknown = [item for item in items if item.sign == "?"]
    if not any(item.code for item in items):
        # It books nothing, but its sender is told that these are no codes: none of it may be meant otherwise.
        allowed = vocabulary.IN_A_LIST_OF_CODES | vocabulary.PLEASE
        return all(item.sign in allowed for item in items) and all(item.is_in_capitals for item in unknown)
    if all(item.is_listed for item in unknown):
        return vocabulary.IN_A_LIST.issuperset(said)
    # Capitals tell nothing where all is in capitals.
    allowed = vocabulary.IN_A_LIST_OF_CODES if shouted else vocabulary.IN_A_LIST
    return allowed.issuperset(said) and all(
        item.is_listed or (item.is_in_capitals and not item.is_crowded) for item in unknown
    )


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
