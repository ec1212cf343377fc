"""What would happen if a campaign were sent now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import ceil

from messaging import clock, prices, text
from messaging.models import OriginationIdentity
from shifts.campaigns.cautions import Situation, cautions
from shifts.campaigns.reach import Reach, count, lately
from shifts.campaigns.requests import text_of
from shifts.campaigns.unanswered import audience_of
from shifts.models import Campaign, Shift

NOBODY = "Nobody would be texted."


@dataclass(frozen=True, slots=True)
class Preview:
    """What staff see before they send.

    Attributes:
        recipients: people who will be texted.
        suppressed: people of the segment who will not, by ``reasons``.
        duplicates: lines of the imported list that name a number again; each number is texted once.
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
    return foresee(campaign.text or text_of(campaign), reach, shifts=shifts, at=campaign.scheduled_at)


def foresee(body: str, reach: Reach, *, shifts: Sequence[Shift] = (), at: datetime | None = None) -> Preview:
    """What it would take to send a text to people who are counted already. Two queries.

    Args:
        body: the whole text.
        reach: whom it would reach.
        shifts: those that the text is about.
        at: when it is to be sent, aware; None: now.
    """
    size = text.measure(body)
    cost = prices.estimate(size.parts, reach.countries)
    seconds = _seconds(reach.numbers, size.parts)
    problems = [reach.problem, cost.problem]
    if not size.fits:
        problems.append(str(text.BodyTooLong(size)))
    if not reach.numbers and not reach.problem:
        problems.append(NOBODY)
    if shifts and not any(shift.shift_id in body for shift in shifts):
        problems.append("The text names no shift: those of the campaign are taken or have begun, or do not fit in.")
    if "STOP" not in body.upper():
        problems.append("The text does not say that STOP opts out, which carriers ask for in texts to many.")
    return Preview(
        recipients=reach.recipients,
        suppressed=reach.suppressed,
        duplicates=reach.duplicates,
        text=body,
        encoding=size.encoding,
        parts=size.parts,
        estimated_cost=cost.amount,
        currency=cost.currency,
        estimated_seconds=seconds,
        problems=tuple(problem for problem in problems if problem),
        warnings=cautions(Situation(body, clock.now(), shifts, at, reach.whereabouts, seconds)),
        reasons=dict(reach.reasons),
        numbers=dict(reach.numbers),
    )


def _seconds(numbers: Mapping[str, int], parts: int) -> int | None:
    mps = dict(OriginationIdentity.objects.filter(identity__in=numbers).values_list("identity", "mps"))
    # One that was deleted since it was counted is left out.
    paces = ((people, mps[identity]) for identity, people in numbers.items() if identity in mps)
    return max((ceil(people * parts / pace) for people, pace in paces), default=None)
