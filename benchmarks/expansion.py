"""A campaign's rows beside one INSERT ... SELECT written by hand: what cursor, chunks, guards and keys cost."""

import itertools
import os
from collections.abc import Iterator, Sequence

from django.db import connection
from django.utils import timezone

from benchmarks import bulk
from benchmarks.figures import Figure
from benchmarks.paired import measure
from benchmarks.stage import Stage
from messaging.models import Contact, OriginationIdentity, OutboundMessage
from optout.models import Consent
from shifts import campaigns
from shifts.campaigns import content
from shifts.campaigns.expansion import expand_some
from shifts.models import Campaign, Employee, Segment, SegmentMember

_OURS = "+14255550100"
_RECIPIENTS = 100_000
_numbers = itertools.count(1)


def figures(stage: Stage) -> Iterator[Figure]:
    """100,000 recipients of whom one in twenty has opted out."""
    count = stage.some(_RECIPIENTS)
    segment = fill(count)
    compare([counts(expand(segment)), counts(by_hand(segment))], count)
    yield measure(
        "share",
        f"expand a campaign to {count:,}, consent applied, beside one INSERT ... SELECT of the same rows",
        lambda: expand(segment),
        lambda: by_hand(segment),
        rounds=stage.runs,
        goal=0.5,
    )
    # One is enough for everybody's hash to be looked for as well.
    Consent.objects.create(phone_number="kept-somebodyerased", **_opted_out())
    yield measure(
        "share-erased",
        "the same where somebody was erased who had opted out",
        lambda: expand(segment),
        lambda: by_hand(segment),
        rounds=stage.runs,
        goal=0.5,
    )


def fill(count: int) -> Segment:
    """A segment of so many employees, every twentieth of whom has opted out."""
    OriginationIdentity.objects.get_or_create(
        identity=_OURS, defaults={"kind": "ten_dlc", "iso_country_code": "US", "mps": 100, "is_default": True}
    )
    segment = Segment.objects.create(name=f"Everybody of {count}")
    number = f"'+1206' || {bulk.digits('s.n', 7)}"
    bulk.insert(Contact(), count, phone_number=number)
    bulk.insert_from(Employee(), "messaging_contact c WHERE c.phone_number LIKE '+1206%%'", contact_id="c.id")
    bulk.insert_from(SegmentMember(segment=segment), "shifts_employee e", employee_id="e.id")
    consent = Consent(**_opted_out())
    bulk.insert(consent, count // 20, phone_number=f"'+1206' || {bulk.digits('s.n * 20', 7)}")
    bulk.analyze()
    return segment


def _opted_out() -> dict[str, object]:
    then = timezone.now()
    return {
        "origination_identity": _OURS,
        "state": "opted_out",
        "since": then,
        "latest_at": then,
        "source": "sms",
    }


def clear() -> None:
    """Remove whom `fill` made, and their texts."""
    OutboundMessage.objects.filter(conversation="shifts", subject__startswith="bench-").delete()
    Campaign.objects.all().delete()
    Consent.objects.all().delete()
    SegmentMember.objects.all().delete()
    Segment.objects.all().delete()
    Employee.objects.all().delete()
    Contact.objects.filter(phone_number__startswith="+1206").delete()


def expand(segment: Segment) -> str:
    """A campaign to all of them, expanded as a worker does it. Returns the subject of its texts."""
    campaign_id = f"bench-{os.getpid()}-{next(_numbers)}"
    request = campaigns.Request(campaign_id, "Shifts are open.", segment.name)
    campaigns.create(request, actor="bench")
    while expand_some(campaign_id):
        pass
    return campaign_id


def by_hand(segment: Segment) -> str:
    """What somebody would write who knows of one number, needs no reasons and never stops half-way."""
    subject = f"by-hand-{next(_numbers)}"
    model = OutboundMessage(
        conversation="shifts",
        subject=subject,
        origination_identity=_OURS,
        body=content.text("Shifts are open.", "", []),
        message_type="PROMOTIONAL",
        priority=30,
        delivery_policy="at_most_once",
        encoding="GSM",
        parts=1,
        expects_reply=True,
        actor="bench",
        due_at=timezone.now(),
        queued_at=timezone.now(),
    )
    skipped = ("id", "destination_phone_number", "idempotency_key", "status")
    fields = [field for field in OutboundMessage._meta.concrete_fields if field.name not in skipped]
    columns = ", ".join(str(field.column) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    values = [field.get_db_prep_save(getattr(model, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO messaging_outboundmessage ({columns}, destination_phone_number, idempotency_key, status)"
            f" SELECT {places}, c.phone_number, %s || c.phone_number,"
            " CASE WHEN o.id IS NULL THEN 'queued' ELSE 'suppressed' END"
            " FROM shifts_segmentmember m JOIN shifts_employee e ON e.id = m.employee_id"
            " JOIN messaging_contact c ON c.id = e.contact_id"
            " LEFT JOIN optout_consent o ON o.phone_number = c.phone_number AND o.origination_identity = %s"
            " AND o.state = 'opted_out' WHERE m.segment_id = %s",
            [*values, f"{subject}:", _OURS, segment.pk],
        )
    return subject


def counts(subject: str) -> dict[str, int]:
    """How many texts of a subject wait, and how many were suppressed."""
    texts = OutboundMessage.objects.filter(subject=subject)
    return {status: texts.filter(status=status).count() for status in ("queued", "suppressed")}


def compare(found: Sequence[dict[str, int]], count: int) -> None:
    """See that both made the same rows.

    Raises:
        AssertionError: they did not.
    """
    if found[0] != found[1] or sum(found[0].values()) != count:
        raise AssertionError(f"Not the same rows: {found}. This would compare two different things.")
