"""What a text says about consent: STOP, JOIN and their like. Pure.

The whole text must be the word, give or take case, accents, punctuation, pictures, courtesy and repetition. A word in a
sentence means nothing ("stop by at 5"), and words that contradict each other mean nothing ("stop start"). A text that
begs for an end without a keyword is a plea: nothing follows from it but that a person reads it.

YES is never consent, whatever staff define, because it answers questions.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from messaging.wording import NO, YES, fold, plain
from optout.vocabulary import (
    ANSWERS,
    CONNECTIVES,
    COURTESY,
    COURTESY_PHRASES,
    INSISTENCE,
    LANGUAGES,
    NON_STOP,
    PARTED,
    PLEAS,
    REACTION,
    SAID_AT_WORK,
    SAME_AS,
    STOP_SIGNS,
    STOPALL,
)


class Action(StrEnum):
    """What becomes of consent."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a text means.

    Attributes:
        word: the word that was understood, as it is listed ("STOP", "OPT-OUT") or as staff typed it.
        every_number: the opt-out is from all our numbers, not only from the one that was written to.
    """

    action: Action
    word: str
    every_number: bool = False


def understand(body: str, own_words: Mapping[str, Action] = {}) -> Meaning | None:
    """What a text says about consent, None if nothing. Built-in words win over those of staff. Never raises."""
    said = _said(body)
    own = _usable(own_words) if own_words and _key(said) else {}
    meanings = _read(said, own)
    if not meanings or len({meaning.action for meaning in meanings}) > 1:
        return None
    insists = not _read(said, own, insistence=frozenset())
    if insists and not any(_bears_insistence(meaning) for meaning in meanings):
        return None
    first = meanings[0]
    return Meaning(first.action, first.word, every_number=any(meaning.every_number for meaning in meanings))


def the_key(body: str) -> str:
    """The words by which a word of staff's is compared; "" for a text without words or with too many to be one.

    A text whose key is "" is never understood as a word of staff's, so they need not be looked up for it.
    """
    return " ".join(_key(_said(body)))


def is_plea(body: str) -> bool:
    """Whether a text asks for an end without a keyword, or with contradicting ones, so that a person must read it.

    Where staff have words of their own, ask understand() first: it may understand what is a plea without them.
    """
    text = _plain(body)
    if REACTION.match(text) or NON_STOP.fullmatch(text) or understand(body):
        return False
    said = _words(body)
    if not said:
        return not STOP_SIGNS.isdisjoint(body)
    return _wavers(said) or _begins_or_ends_with_a_keyword(text) or _begs(said)


def reserved(word: str) -> str:
    """Why staff must not give a word a meaning of their own, and what to do instead; "" when they may."""
    said, shown = _words(word), word.strip().upper()
    actions = {meaning.action for meaning in _read(said, {})}
    if actions:
        means = "out or in" if len(actions) > 1 else "out" if Action.OPT_OUT in actions else "in"
        return f"{shown} already opts people {means}. Choose another word."
    if said and all(_is_answer(one) for one in said):
        return f"{shown} is how people answer a question. Choose another word."
    return ""


# Reading words.

# More words than this are a sentence, not a word that staff define.
_MOST_WORDS = 4
_LONGEST = 2000
_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = str.maketrans("", "", "'\N{LEFT SINGLE QUOTATION MARK}\N{MODIFIER LETTER APOSTROPHE}`")
# "stoppp", "STOOOP". Two may be the right spelling (STOPP), three never are.
_DRAWN_OUT = re.compile(r"(.)\1{2,}")
_LONGEST_COURTESY = max(map(len, COURTESY_PHRASES))


def _known() -> Iterator[tuple[str, Meaning]]:
    for words in LANGUAGES.values():
        for action, listed in ((Action.OPT_OUT, words.opt_out), (Action.OPT_IN, words.opt_in)):
            for word in listed:
                yield (
                    word.replace("-", "").lower(),
                    Meaning(action, SAME_AS.get(word, word), every_number=word == STOPALL),
                )


_KNOWN: Mapping[str, Meaning] = dict(_known())


def _plain(body: str) -> str:
    # AWS passes on 1600 characters at most; a single one may unfold to eighteen, which nobody means for a word.
    return plain(body[:_LONGEST])[:_LONGEST]


def _said(body: str) -> list[str]:
    """The words of a text without courtesy, unless it is nothing else: staff may have made a word of it ("ADIOS")."""
    return _words(body) or _together(_all_words(body))


def _words(body: str) -> list[str]:
    """The words of a text, folded, without courtesy and repetition; spelled ones ("S T O P") put together."""
    return _together(_without_courtesy(_all_words(body)))


def _all_words(body: str) -> list[str]:
    return _WORD.findall(fold(_plain(body)).translate(_APOSTROPHES))


def _together(words: Iterable[str]) -> list[str]:
    together = list[str]()
    spelling = False
    for word in words:
        is_letter = len(word) == 1 and word.isalpha()
        if is_letter and spelling:
            together[-1] += word
        elif not together or word != together[-1]:
            together.append(word)
        spelling = is_letter
    return together


def _without_courtesy(words: Sequence[str]) -> Iterator[str]:
    at = 0
    while at < len(words):
        for size in range(_LONGEST_COURTESY, 1, -1):
            if tuple(words[at : at + size]) in COURTESY_PHRASES:
                at += size
                break
        else:
            if words[at] not in COURTESY:
                yield words[at]
            at += 1


def _key(said: Sequence[str]) -> tuple[str, ...]:
    return tuple(said) if len(said) <= _MOST_WORDS else ()


def _usable(own_words: Mapping[str, Action]) -> dict[tuple[str, ...], Meaning]:
    """Staff's words by key, without those they should not have been able to define."""
    return {
        key: Meaning(action, word)
        for word, action in own_words.items()
        if (key := _key(_said(word))) and not reserved(word)
    }


