"""Which texts of a number may be taken: one condition for whoever claims and whoever asks if there is work."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from messaging.models import OutboundMessage, Priority, Status, Withheld


def claimable(identity: Any, due_by: datetime) -> QuerySet[OutboundMessage]:
    """The texts of a number (or of an OuterRef) that are due and not withheld.

    A subject is withheld from one moment to the next, its rows follow; answers to its texts are not withheld.
    """
    subject = Withheld.objects.filter(conversation=OuterRef("conversation"), subject=OuterRef("subject"))
    return OutboundMessage.objects.filter(
        origination_identity=identity, status=Status.QUEUED, withheld=False, due_at__lte=due_by
    ).exclude(Exists(subject), priority=Priority.CAMPAIGN)
