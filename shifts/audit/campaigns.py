"""Campaigns that should move by themselves and do not."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from messaging.audit.findings import Check, Look, Severity
from messaging.models import Status as TextStatus
from shifts.audit.rows import name, texts_of, under_way
from shifts.models import Campaign, CampaignAct, Status

# Work of the slow queue may come before it: an import, calls to Connect.
_BEGINNING = timedelta(minutes=5)
_MOVING = timedelta(minutes=5)
# A million texts, some thousands at a time.
_SETTLING = timedelta(minutes=20)


def not_begun(look: Look) -> QuerySet[Campaign]:
    """Every scheduled campaign begins at its time. Index shifts_campaign_due."""
    return Campaign.objects.filter(status=Status.SCHEDULED, scheduled_at__lte=look.before(_BEGINNING))


def expanding(look: Look) -> QuerySet[Campaign]:
    """Every campaign that is being sent goes on making its texts. Index shifts_campaign_work."""
    campaigns = Campaign.objects.filter(status=Status.SENDING, expanded_at__isnull=True)
    if look.at_rest:
        return campaigns
    before = look.now - _MOVING
    return campaigns.filter(_no_act_since(before), ~Exists(texts_of().filter(queued_at__gt=before)))


def not_finished(look: Look) -> QuerySet[Campaign]:
    """Every campaign whose last text has left is noted as sent. Index shifts_campaign_work."""
    campaigns = Campaign.objects.filter(~under_way(), status=Status.SENDING, expanded_at__isnull=False, settling=False)
    if look.at_rest:
        return campaigns
    before = look.now - _MOVING
    lately = texts_of().filter(Q(attempted_at__gt=before) | Q(ended_at__gt=before))
    return campaigns.filter(_no_act_since(before), ~Exists(lately), expanded_at__lte=before)


def settling(look: Look) -> QuerySet[Campaign]:
    """Texts follow every pause, resumption and cancellation. Index shifts_campaign_work."""
    campaigns = Campaign.objects.filter(settling=True)
    return campaigns if look.at_rest else campaigns.filter(_no_act_since(look.now - _SETTLING))


def over_and_queued(look: Look) -> QuerySet[Campaign]:
    """Nothing of a campaign that is over waits to be sent. Index messaging_outbound_subject.

    A refusal that is written down late, after a database came back, has its text wait again for a moment.
    """
    waiting = texts_of().filter(status__in=[TextStatus.QUEUED, TextStatus.SENDING], due_at__lte=look.before(_MOVING))
    return Campaign.objects.filter(Exists(waiting), status__in=[Status.SENT, Status.CANCELLED], settling=False)


def acts_and_status(look: Look) -> QuerySet[Campaign]:
    """Somebody, or time, brought every campaign where it is. Index of acts by campaign; written in one transaction."""
    acts = CampaignAct.objects.filter(campaign=OuterRef("pk"))
    later = CampaignAct.objects.filter(campaign=OuterRef("campaign"), pk__gt=OuterRef("pk"))
    latest = acts.filter(~Exists(later), status=OuterRef("status"))
    return Campaign.objects.filter(~Exists(latest))


def _no_act_since(before: datetime) -> Q:
    return Q(~Exists(CampaignAct.objects.filter(campaign=OuterRef("pk"), at__gt=before)))


_WORKER = "See that a worker for the queue 'slow' runs (/readyz says which do), and read its log."

CHECKS: Iterable[Check] = [
    Check(
        "shifts.campaign_not_begun",
        Severity.CRITICAL,
        not_begun,
        "The time of scheduled campaigns has come, and they have not begun.",
        _WORKER,
        name,
    ),
    Check(
        "shifts.expansion_stands_still",
        Severity.CRITICAL,
        expanding,
        "Campaigns are being sent, and no further text of theirs is made: some of the segment are not texted.",
        _WORKER + ' Look there for "cannot go on".',
        name,
    ),
    Check(
        "shifts.campaign_not_finished",
        Severity.WARNING,
        not_finished,
        "Every text of these campaigns has left or ended, and they are still called being sent.",
        _WORKER,
        name,
    ),
    Check(
        "shifts.settling_stands_still",
        Severity.CRITICAL,
        settling,
        "Campaigns were paused, resumed or cancelled, and their texts have not followed.",
        _WORKER + ' Look there for "cannot go on".',
        name,
    ),
    Check(
        "shifts.over_and_queued",
        Severity.CRITICAL,
        over_and_queued,
        "Campaigns are sent or cancelled, and texts of theirs wait to be sent.",
        "Pause the number they wait in before they leave, and tell who maintains Textback.",
        name,
    ),
    Check(
        "shifts.status_without_act",
        Severity.CRITICAL,
        acts_and_status,
        "Nobody has brought these campaigns where they are: the last act written down is another.",
        "Textback writes both together: was the database written to by hand? Tell who maintains it.",
        name,
    ),
]
