"""The person that an address means. Addresses stand in logs and histories, so no phone number is in one.

c12   the contact with that key
345   the sender of that inbound text, for whoever sees it
s67   the recipient of that outbound text, likewise
"""

import re
from dataclasses import dataclass
from typing import Any

from messaging.models import Contact, InboundMessage, OutboundMessage
from messaging.visibility import visible

_KEY = re.compile(r"([cs]?)([0-9]{1,18})")


@dataclass(frozen=True, slots=True)
class Whom:
    """Somebody: by which key they were asked for, their number, and what we know of them."""

    key: str
    phone_number: str
    contact: Contact | None

    @property
    def name(self) -> str:
        """Their name, or else their number."""
        return (self.contact.name if self.contact else "") or self.phone_number


def find(key: str, user: Any) -> Whom | None:
    """The person, if there is one that this user may know of."""
    read = _KEY.fullmatch(key)
    if not read:
        return None
    kind, pk = read[1], int(read[2])
    if kind == "c":
        contact = Contact.objects.filter(pk=pk).first()
        return Whom(key, contact.phone_number, contact) if contact and _may_know(contact, user) else None
    number: str | None
    if kind == "s":
        sent = visible(OutboundMessage.objects.filter(pk=pk), user)
        number = sent.values_list("destination_phone_number", flat=True).first()
    else:
        heard = visible(InboundMessage.objects.filter(pk=pk), user)
        number = heard.values_list("origination_phone_number", flat=True).first()
    return Whom(key, number, Contact.objects.filter(phone_number=number).first()) if number else None


def _may_know(contact: Contact, user: Any) -> bool:
    """Whether somebody sees contacts, or at least a text between this one and us."""
    if user.has_perm("messaging.view_contact"):
        return True
    heard = InboundMessage.objects.filter(origination_phone_number=contact.phone_number)
    written = OutboundMessage.objects.filter(destination_phone_number=contact.phone_number)
    return visible(heard, user).exists() or visible(written, user).exists()
