"""Queued texts whose lane does not move, by its own fault or because somebody has stopped it."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from messaging.audit.findings import Check, Look, Severity, text
from messaging.models import OriginationIdentity, OutboundMessage, Priority, Status
from messaging.outbound.withheld import claimable

# A lane with due texts makes a call every few seconds, whatever troubles AWS has.
_STANDS_STILL = timedelta(minutes=2)
# Somebody with hundreds of texts waiting gets one a second, and others overtake them.
_OVERTAKEN = timedelta(minutes=30)
# A worker that is busy with a job of another queue comes to it within this, and takes what is next.
_NEXT_COMES = timedelta(seconds=15)
# Backing off, twenty calls take four minutes: a short trouble of AWS's is over by then.
_REFUSALS = 20
_REFUSED_FOR_LONG = timedelta(minutes=10)
# So many of each lane are looked at, in the order they leave in: a campaign of a million may be behind them, and the
# index tells neither when they are due nor how often they were tried.
_MOST_NEXT = 2_000
# Numbers may be many, and a statement takes so many keys.
_MOST_KEYS = 10_000
# At the second look one of so many may have been cancelled, and the lane stands still all the same.
_SOME = 20


def standing_still(look: Look) -> QuerySet[OriginationIdentity]:
    """Every number that may send and has texts due makes calls. Indexes messaging_outbound_claim and _pace.

    Only the next texts of a lane are looked at: what is behind them leaves after them.
    """
    before = look.before(_STANDS_STILL)
    calls = OutboundMessage.objects.filter(origination_identity=OuterRef("identity"), attempted_at__gt=before)
    numbers = _running() if look.at_rest else _running().filter(~Exists(calls))
    due: list[int] = []
    for identity in numbers.values_list("identity", flat=True):
        next_ones = _next(identity).values_list("pk", "due_at")[:_MOST_NEXT]
        of_lane = claimable(identity, before).filter(pk__in=[pk for pk, due_at in next_ones if due_at <= before])
        due += of_lane.order_by().values_list("pk", flat=True)[:_SOME]
    return numbers.filter(Exists(claimable(OuterRef("identity"), before).filter(pk__in=due)))


def overtaken(look: Look) -> QuerySet[OutboundMessage]:
    """The first text in each lane is next. Indexes messaging_outbound_claim and _pace.

    Only the first is looked at: others leave when it does. After a pause the first one has been overtaken as well, but
    is gone at the second look. That it is refused again and again is what refused_for_long finds.
    """
    before = look.now - _OVERTAKEN
    later = OutboundMessage.objects.filter(
        Q(priority__gt=OuterRef("priority")) | Q(priority=OuterRef("priority"), pk__gt=OuterRef("pk")),
        origination_identity=OuterRef("origination_identity"),
        attempted_at__gt=before,
    )
    first: list[int] = []
    for identity in _running().values_list("identity", flat=True):
        next_one = list(_next(identity).values_list("pk", flat=True)[:1])
        first += claimable(identity, before).filter(pk__in=next_one).order_by().values_list("pk", flat=True)
    return OutboundMessage.objects.filter(Exists(later), pk__in=first, status=Status.QUEUED)


def alerts_refused(look: Look) -> QuerySet[OutboundMessage]:
    """What AWS refuses for now it takes before long, alerts above all. Index messaging_outbound_claim.

    A refusal has the text due again within seconds: it does not wait for long, and its lane does not stand still.
    """
    return _refused(look, Q(priority=Priority.ALERT))


def others_refused(look: Look) -> QuerySet[OutboundMessage]:
    """The same for what is no alert."""
    return _refused(look, Q(priority__gt=Priority.ALERT))


def paused(look: Look) -> QuerySet[OriginationIdentity]:
    """Tells of paused numbers in which texts wait. Index messaging_outbound_claim."""
    return OriginationIdentity.objects.filter(_waiting(), active=True, lane__paused_at__isnull=False)


def held(look: Look) -> QuerySet[OriginationIdentity]:
    """Tells of numbers from which nothing is sent because a guard cannot be asked. Index messaging_outbound_claim."""
    return OriginationIdentity.objects.filter(
        _waiting(), active=True, lane__paused_at__isnull=True, lane__held_at__isnull=False
    )


def switched_off(look: Look) -> QuerySet[OriginationIdentity]:
    """Tells of inactive numbers in which texts wait. Index messaging_outbound_claim."""
    return OriginationIdentity.objects.filter(_waiting(), active=False)


def no_such_number(look: Look) -> QuerySet[OutboundMessage]:
    """Every queued text has a number to leave from. Index messaging_outbound_state."""
    number = OriginationIdentity.objects.filter(identity=OuterRef("origination_identity"))
    return OutboundMessage.objects.filter(~Exists(number), status=Status.QUEUED)


def _refused(look: Look, urgency: Q) -> QuerySet[OutboundMessage]:
    often: list[int] = []
    for identity in OriginationIdentity.objects.values_list("identity", flat=True):
        next_ones = _next(identity).filter(urgency).values_list("pk", "attempts")[:_MOST_NEXT]
        often += [pk for pk, attempts in next_ones if attempts >= _REFUSALS]
    return OutboundMessage.objects.filter(
        status=Status.QUEUED,
        withheld=False,
        attempts__gte=_REFUSALS,
        queued_at__lt=look.now - _REFUSED_FOR_LONG,
        pk__in=often[:_MOST_KEYS],
    )


def _next(identity: str) -> QuerySet[OutboundMessage]:
    """A number's lane in the order it leaves in, due or not: by the index alone."""
    return OutboundMessage.objects.filter(origination_identity=identity, status=Status.QUEUED, withheld=False).order_by(
        "priority", "id"
    )


