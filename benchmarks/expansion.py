"""A campaign's rows beside one INSERT ... SELECT written by hand: what cursor, chunks, guards and keys cost."""

import itertools
from collections.abc import Iterator

from django.db import connection
from django.utils import timezone

from benchmarks.paired import Row, measure
from messaging.models import Contact, OriginationIdentity, OutboundMessage
from optout.models import Consent
from shifts import campaigns
from shifts.campaigns import content
from shifts.campaigns.expansion import expand_some
from shifts.models import Employee, Segment, SegmentMember

_OURS = "+14255550100"
_RECIPIENTS = 100_000
_BATCH = 5_000
_ROUNDS = 4
_numbers = itertools.count(1)


def rows() -> Iterator[Row]:
    """100,000 recipients of whom one in twenty has opted out."""
    segment = _fill()
    _compare(segment)
    yield measure(
        f"expand a campaign to {_RECIPIENTS:,}, consent applied, beside one INSERT ... SELECT of the same rows",
        lambda: _expand(segment),
        lambda: _by_hand(segment),
        rounds=_ROUNDS,
        goal=0.5,
    )


def _fill() -> Segment:
    OriginationIdentity.objects.get_or_create(
        identity=_OURS, defaults={"kind": "ten_dlc", "iso_country_code": "US", "mps": 100, "is_default": True}
    )
    segment = Segment.objects.create(name="Everybody")
    then = timezone.now()
    for start in range(0, _RECIPIENTS, _BATCH):
        numbers = [f"+1206{each:07}" for each in range(start, start + _BATCH)]
        people = Contact.objects.bulk_create(Contact(phone_number=number) for number in numbers)
        staff = Employee.objects.bulk_create(Employee(contact=person) for person in people)
        SegmentMember.objects.bulk_create(SegmentMember(segment=segment, employee=one) for one in staff)
        Consent.objects.bulk_create(
            Consent(
                phone_number=number,
                origination_identity=_OURS,
                state="opted_out",
                since=then,
                latest_at=then,
                source="sms",
            )
            for number in numbers[::20]
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return segment


def _expand(segment: Segment) -> str:
    campaign_id = f"bench-{next(_numbers)}"
    request = campaigns.Request(campaign_id, "Shifts are open.", segment.name)
    campaigns.create(request, actor="bench")
    while expand_some(campaign_id):
        pass
    return campaign_id


def _by_hand(segment: Segment) -> str:
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


def _compare(segment: Segment) -> None:
    found = []
    for subject in (_expand(segment), _by_hand(segment)):
        texts = OutboundMessage.objects.filter(subject=subject)
        found.append({status: texts.filter(status=status).count() for status in ("queued", "suppressed")})
    if found[0] != found[1] or sum(found[0].values()) != _RECIPIENTS:
        raise AssertionError(f"Not the same rows: {found}. This would compare two different things.")
