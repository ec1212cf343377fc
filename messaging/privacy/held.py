"""What the ground floor holds of people: their contact, their texts, news and copies of those, and the log."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db.models import ProtectedError, Q, QuerySet

from messaging import clock
from messaging.inbound import inbox
from messaging.models import Contact, DeliveryEvent, InboundMessage, OutboundMessage, Status
from messaging.outbound import outbox
from messaging.privacy import copies
from messaging.privacy.names import STAND_IN, Person, old_id
from messaging.privacy.tables import Age, Table, as_json

# Delivery events come for three days after a text, then SNS may try for some more.
_NEWS_ENDS = timedelta(hours=80)
_REPLY = ":reply"


def _under_way(now: datetime) -> Q:
    """Texts that may still leave, or of which their conversation has yet to be told."""
    return Q(status=Status.QUEUED) | _in_doubt(now) | Q(outcome_pending=True)


def _in_doubt(now: datetime) -> Q:
    return Q(status=Status.SENDING) | Q(status=Status.UNKNOWN, attempted_at__gt=now - _NEWS_ENDS)


def _waiting(now: datetime) -> Q:
    """Texts that nobody has routed, or that wait for a person."""
    return Q(routed_at__isnull=True) | Q(outcome=InboundMessage.Outcome.UNMATCHED, handled_at__isnull=True)


def erased_key(key: str) -> str:
    """A key with an id of AWS's in it: ``inbound:<id>:reply1``, ``inbound:<id>``, ``reply:<id>``."""
    begin, _, rest = key.partition(":")
    if begin not in ("inbound", "reply"):
        return key
    identifier, reply, number = rest.partition(_REPLY)
    return f"{begin}:{old_id(identifier)}{reply}{number}"


def _sent_too_old(row: OutboundMessage, person: Person) -> dict[str, Any]:
    return {
        "destination_phone_number": person.stand_in,
        "body": "",
        "idempotency_key": person.without(row.idempotency_key),
        "error_reason": person.without(row.error_reason),
    }


def _sent(row: OutboundMessage, person: Person) -> dict[str, Any]:
    return _sent_too_old(row, person) | {
        "idempotency_key": person.without(erased_key(row.idempotency_key)),
        "carrier_message_id": None if row.carrier_message_id is None else old_id(row.carrier_message_id),
        # AWS's id of the text that it answers.
        "trace": old_id(row.trace),
    }


def _received_too_old(row: InboundMessage, person: Person) -> dict[str, Any]:
    return {"origination_phone_number": person.stand_in, "body": "", "message_keyword": "", "error": ""}


def _received(row: InboundMessage, person: Person) -> dict[str, Any]:
    return _received_too_old(row, person) | {
        "inbound_message_id": old_id(row.inbound_message_id),
        "sns_message_id": old_id(row.sns_message_id),
        "previous_published_message_id": old_id(row.previous_published_message_id),
    }


def _event_too_old(row: DeliveryEvent, person: Person) -> dict[str, Any]:
    return {"payload": {}}


def _event(row: DeliveryEvent, person: Person) -> dict[str, Any]:
    return {
        "payload": {},
        "description": person.without(row.description),
        "carrier_message_id": old_id(row.carrier_message_id),
        "sns_message_id": old_id(row.sns_message_id),
    }


@dataclass(frozen=True, slots=True)
class Contacts:
    """The contact itself, the last of all: others are found by it. Where bookings hold it, it stays without a name."""

    label: str = Contact._meta.label
    model: type[Contact] = Contact
    free: tuple[str, ...] = ()
    covers: tuple[str, ...] = ("phone_number", "name", "language", "time_zone")
    age: None = None

    def rows(self, person: Person) -> QuerySet[Contact]:
        """One row, or none."""
        return Contact.objects.filter(phone_number=person.phone_number)

    def count(self, person: Person) -> int:
        """1, or 0."""
        return self.rows(person).count()

    def export(self, person: Person) -> Iterator[dict[str, Any]]:
        """The row."""
        return (as_json(row) for row in self.rows(person))

    def anonymise(self, person: Person, now: datetime) -> int:
        """Delete the contact, or take from it all that tells who it was."""
        contact = self.rows(person).first()
        if contact is None:
            return 0
        _entries_of(contact, person)
        try:
            contact.delete()
        except ProtectedError:
            self.rows(person).update(phone_number=person.stand_in, name="", language="", time_zone="")
        return 1


def _entries_of(contact: Contact, person: Person) -> None:
    """The log of changes calls a contact by name, and an employee as well, who is found by their contact."""
    rows = Q(content_type__app_label="messaging", content_type__model="contact", object_id=str(contact.pk))
    if employee := getattr(contact, "employee", None):
        rows |= Q(content_type__app_label="shifts", content_type__model="employee", object_id=str(employee.pk))
    for entry in LogEntry.objects.filter(rows):
        LogEntry.objects.filter(pk=entry.pk).update(
            object_repr=person.stand_in, change_message=person.unnamed(entry.change_message)
        )