def _running() -> QuerySet[OriginationIdentity]:
    return OriginationIdentity.objects.filter(active=True, lane__paused_at__isnull=True, lane__held_at__isnull=True)


def _waiting() -> Exists:
    return Exists(
        OutboundMessage.objects.filter(origination_identity=OuterRef("identity"), status=Status.QUEUED, withheld=False)
    )


_REFUSED = "AWS has refused these texts for now, again and again, for over ten minutes."
_REASON = "Each text's page in the admin has AWS's reason; see health.aws.amazon.com and the quotas of the account."


def _number(row: OriginationIdentity) -> str:
    return f"number {row.identity}"


CHECKS: Iterable[Check] = [
    Check(
        "messaging.lane_stands_still",
        Severity.CRITICAL,
        standing_still,
        "Texts are due, the number may send, and no call is made.",
        "See that a worker for the queue 'lanes' runs (/readyz says so), and read its log.",
        _number,
        _NEXT_COMES,
    ),
    Check(
        "messaging.text_overtaken",
        Severity.CRITICAL,
        overtaken,
        "The text that is next in its lane has waited for long, while later ones were sent.",
        "Read the log of the worker that sends; tell who maintains Textback.",
        text,
        _NEXT_COMES,
    ),
    Check(
        "messaging.refused_for_long",
        Severity.CRITICAL,
        alerts_refused,
        f"{_REFUSED} Alerts are among them: those people do not know.",
        f"Call the people of the incidents. {_REASON}",
        text,
    ),
    Check(
        "messaging.refused_for_long",
        Severity.WARNING,
        others_refused,
        _REFUSED,
        _REASON,
        text,
    ),
    Check(
        "messaging.paused_lane",
        Severity.WARNING,
        paused,
        "Texts wait in numbers that are paused until somebody has mended something.",
        "The number's page in the admin has the reason. Mend it, then resume the number.",
        _number,
    ),
    Check(
        "messaging.held_lane",
        Severity.WARNING,
        held,
        "Texts wait because Textback cannot tell whether they may be sent. It tries again every few seconds.",
        "The number's page in the admin has the reason; most likely the database is in trouble.",
        _number,
    ),
    Check(
        "messaging.inactive_number",
        Severity.WARNING,
        switched_off,
        "Texts wait in numbers that are switched off.",
        "Make the number active in the admin. What must not be sent any more: cancel its campaign or incident.",
        _number,
    ),
    Check(
        "messaging.no_such_number",
        Severity.CRITICAL,
        no_such_number,
        "Texts are queued for a number that is none of ours any more; nobody will ever send them.",
        "Add the number again in the admin, or cancel what they belong to.",
        text,
    ),
]
