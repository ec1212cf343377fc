"""What staff and API read, as querysets that need no further query for each row."""

from typing import Any

import phonenumbers
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, QuerySet, Subquery

from messaging import numbers
from messaging.forms import read_phone_number
from messaging.models import Contact, DeliveryEvent, InboundMessage, Lane, OriginationIdentity


def origination_identities() -> QuerySet[OriginationIdentity]:
    """Our numbers, each with the state of its lane."""
    return OriginationIdentity.objects.select_related("lane")


def paused_lanes() -> QuerySet[Lane]:
    """Lanes that send nothing until somebody mends something."""
    return Lane.objects.filter(paused_at__isnull=False)


def held_lanes() -> QuerySet[Lane]:
    """Lanes that would send, were the guards there to be asked. Nobody asks them for a lane that is paused or off."""
    return Lane.objects.filter(held_at__isnull=False, paused_at__isnull=True, origination_identity__active=True)


def delivery_events() -> QuerySet[DeliveryEvent]:
    """News from AWS, each with its text."""
    return DeliveryEvent.objects.select_related("message")


def waiting_for_staff() -> QuerySet[InboundMessage]:
    """The unmatched inbox: texts that nobody understood and nobody of the staff has dealt with."""
    return InboundMessage.objects.filter(outcome=InboundMessage.Outcome.UNMATCHED, handled_at__isnull=True)


def with_names(rows: QuerySet[Any], phone_number: str) -> QuerySet[Any]:
    """Rows, each with ``person``: the name of the contact with the number in that column; None without one."""
    contacts = Contact.objects.filter(phone_number=OuterRef(phone_number)).exclude(name="")
    named: QuerySet[Any] = rows.annotate(person=Subquery(contacts.values("name")[:1]))
    return named


def phone_numbers_meant(text: str) -> list[str]:
    """The phone numbers in E.164 that a person may mean by what they typed; none when it is no phone number.

    Without a country code the number is read as one of the default origination identity's country, and as one whose +
    was left out.
    """
    try:
        return [read_phone_number(text)]
    except ValidationError:
        pass
    digits = "".join(character for character in text if character.isdigit())
    if not digits.isascii() or not 3 <= len(digits) <= 15 or any(character.isalpha() for character in text):
        return []
    # A short code is its own E.164.
    return list(dict.fromkeys([*_in_our_country(digits), f"+{digits}", digits]))


def _in_our_country(digits: str) -> list[str]:
    ours = OriginationIdentity.objects.filter(is_default=True).values_list("identity", "iso_country_code").first()
    if ours is None:
        return []
    identity, country = ours
    try:
        number = phonenumbers.parse(digits, country or numbers.country_of(identity) or None)
    except phonenumbers.NumberParseException:
        return []
    return [phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)]