def _bears_insistence(meaning: Meaning) -> bool:
    return meaning.action is Action.OPT_OUT and meaning.word not in SAID_AT_WORK


def _read(
    said: Sequence[str], own: Mapping[tuple[str, ...], Meaning], insistence: frozenset[str] = INSISTENCE
) -> list[Meaning]:
    """The meanings of the words one after the other; none if any word has none, insistence apart."""
    found = list[Meaning]()
    at = 0
    while at < len(said):
        for size in range(_MOST_WORDS if own else 2, 0, -1):
            meaning = _meaning(said[at : at + size], own)
            if meaning:
                found.append(meaning)
                at += size
                break
        else:
            if said[at] not in insistence:
                return []
            at += 1
    return found


def _meaning(words: Sequence[str], own: Mapping[tuple[str, ...], Meaning]) -> Meaning | None:
    if len(words) == 1 or tuple(words) in PARTED:
        together = "".join(words)
        known = _KNOWN.get(together) or _KNOWN.get(_DRAWN_OUT.sub(r"\1", together))
        if known:
            return known
    # As staff wrote it: NOMORE is not "no more".
    return own.get(tuple(words))


def _is_answer(word: str) -> bool:
    return _is_yes_or_no(word) or word in ANSWERS


def _is_yes_or_no(word: str) -> bool:
    return bool(YES.fullmatch(word) or NO.fullmatch(word))


# Pleas.

_PLEA = re.compile("|".join(pattern for patterns in PLEAS.values() for pattern in patterns))
_END_OF_SENTENCE = re.compile(r"[.!?;\n]+")


def _wavers(said: Sequence[str]) -> bool:
    """Whether there is nothing but keywords, one for an end among them, YES or NO, and what connects them."""
    keywords = [word for word in said if word not in CONNECTIVES and not _is_yes_or_no(word)]
    return Action.OPT_OUT in {meaning.action for meaning in _read(keywords, {})}


def _begins_or_ends_with_a_keyword(text: str) -> bool:
    """Whether one sentence at either end is a keyword ("STOP! I am not Ben.")."""
    sentences = [sentence for sentence in _END_OF_SENTENCE.split(text) if sentence.strip()]
    read = (_read(_words(sentence), {}) for sentence in (*sentences[:1], *sentences[1:][-1:]))
    return any({meaning.action for meaning in meanings} == {Action.OPT_OUT} for meanings in read)


def _begs(said: Sequence[str]) -> bool:
    return bool(_PLEA.search(" ".join(word for word in said if word not in INSISTENCE)))
