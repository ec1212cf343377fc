"""What tests of campaigns share."""

import gc
import tracemalloc
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import QuerySet

from messaging import clock
from messaging.models import Contact, OriginationIdentity, OutboundMessage, Priority
from messaging.outbound import leases, outbox
from optout import ledger
from optout.ledger import Entry
from shifts.campaigns import Request, create
from shifts.campaigns.expansion import expand_some
from shifts.campaigns.settling import settle_some
from shifts.models import Campaign, Employee, Segment, SegmentMember
from tests.messaging.factories import OUR_NUMBER, queued
from tests.shifts.factories import segment

NURSES = "Night nurses"


def person(place: int) -> str:
    """The number of one of a crowd."""
    return f"+1425{place:07}"


def crowd(count: int, *, begin: int = 2_000_000, name: str = NURSES, **fields: Any) -> Segment:
    """So many more people in a segment, by few statements."""
    numbers = [person(begin + place) for place in range(count)]
    contacts = Contact.objects.bulk_create(Contact(phone_number=number) for number in numbers)
    employees = Employee.objects.bulk_create(Employee(contact=contact, **fields) for contact in contacts)
    group = segment(name)
    SegmentMember.objects.bulk_create(SegmentMember(segment=group, employee=employee) for employee in employees)
    return group


def ask(campaign_id: str = "july", **fields: Any) -> Request:
    """What a campaign is made from."""
    return Request(**{"campaign_id": campaign_id, "campaign_message": "Shifts are open.", "segment": NURSES} | fields)


def sent_to(count: int, campaign_id: str = "july", **fields: Any) -> Campaign:
    """A campaign to a crowd that is being sent; nobody has a row yet."""
    crowd(count)
    return create(ask(campaign_id, **fields), actor="hr")[0]


def expand(campaign_id: str = "july") -> int:
    """Make all the rows. Returns in how many steps."""
    steps = 1
    while expand_some(campaign_id):
        steps += 1
        assert steps < 1000
    return steps


def settle(campaign_id: str = "july") -> int:
    """Move all the rows that can be moved now. Returns in how many steps."""
    steps = 1
    while settle_some(campaign_id):
        steps += 1
        assert steps < 1000
    return steps


def rows(campaign_id: str = "july", **fields: Any) -> QuerySet[OutboundMessage]:
    """The texts of a campaign, in order; answers to replies are none of them."""
    return OutboundMessage.objects.filter(
        conversation="shifts", subject=campaign_id, priority=Priority.CAMPAIGN, **fields
    ).order_by("id")


def statuses(campaign_id: str = "july") -> list[str]:
    """How the texts stand, in order."""
    return list(rows(campaign_id).values_list("status", flat=True))


def answer(campaign_id: str = "july", to: str = person(2_000_000), **fields: Any) -> OutboundMessage:
    """An answer to somebody's reply to a campaign."""
    return queued(to, "Request summary", conversation="shifts", subject=campaign_id, priority=Priority.REPLY, **fields)


def claim(most: int = 10) -> list[OutboundMessage]:
    """What the drainer of our number takes next."""
    assert leases.take(OUR_NUMBER, "me", clock.now())
    limits = {"most_rows": most, "most_parts": 1000, "most_parts_of_first": 100}
    return outbox.claim(OUR_NUMBER, owner="me", lease=timedelta(seconds=5), now=clock.now(), **limits)


def says_stop(phone_number: str) -> None:
    """Somebody opts out of our number."""
    ledger.record(Entry(phone_number, OUR_NUMBER, "opt_out", "sms"))


def fresh(campaign: Campaign) -> Campaign:
    """The campaign as it is now."""
    return Campaign.objects.get(pk=campaign.pk)


@pytest.fixture
def nurses(number: OriginationIdentity) -> Segment:
    """Four people in a segment, and a number of ours to text them from."""
    return crowd(4)


def peak(count: int, **more: Any) -> int:
    """The most memory that a campaign to the segment of that name takes while its rows are made."""
    create(ask(f"to-{count}", segment=f"{count}", **more), actor="hr")
    tracemalloc.start()
    try:
        while expand_some(f"to-{count}"):
            # What is garbage and has not been collected yet does not count.
            gc.collect()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
