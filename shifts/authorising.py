"""Who may text about shifts: approved employees. The others are told once a day, and every such text is kept."""

from datetime import timedelta
from typing import TypeGuard

from django.db import connection, transaction

from messaging import clock
from messaging.models import InboundMessage
from shifts.models import Employee, UnauthorisedText

# How long one answer holds: a paid reply to every text of a stranger would be theirs to ask for.
_HOLDS = timedelta(hours=24)
# With hashtext of the phone number: PostgreSQL's advisory locks are for everybody who uses the database.
_LOCK = 7_214_003


def is_approved(employee: Employee | None) -> TypeGuard[Employee]:
    """Whether somebody may book shifts by text."""
    return employee is not None and employee.approved


@transaction.atomic
def turn_away(text: InboundMessage) -> bool:
    """Keep a text of somebody who may not book. Returns whether they are to be told so; at most once in 24 hours."""
    _one_at_a_time(text.origination_phone_number)
    now = clock.now()
    texts = UnauthorisedText.objects.filter(phone_number=text.origination_phone_number)
    told = texts.filter(answered_at__gt=now - _HOLDS).exists()
    _row, is_new = UnauthorisedText.objects.get_or_create(
        inbound_message_id=text.inbound_message_id,
        defaults={
            "phone_number": text.origination_phone_number,
            "body": text.body,
            "received_at": text.received_at,
            "answered_at": None if told else now,
        },
    )
    return is_new and not told


def _one_at_a_time(phone_number: str) -> None:
    """Wait until nobody else answers this number: a text that is tried again may come together with the next one."""
    # A stranger has no row to lock. SQLite has one writer anyway.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_LOCK, phone_number])
