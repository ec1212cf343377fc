"""Whom a campaign would reach, whatever its text says: counted once for an audience and a number of ours."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from django.core.cache import cache

from messaging import prices
from messaging.numbers import NoOriginationIdentity
from messaging.outbound import outbox
from shifts.campaigns import quiet
from shifts.campaigns.audience import Audience, Member
from shifts.campaigns.texts import group

# Fewer are counted before anybody notices.
_LARGE = 20_000
_LATELY_SECONDS = 120

OPTED_OUT = "Opted out"
NOT_APPROVED = "Not approved"


class Spread(NamedTuple):
    """Those of one language who would be texted: number of ours → how many; country (ISO 3166) → how many."""

    numbers: Mapping[str, int]
    countries: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Reach:
    """What is counted of an audience.

    Attributes:
        reasons: why people would not be texted → how many.
        languages: those who would be texted, by the language that they are texted in; "" is whoever has none.
        whereabouts: country and time zones → how many of them.
        duplicates: lines of the imported list that name a number again.
        problem: why it cannot be told; blank when it can.
        is_whole: whether everybody was counted.
    """

    reasons: Mapping[str, int]
    languages: Mapping[str, Spread]
    whereabouts: Mapping[quiet.Where, int]
    duplicates: int = 0
    problem: str = ""
    is_whole: bool = True

    @property
    def numbers(self) -> Mapping[str, int]:
        """Number of ours → how many would be texted from it."""
        found = Counter[str]()
        for spread in self.languages.values():
            found.update(spread.numbers)
        return found

    @property
    def recipients(self) -> int:
        """People who would be texted."""
        return sum(self.numbers.values())

    @property
    def suppressed(self) -> int:
        """People of the audience who would not."""
        return sum(self.reasons.values())


def lately(audience: Audience, *, last: int | None, origination_identity: str) -> Reach:
    """As count; but a large audience that was counted a moment ago, and has nobody new, is not counted again.

    For what only shows. Somebody may have opted out meanwhile: who says yes says it to what is counted then.
    """
    upto = audience.last() if last is None else last
    found: Reach | None = cache.get(_key(audience, upto, origination_identity))
    return found or count(audience, last=upto, origination_identity=origination_identity)


def _key(audience: Audience, last: int, origination_identity: str) -> str:
    asked = f"{audience.name} to {last} from {origination_identity}"
    return f"reach-by-language:{sha256(asked.encode()).hexdigest()}"


def count(audience: Audience, *, last: int | None, origination_identity: str, most: int | None = None) -> Reach:
    """Ask of everybody of an audience whether they would be texted now, and from where.

    Args:
        audience: whom it is for.
        last: where the audience of a campaign that has begun ends; None: as it is now.
        origination_identity: the number that the campaign wants; blank lets messaging choose.
        most: stop after about so many people.
    """
    upto = audience.last() if last is None else last
    reasons, whereabouts = Counter[str](), Counter[quiet.Where]()
    numbers, countries = defaultdict[str, Counter[str]](Counter), defaultdict[str, Counter[str]](Counter)
    duplicates, seen, problem, is_whole = 0, 0, "", True
    for members in _walk(audience, upto):
        if most is not None and seen >= most:
            is_whole = False
            break
        seen += len(members)
        duplicates += sum(member.times_listed - 1 for member in members)
        approved = [member.phone_number for member in members if member.approved]
        if len(approved) < len(members):
            reasons[NOT_APPROVED] += len(members) - len(approved)
        try:
            judged = outbox.judge(approved, origination_identity=origination_identity or None, expects_reply=True)
        except NoOriginationIdentity as trouble:
            problem = str(trouble)
            continue
        if judged.doubt:
            problem = f"It cannot be told now who has opted out: {judged.doubt}."
        if judged.refusals:
            reasons[OPTED_OUT] += len(judged.refusals)
        texted = [number for number in approved if number not in judged.refusals]
        for language, its in _by_language(members, texted).items():
            numbers[language].update(map(judged.identities.__getitem__, its))
            countries[language].update(prices.countries(its))
        whereabouts.update(quiet.whereabouts(texted))
    languages = {language: Spread(its, countries[language]) for language, its in numbers.items()}
    found = Reach(reasons, languages, whereabouts, duplicates, problem, is_whole)
    if is_whole and not problem and seen >= _LARGE:
        cache.set(_key(audience, upto, origination_identity), found, _LATELY_SECONDS)
    return found


def _walk(audience: Audience, last: int) -> Iterator[list[Member]]:
    """Everybody, chunk by chunk."""
    after, is_last = 0, False
    while not is_last:
        chunk = audience.chunk(after, last)
        after, is_last = chunk.cursor, chunk.is_last
        if chunk.members:
            yield chunk.members


def _by_language(members: Sequence[Member], texted: Sequence[str]) -> dict[str, list[str]]:
    """Phone numbers, by the language in which each is texted."""
    codes = {member.phone_number: member.language for member in members}
    groups = {code: group(code) for code in set(codes.values())}
    found: dict[str, list[str]] = {}
    for number in texted:
        found.setdefault(groups[codes[number]], []).append(number)
    return found
