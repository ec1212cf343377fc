"""Reads: shifts that can be booked, who holds what, and what a text is about."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, Upper

from messaging import clock
from messaging.compiled import Compiled
from messaging.lookups import OneOf
from messaging.models import InboundMessage, OutboundMessage, Priority, Status
from shifts.campaigns.subject import CONVERSATION
from shifts.models import Campaign, Employee, Segment, Shift
from shifts.models.lasting import LastsLong
from shifts.weeks import LASTS_WITHOUT_END, Sums

# Somebody who answers a campaign later than this rather means something else.
_ANSWERS_A_CAMPAIGN = timedelta(days=14)
# A little more than what LastsLong takes for long.
_MOST_ARE_OVER = timedelta(hours=48)
_MAY_HAVE_ARRIVED = (Status.SENT, Status.DELIVERED, Status.UNKNOWN)


def existing(codes: Collection[str]) -> list[str]:
    """Those of these codes, in any case, that are shifts; as they are stored."""
    if not codes:
        return []
    return [code for (code,) in _EXISTING.rows(codes={code.upper() for code in codes})]


_EXISTING = Compiled(
    lambda codes: (
        Shift.objects.alias(code=Upper("shift_id")).filter(OneOf("code", codes)).order_by().values_list("shift_id")
    ),
    codes=list,
)


def with_codes(codes: Collection[str]) -> QuerySet[Shift]:
    """The shifts with these codes, in any case."""
    return Shift.objects.alias(code=Upper("shift_id")).filter(code__in={code.upper() for code in codes})


def employee_of(phone_number: str) -> Employee | None:
    """The employee with this number, approved or not."""
    employee: Employee | None = _EMPLOYEE.first(phone_number=phone_number)
    return employee


_EMPLOYEE = Compiled(
    lambda phone_number: (
        Employee.objects.select_related("contact").filter(contact__phone_number=phone_number).order_by()
    ),
    phone_number=str,
)


def find_segment(name: str) -> Segment | None:
    """The segment of that name, in any case."""
    if not name.isprintable():
        # No name is so, and PostgreSQL would refuse to look for some.
        return None
    return Segment.objects.annotate(upper=Upper("name")).filter(upper=Upper(Value(name))).first()


def available(now: datetime) -> QuerySet[Shift]:
    """Shifts with a place left that have not begun: the soonest first, those without a time last."""
    not_begun = Q(starts_at__isnull=True) | Q(starts_at__gt=now)
    return Shift.objects.filter(not_begun, booked__lt=F("places")).order_by(F("starts_at").asc(nulls_last=True), "id")


def held_by(employee: Employee, now: datetime) -> QuerySet[Shift]:
    """The shifts somebody holds a place on that are not over: the soonest first, those without a time last."""
    not_over = (
        Q(starts_at__isnull=True) | Q(ends_at__gt=now) | Q(ends_at__isnull=True, starts_at__gt=now - LASTS_WITHOUT_END)
    )
    held = Shift.objects.filter(bookings__employee=employee, bookings__dropped_at__isnull=True)
    return held.filter(not_over).order_by(F("starts_at").asc(nulls_last=True), "id")


def beginning(begin: datetime, end: datetime) -> QuerySet[Shift]:
    """Shifts that begin in this span of time, by start. Index shifts_by_start."""
    return Shift.objects.filter(starts_at__gte=begin, starts_at__lt=end).order_by("starts_at", "id")


def going_on(at: datetime) -> QuerySet[Shift]:
    """Shifts that have begun before a moment and go on after it, the latest begun first.

    Indexes shifts_by_start and shifts_long: of those that began long before, only the long ones are looked at.
    """
    lately = at - _MOST_ARE_OVER
    short = Shift.objects.filter(starts_at__gte=lately, starts_at__lt=at, ends_at__gt=at)
    long = Shift.objects.filter(LastsLong(), starts_at__lt=lately, ends_at__gt=at)
    # Not one query with "or": a database would go through all that began before, in order.
    return short.order_by().union(long.order_by(), all=True).order_by("-starts_at", "-id")


def sums(begins: Sequence[datetime], end: datetime, now: datetime) -> dict[int, Sums]:
    """Of the shifts that begin on each of some days that follow each other: by the number of the day, from 0.

    Args:
        begins: when each day begins.
        end: when the last one ends.
        now: a place of a shift that has begun is not free.
    """
    # The first that fits counts: days are asked from the last one on.
    later = [When(starts_at__gte=begin, then=Value(number)) for number, begin in enumerate(begins)][::-1]
    left = Sum(F("places") - F("booked"), filter=Q(starts_at__gt=now))
    rows = beginning(begins[0], end).order_by().values_list(Case(*later, output_field=IntegerField()))
    found = rows.annotate(Count("pk"), Sum("places"), Sum("booked"), left=Coalesce(left, 0))
    return {day: Sums(*counted) for day, *counted in found}


def without_start() -> QuerySet[Shift]:
    """Shifts that have no start, the newest first. Index shifts_by_start."""
    return Shift.objects.filter(starts_at__isnull=True).order_by("-id")


def campaign_of(text: InboundMessage, hint: OutboundMessage | None) -> Campaign | None:
    """The campaign a text is about: that of the text it answers, else the last one that reached its sender."""
    if hint and hint.subject and (answered := _CAMPAIGN.first(campaign_id=hint.subject)):
        assert isinstance(answered, Campaign)
        return answered
    latest = _SUBJECT.rows(phone_number=text.origination_phone_number, since=clock.now() - _ANSWERS_A_CAMPAIGN)
    campaign: Campaign | None = _CAMPAIGN.first(campaign_id=latest[0][0]) if latest else None
    return campaign


def _subject_of_last(phone_number: str, since: datetime) -> QuerySet[Any, Any]:
    """The campaign whose text may have reached a number last."""
    texts = OutboundMessage.objects.filter(
        destination_phone_number=phone_number,
        attempted_at__gte=since,
        conversation=CONVERSATION,
        priority=Priority.CAMPAIGN,
        status__in=_MAY_HAVE_ARRIVED,
    )
    return texts.order_by("-attempted_at", "-id").values_list("subject")[:1]


_SUBJECT = Compiled(_subject_of_last, phone_number=str, since=datetime)
_CAMPAIGN = Compiled(lambda campaign_id: Campaign.objects.filter(campaign_id=campaign_id).order_by(), campaign_id=str)
