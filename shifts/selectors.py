"""Reads: shifts that can be booked, who holds what, and what a text is about."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Upper

from messaging import clock
from messaging.compiled import Compiled
from messaging.lookups import OneOf
from messaging.models import InboundMessage, OutboundMessage, Priority, Status
from shifts.campaigns.subject import CONVERSATION
from shifts.models import Campaign, Employee, Segment, Shift
from shifts.weeks import LASTS_WITHOUT_END

# Somebody who answers a campaign later than this rather means something else.
_ANSWERS_A_CAMPAIGN = timedelta(days=14)
# A shift of more than a month that began before a span of time is not looked for in it: no index would find it.
_LONGEST = timedelta(days=31)
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


def within(begin: datetime, end: datetime) -> QuerySet[Shift]:
    """Shifts that share a moment with this span of time, by start. Index shifts_by_start."""
    touches = Q(starts_at__gte=begin) | Q(ends_at__gt=begin)
    return Shift.objects.filter(touches, starts_at__gte=begin - _LONGEST, starts_at__lt=end).order_by("starts_at", "id")


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
