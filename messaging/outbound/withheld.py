"""Which texts of a number may be taken: one condition for whoever claims and whoever asks if there is work."""

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from messaging.models import Lane, OutboundMessage, Priority, Status, Withheld
from messaging.models.numbers import ALL_PRIORITIES


def claimable(identity: Any, due_by: datetime) -> QuerySet[OutboundMessage]:
    """The texts of a number that are due, urgent enough for its lane, and not withheld.

    A subject is withheld from one moment to the next, its rows follow; answers to its texts are not withheld.

    Args:
        identity: the number; or the OuterRef of it in a query of origination identities.
        due_by: the moment.
    """
    if isinstance(identity, OuterRef):
        below: Any = OuterRef("lane__below_priority")
    else:
        below = Subquery(Lane.objects.filter(origination_identity__identity=identity).values("below_priority")[:1])
    subject = Withheld.objects.filter(conversation=OuterRef("conversation"), subject=OuterRef("subject"))
    return OutboundMessage.objects.filter(
        origination_identity=identity,
        status=Status.QUEUED,
        withheld=False,
        due_at__lte=due_by,
        # A bound of the index, however many campaign texts stand in a lane that lets only alerts and answers pass.
        priority__lt=Coalesce(below, Value(ALL_PRIORITIES)),
    ).exclude(Exists(subject), priority=Priority.CAMPAIGN)
