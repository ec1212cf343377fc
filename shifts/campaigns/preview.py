"""What would happen if a campaign were sent now."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import ceil

from django.conf import settings

from messaging import clock, prices, text
from messaging.models import OriginationIdentity
from shifts.campaigns import texts
from shifts.campaigns.cautions import Situation, cautions
from shifts.campaigns.reach import Reach, count, lately
from shifts.campaigns.texts import Texts
from shifts.campaigns.unanswered import audience_of
from shifts.models import Campaign, Shift

NOBODY = "Nobody would be texted."


@dataclass(frozen=True, slots=True)
class Said:
    """The text of one language.

    Attributes:
        language: a code; "" is whoever has none, where they read another text than those of the language of the house.
        recipients: people who will be texted in it.
    """

    language: str
    text: str
    encoding: str
    parts: int
    recipients: int

    @property
    def name(self) -> str:
        """The language in words."""
        return texts.name(self.language) or "No language"


@dataclass(frozen=True, slots=True)
class Preview:
    """What staff see before they send.

    Attributes:
        recipients: people who will be texted.
        suppressed: people of the segment who will not, by ``reasons``.
        duplicates: lines of the imported list that name a number again; each number is texted once.
        text: the campaign's own, with its ``encoding``. Whom it goes to, and what others read, is in ``languages``.
        parts: of each text; where they differ, the most that anybody gets.
        total_parts: of all texts together.
        languages: the text of each language that recipients have, the most people first.
        estimated_cost: None when the prices do not say; ``problems`` tells why.
        estimated_seconds: from the first to the last text, at the MPS of the numbers; None without a number.
        problems: sentences for staff: what stands in the way.
        warnings: sentences for staff: what they should know.
        numbers: people for each origination identity.
    """

    recipients: int
    suppressed: int
    duplicates: int
    text: str
    encoding: str
    parts: int
    estimated_cost: Decimal | None
    currency: str
    estimated_seconds: int | None
    problems: tuple[str, ...]
    warnings: tuple[str, ...]
    reasons: Mapping[str, int]
    numbers: Mapping[str, int]
    total_parts: int
    languages: tuple[Said, ...]

    @property
    def fewest_parts(self) -> int:
        """Of the shortest text that anybody gets."""
        return min((one.parts for one in self.languages), default=self.parts)

    @property
    def differ(self) -> bool:
        """Whether recipients read different texts."""
        return len({one.text for one in self.languages}) > 1


def preview(campaign: Campaign, *, exactly: bool = True) -> Preview:
    """Count who would be texted now, and what it would take.

    Args:
        campaign: which.
        exactly: now, and not a moment ago: see reach.lately.
    """
    ask = count if exactly else lately
    reach = ask(audience_of(campaign), last=campaign.last_member, origination_identity=campaign.origination_identity)
    # What has begun says what it says, whatever became of its shifts since.
    shifts = [] if campaign.text else list(campaign.shifts.all())
    return foresee(texts.texts_of(campaign), reach, shifts=shifts, at=campaign.scheduled_at)


def foresee(whole: Texts, reach: Reach, *, shifts: Sequence[Shift] = (), at: datetime | None = None) -> Preview:
    """What it would take to send a text to people who are counted already. Two queries.

    Args:
        whole: the text in each language.
        reach: whom it would reach.
        shifts: those that the text is about.
        at: when it is to be sent, aware; None: now.
    """
    size = text.measure(whole.own)
    said = _said(whole, reach)
    by_number, by_country = _parts(whole, reach)
    cost = prices.estimate(1, by_country)
    seconds = _seconds(by_number)
    others = {one.name: one.text for one in said if one.text != whole.own}
    problems = [reach.problem, cost.problem, *_of_text(whole.own, shifts)]
    if not reach.numbers and not reach.problem:
        problems.append(NOBODY)
    problems += [sentence for name, body in others.items() for sentence in _of_text(body, shifts, name)]
    return Preview(
        recipients=reach.recipients,
        suppressed=reach.suppressed,
        duplicates=reach.duplicates,
        text=whole.own,
        encoding=size.encoding,
        parts=max((one.parts for one in said), default=size.parts),
        estimated_cost=cost.amount,
        currency=cost.currency,
        estimated_seconds=seconds,
        problems=tuple(problem for problem in problems if problem),
        warnings=cautions(Situation(whole.own, clock.now(), shifts, at, reach.whereabouts, seconds, others)),
        reasons=dict(reach.reasons),
        numbers=dict(reach.numbers),
        total_parts=sum(by_country.values()),
        languages=said,
    )


def _said(whole: Texts, reach: Reach) -> tuple[Said, ...]:
    house = texts.group(settings.LANGUAGE_CODE)
    people = Counter[str]()
    for language, spread in reach.languages.items():
        # Who has none reads what is read in the language of the house, unless staff wrote a version in that.
        people[language or ("" if house in whole.others else house)] += sum(spread.numbers.values())
    found = []
    for language, recipients in sorted(people.items(), key=lambda one: (-one[1], one[0])):
        size = text.measure(body := whole.of(language))
        if recipients:
            found.append(Said(language, body, size.encoding, size.parts, recipients))
    return tuple(found)


def _parts(whole: Texts, reach: Reach) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """Message parts by number of ours, and by country."""
    numbers, countries = Counter[str](), Counter[str]()
    for language, spread in reach.languages.items():
        parts = text.measure(whole.of(language)).parts
        for found, people in ((numbers, spread.numbers), (countries, spread.countries)):
            for key, recipients in people.items():
                found[key] += parts * recipients
    return numbers, countries


def _of_text(body: str, shifts: Sequence[Shift], language: str = "") -> Iterator[str]:
    """What is wrong with a text; of another than the campaign's own its language is told."""
    subject = f"The text in {language}" if language else "The text"
    if not (size := text.measure(body)).fits:
        problem = str(text.BodyTooLong(size))
        yield f"In {language}: {problem}" if language else problem
    if shifts and not any(shift.shift_id in body for shift in shifts):
        yield f"{subject} names no shift: those of the campaign are taken or have begun, or do not fit in."
    if "STOP" not in body.upper():
        yield f"{subject} does not say that STOP opts out, which carriers ask for in texts to many."


def _seconds(parts: Mapping[str, int]) -> int | None:
    mps = dict(OriginationIdentity.objects.filter(identity__in=parts).values_list("identity", "mps"))
    # One that was deleted since it was counted is left out.
    paces = ((left, mps[identity]) for identity, left in parts.items() if identity in mps)
    return max((ceil(left / pace) for left, pace in paces), default=None)
