"""What would happen if a campaign were sent now."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import ceil

from messaging import prices, text
from messaging.models import OriginationIdentity
from messaging.numbers import NoOriginationIdentity
from messaging.outbound import outbox
from shifts.campaigns import audience
from shifts.campaigns.requests import text_of
from shifts.models import Campaign

OPTED_OUT = "Opted out"
NOT_APPROVED = "Not approved"


@dataclass(frozen=True, slots=True)
class Preview:
    """What staff see before they send.

    Attributes:
        recipients: people who will be texted.
        suppressed: people of the segment who will not, by ``reasons``.
        duplicates: lines of the imported list that name a number again; each number is texted once.
        estimated_cost: None when the prices do not say; ``problems`` tells why.
        estimated_seconds: from the first to the last text, at the MPS of the numbers; None without a number.
        problems: sentences for staff.
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
    reasons: Mapping[str, int]
    numbers: Mapping[str, int]


@dataclass(slots=True)
class _Audience:
    """What is counted of the segment."""

    reasons: Counter[str]
    numbers: Counter[str]
    countries: Counter[str]
    duplicates: int = 0
    problem: str = ""


def preview(campaign: Campaign) -> Preview:
    """Count who would be texted now, and what it would take."""
    body = campaign.text or text_of(campaign)
    size = text.measure(body)
    found = _count(campaign)
    cost = prices.estimate(size.parts, found.countries)
    problems = [found.problem, cost.problem]
    if not size.fits:
        problems.append(str(text.BodyTooLong(size)))
    if not found.numbers and not found.problem:
        problems.append("Nobody would be texted.")
    if not campaign.text and campaign.shifts.exists() and not any(s.shift_id in body for s in campaign.shifts.all()):
        problems.append("The text names no shift: those of the campaign are taken or have begun, or do not fit in.")
    if "STOP" not in body.upper():
        problems.append("The text does not say that STOP opts out, which carriers ask for in texts to many.")
    return Preview(
        recipients=found.numbers.total(),
        suppressed=found.reasons.total(),
        duplicates=found.duplicates,
        text=body,
        encoding=size.encoding,
        parts=size.parts,
        estimated_cost=cost.amount,
        currency=cost.currency,
        estimated_seconds=_seconds(found.numbers, size.parts),
        problems=tuple(problem for problem in problems if problem),
        reasons=dict(found.reasons),
        numbers=dict(found.numbers),
    )


def _count(campaign: Campaign) -> _Audience:
    found = _Audience(Counter(), Counter(), Counter())
    last = campaign.last_member
    if last is None:
        last = audience.last_member(campaign.segment_id)
    for members in audience.everybody(campaign.segment_id, last):
        found.duplicates += sum(member.times_listed - 1 for member in members)
        approved = [member.phone_number for member in members if member.approved]
        if len(approved) < len(members):
            found.reasons[NOT_APPROVED] += len(members) - len(approved)
        try:
            judged = outbox.judge(
                approved, origination_identity=campaign.origination_identity or None, expects_reply=True
            )
        except NoOriginationIdentity as problem:
            found.problem = str(problem)
            continue
        if judged.doubt:
            found.problem = f"It cannot be told now who has opted out: {judged.doubt}."
        if judged.refusals:
            found.reasons[OPTED_OUT] += len(judged.refusals)
        texted = [number for number in approved if number not in judged.refusals]
        found.numbers.update(judged.identities[number] for number in texted)
        found.countries.update(prices.countries(texted))
    return found


def _seconds(numbers: Mapping[str, int], parts: int) -> int | None:
    mps = dict(OriginationIdentity.objects.filter(identity__in=numbers).values_list("identity", "mps"))
    return max((ceil(people * parts / mps[identity]) for identity, people in numbers.items()), default=None)
