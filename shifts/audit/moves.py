"""What keeps the texts of a campaign out of their lanes, against the campaign."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Exists, OuterRef, QuerySet

from messaging.audit.findings import Check, Look, Severity, text
from messaging.models import OutboundMessage, Withheld
from messaging.models import Status as TextStatus
from shifts.audit.rows import kept_out_rightly, name, texts_of
from shifts.campaigns.subject import CONVERSATION
from shifts.models import Campaign, Status

_MOVING = timedelta(minutes=5)


def withheld_for_nothing(look: Look) -> QuerySet[Withheld]:
    """Only campaigns that are paused, or settle, are withheld. A small table, by its unique key."""
    return Withheld.objects.filter(~kept_out_rightly(), conversation=CONVERSATION)


def paused_and_not_withheld(look: Look) -> QuerySet[Campaign]:
    """Every paused campaign is withheld. Written in one transaction; the unique key of Withheld."""
    withheld = Withheld.objects.filter(conversation=CONVERSATION, subject=OuterRef("campaign_id"))
    return Campaign.objects.filter(~Exists(withheld), status=Status.PAUSED)


def kept_out_for_ever(look: Look) -> QuerySet[OutboundMessage]:
    """No text waits outside its lane without a reason. Index messaging_outbound_state."""
    return OutboundMessage.objects.filter(
        ~kept_out_rightly(), conversation=CONVERSATION, status=TextStatus.QUEUED, withheld=True
    )


def paused_and_in_lane(look: Look) -> QuerySet[Campaign]:
    """Texts of paused campaigns are out of their lanes. Index messaging_outbound_subject.

    A refusal that is written down late puts its text into the lane, where claims pass it over.
    """
    inside = texts_of().filter(status=TextStatus.QUEUED, withheld=False, due_at__lte=look.before(_MOVING))
    return Campaign.objects.filter(Exists(inside), status=Status.PAUSED, settling=False)


def _withheld(row: Withheld) -> str:
    return f"campaign {row.subject}"


_BY_HAND = "Pause and resume the campaign. Tell who maintains Textback."

CHECKS: Iterable[Check] = [
    Check(
        "shifts.withheld_for_nothing",
        Severity.CRITICAL,
        withheld_for_nothing,
        "Texts of campaigns are kept out of their lanes although the campaigns are not paused: they never leave.",
        _BY_HAND,
        _withheld,
    ),
    Check(
        "shifts.paused_not_withheld",
        Severity.CRITICAL,
        paused_and_not_withheld,
        "Campaigns are called paused, and their texts may leave all the same.",
        "Pause the number they leave from, and tell who maintains Textback.",
        name,
    ),
    Check(
        "shifts.kept_out_for_ever",
        Severity.CRITICAL,
        kept_out_for_ever,
        "Texts are kept out of their lanes although their campaign goes on, or is over: they never leave.",
        _BY_HAND,
        text,
    ),
    Check(
        "shifts.paused_in_lane",
        Severity.WARNING,
        paused_and_in_lane,
        "Texts of paused campaigns stand in their lanes. They do not leave, but every claim looks at them.",
        "Resume and pause the campaign.",
        name,
    ),
]
