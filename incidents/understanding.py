"""What somebody means who answers an incident: YES or NO, to which incidents, and what else they said. Pure.

The first word decides, or the word after an id ("123 yes"). What follows is kept for staff ("no, I can in 2 hours").
Nothing is guessed: "yes no", "no problem" and "not yet" are not understood, and the sender is told how to answer.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from incidents.vocabulary import AMOUNT, FILLERS, LETTERS, NOT_A_NO, TOKEN, UNITS
from messaging.wording import COURTESY, NO, YES, fold, plain


class Said(StrEnum):
    """The two answers."""

    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a text means.

    Attributes:
        answer: None when it is not understood; nothing else is set then.
        incident_ids: the known ids it names, in their order.
        everything: YES ALL, NO ALL.
        unknown_id: something in the place of an id that is none of the known ones.
        tail: what else was said.
    """

    answer: Said | None = None
    incident_ids: tuple[str, ...] = ()
    everything: bool = False
    unknown_id: str = ""
    tail: str = ""


def is_reserved(incident_id: str) -> bool:
    """Whether an id would be taken for an answer."""
    word = incident_id.casefold()
    return _answer(word) is not None or word == "all" or word in FILLERS | COURTESY


def understand(body: str, known_ids: Collection[str]) -> Meaning:
    """What a text means to somebody who is a contact of these incidents. Never raises."""
    reader = _Reader(plain(body), known_ids)
    reader.skip_fillers()
    named = reader.take_ids()
    everything = not named and reader.take("all")
    answer = reader.take_answer()
    if answer is None:
        return Meaning()
    single_letter = reader.ended_a_single_letter
    unknown = ""
    if not named and not everything:
        everything = reader.take_all()
        named = () if everything else reader.take_ids(after_fillers=True)
        unknown = "" if everything or named else reader.take_unknown_id()
    settled = bool(named or everything or unknown)
    tail = reader.tail()
    if reader.in_doubt(answer, settled=settled) or (single_letter and tail and not settled):
        return Meaning()
    return Meaning(answer, named, everything, unknown, tail)


def _answer(word: str) -> Said | None:
    if YES.fullmatch(word):
        return Said.YES
    return Said.NO if NO.fullmatch(word) else None


class _Reader:
    """A text and how far it has been read. A ``take`` moves on only if it finds what it looks for."""

    def __init__(self, text: str, known_ids: Collection[str]) -> None:
        self.text = text
        self.at = 0
        self.ids = sorted(known_ids, key=len, reverse=True)
        self.ended_a_single_letter = False

    def token(self, at: int | None = None) -> re.Match[str] | None:
        """The next word or id-like chunk."""
        return TOKEN.search(self.text, self.at if at is None else at)

    def take(self, *words: str) -> bool:
        """Read one of these words."""
        token = self.token()
        if token is None or fold(token[0]) not in words:
            return False
        self.at = token.end()
        return True

    def skip_fillers(self) -> None:
        """Read words that may stand before an id."""
        while self.take(*FILLERS):
            pass

    def take_answer(self) -> Said | None:
        """Read YES or NO, and its repetitions; an id may stick to it ("yes:123", "yes-123", "y123")."""
        found: Said | None = None
        while token := self.token():
            letters = LETTERS.match(token[0])
            answer = _answer(fold(letters[0])) if letters else None
            if letters is None or answer is None or found not in (None, answer):
                break
            rest = token[0][letters.end() :]
            end = token.start() + letters.end()
            glued = rest and (rest[0] == ":" or (rest[0] == "." and letters.end() > 1))
            if rest and not glued and self._id_at(end + (rest[0] in "-/_.")) is None:
                break
            found, self.at = answer, end + (1 if rest and rest[0] in "-/_.:" else 0)
            following = self.text[end : end + 1]
            self.ended_a_single_letter = letters.end() == 1 and (not following or following.isspace())
        return found

    def take_ids(self, *, after_fillers: bool = False) -> tuple[str, ...]:
        """Read known ids, as many as follow each other."""
        start, found = self.at, list[str]()
        if after_fillers:
            self.skip_fillers()
        while token := self.token():
            known = self._id_at(token.start())
            if known is None:
                break
            found.append(known)
            self.at = token.start() + len(known)
            before = self.at
            if self.take("and") and ((after := self.token()) is None or self._id_at(after.start()) is None):
                self.at = before
        if not found:
            self.at = start
        return tuple(dict.fromkeys(found))

    def take_all(self) -> bool:
        """Read ALL, unless it goes on as a sentence ("yes all good")."""
        start = self.at
        self.skip_fillers()
        if self.take("all"):
            after = self.text[self.at :].lstrip(" \t")
            following = self.token()
            ends = not after or following is None or not (after[0].isalnum())
            if ends or (following and fold(following[0]) in {"of", "incidents", *COURTESY}):
                if following and not ends and fold(following[0]) not in COURTESY:
                    self.take("of"), self.take("the", "them"), self.take("incidents")
                return True
        self.at = start
        return False

    def take_unknown_id(self) -> str:
        """Read what stands where an id would, has a digit, and is neither an amount nor a time."""
        start = self.at
        self.skip_fillers()
        token = self.token()
        if token and any(one.isdigit() for one in token[0]) and not AMOUNT.fullmatch(token[0].casefold()):
            following = self.token(token.end())
            if following is None or fold(following[0]) not in UNITS:
                self.at = token.end()
                return token[0]
        self.at = start
        return ""

    def in_doubt(self, answer: Said, *, settled: bool) -> bool:
        """Whether the next words put the answer in question."""
        token = self.token()
        while token and fold(token[0]) in ("or", "and"):
            token = self.token(token.end())
        if token is None:
            return False
        word = fold(token[0])
        if _answer(fold(re.split(r"[.:/-]", token[0])[0])) not in (None, answer):
            following = self.token(token.end())
            return not (answer is Said.YES and following and fold(following[0]) in NOT_A_NO)
        if answer is Said.YES:
            return word == "not"
        close = not self.text[self.at : token.start()].strip()
        return close and not settled and word in NOT_A_NO

    def tail(self) -> str:
        """What is left, if it says anything."""
        token = self.token()
        if token is None or all(fold(word) in COURTESY for word in TOKEN.findall(self.text[self.at :])):
            return ""
        return self.text[token.start() :].strip()

    def _id_at(self, at: int) -> str | None:
        """The longest known id that stands at a place, whatever its case; the exact one if two differ only in case."""
        found: list[str] = []
        for known in self.ids:
            end = at + len(known)
            here = self.text[at:end]
            if found and len(found[0]) > len(known):
                break
            if here.lower() == known.lower() and not re.match(r"\w|[-/._]\w|:\d", self.text[end : end + 2]):
                if here == known:
                    return known
                found.append(known)
        return found[0] if len(found) == 1 else None