class Texts:
    """Plug-in of settings.MESSAGING["PERSONAL_DATA"]."""

    name = "messaging"
    kept: Mapping[str, str] = {
        "messaging.OutboundMessage.conversation": "which conversation, not what was said",
        "messaging.OutboundMessage.subject": "id of an incident or a campaign",
        "messaging.OutboundMessage.origination_identity": "a number of ours",
        "messaging.OutboundMessage.actor": "a username of the staff",
        "messaging.OutboundMessage.encoding": "of the text, not its words",
        "messaging.OutboundMessage.error_code": "of AWS",
        "messaging.OutboundMessage.currency": "of the price",
        "messaging.InboundMessage.destination_phone_number": "a number of ours",
        "messaging.InboundMessage.conversation": "which conversation, not what was said",
        "messaging.InboundMessage.subject": "id of an incident or a campaign",
        "messaging.InboundMessage.handled_by": "a username of the staff",
        "messaging.DeliveryEvent.event_type": "of AWS",
        "admin.LogEntry.object_id": "a key of ours",
        **copies.KEPT,
    }

    def tables(self) -> Sequence[Any]:
        """Events before the texts they are of; the contact last."""
        return (
            Table(
                DeliveryEvent,
                mine=lambda person: Q(message__destination_phone_number=person.phone_number),
                change=_event,
                left=~Q(payload={}) | ~Q(sns_message_id__startswith="erased:"),
                free=("description", "payload"),
                covers=("payload", "description", "carrier_message_id", "sns_message_id"),
                age=Age(
                    "RETENTION_EVENTS_DAYS",
                    "stored_at",
                    lambda row: "",
                    Q(payload={}),
                    lambda now: Q(applied_at__isnull=True),
                    _event_too_old,
                ),
            ),
            Table(
                OutboundMessage,
                mine=lambda person: Q(destination_phone_number=person.phone_number),
                change=_sent,
                open=_under_way,
                free=("body", "error_reason"),
                covers=(
                    *("destination_phone_number", "body", "idempotency_key", "carrier_message_id", "error_reason"),
                    "trace",
                ),
                age=Age(
                    "RETENTION_TEXTS_DAYS",
                    "queued_at",
                    lambda row: row.destination_phone_number,
                    Q(destination_phone_number__startswith=STAND_IN),
                    _under_way,
                    _sent_too_old,
                ),
            ),
            Table(
                InboundMessage,
                mine=lambda person: Q(origination_phone_number=person.phone_number),
                change=_received,
                open=_waiting,
                free=("body", "error"),
                covers=(
                    *("origination_phone_number", "body", "message_keyword", "error", "inbound_message_id"),
                    *("sns_message_id", "previous_published_message_id"),
                ),
                age=Age(
                    "RETENTION_TEXTS_DAYS",
                    "stored_at",
                    lambda row: row.origination_phone_number,
                    Q(origination_phone_number__startswith=STAND_IN),
                    _waiting,
                    _received_too_old,
                ),
            ),
            *copies.tables(),
            Table(LogEntry, free=("object_repr", "change_message")),
            Contacts(),
        )

    def obstacles(self, person: Person) -> Sequence[str]:
        """Texts that may still leave, and texts that nobody has dealt with."""
        found = []
        sent = OutboundMessage.objects.filter(destination_phone_number=person.phone_number)
        queued = sent.filter(status=Status.QUEUED).count()
        if queued:
            found.append(f"{queued} texts to them wait to be sent. Cancel them, or wait until they are sent.")
        now = clock.now()
        if sent.filter(_in_doubt(now)).exists():
            found.append("A text to them is just being sent, or may or may not have been. Try again later.")
        received = InboundMessage.objects.filter(origination_phone_number=person.phone_number)
        if received.filter(routed_at__isnull=True).exists():
            found.append("A text of theirs was not read by Textback yet. Try again in a minute.")
        waiting = received.filter(_waiting(now), routed_at__isnull=False).count()
        if waiting:
            found.append(f"{waiting} texts of theirs wait in the inbox. Deal with them first.")
        return found

    def end(self, person: Person, *, actor: str) -> None:
        """Withdraw what is queued, and note what waits in the inbox as dealt with."""
        queued = OutboundMessage.objects.filter(destination_phone_number=person.phone_number, status=Status.QUEUED)
        for conversation, subject in set(queued.order_by().values_list("conversation", "subject")):
            keys = queued.filter(conversation=conversation, subject=subject).values_list("idempotency_key", flat=True)
            outbox.cancel(conversation=conversation, subject=subject, keys=list(keys))
        inbox.deal_with(
            InboundMessage.objects.filter(_waiting(clock.now()), origination_phone_number=person.phone_number), by=actor
        )

    def names(self, phone_number: str) -> Sequence[str]:
        """Of their contact."""
        return list(Contact.objects.filter(phone_number=phone_number).exclude(name="").values_list("name", flat=True))

    def takes_part(self, phone_number: str) -> Collection[tuple[str, str]]:
        """Nothing whose texts to others name them."""
        return ()

    def open_rows(self) -> Mapping[str, Q]:
        """None but those that the tables name themselves."""
        return {}
