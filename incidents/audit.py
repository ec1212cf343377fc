"""The audit of incidents: each is moved by something, and each status has its line, its reply and its texts."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat

from incidents.lifecycle.notices import CONVERSATION
from incidents.models import Alert, Incident, IncidentContact, Kind, Outcome, State, Status, TimelineEntry
from messaging.audit.findings import Check, Look, Severity, inbound, text
from messaging.models import InboundMessage, OutboundMessage, Priority
from messaging.models import Status as MessageStatus

# Thousands of waits may be over in one moment; each takes a few milliseconds.
_RUNNING = timedelta(minutes=2)
_FAILURES = 3
_EVER = datetime(2000, 1, 1, tzinfo=UTC)

# Each status, and the line of the timeline that is written with it.
_LINES = {
    Status.ACKNOWLEDGED: Kind.ACKNOWLEDGED,
    Status.UNACKNOWLEDGED: Kind.UNACKNOWLEDGED,
    Status.CANCELLED: Kind.CANCELLED,
    Status.RESOLVED: Kind.RESOLVED,
}
# What a conversation is told of a text, and the line it writes. Of an unknown one it depends on the attempt.
_NEWS = {
    MessageStatus.SENT: Kind.SENT,
    MessageStatus.DELIVERED: Kind.DELIVERED,
    MessageStatus.FAILED: Kind.FAILED,
    MessageStatus.SUPPRESSED: Kind.SUPPRESSED,
    MessageStatus.EXPIRED: Kind.EXPIRED,
    MessageStatus.CANCELLED: Kind.WITHDRAWN,
}


class Incidents:
    """See messaging.duties.Audit."""

    name = "incidents"

    def checks(self) -> Sequence[Check]:
        """Every check of incidents."""
        return _CHECKS

    def sizes(self) -> Mapping[str, int]:
        """Incidents."""
        return {"incidents": Incident.objects.count()}


def overdue(look: Look) -> QuerySet[Incident]:
    """Every wait that is over is followed by the next step. Index incidents_due."""
    return Incident.objects.filter(next_step_at__lte=look.before(_RUNNING))


def failing(look: Look) -> QuerySet[Incident]:
    """Every step can be run. Index incidents_due."""
    return Incident.objects.filter(next_step_at__isnull=False, failures__gte=_FAILURES)


def alerts_waiting(look: Look) -> QuerySet[Alert]:
    """Every alert is worked soon after it came. Index incidents_alert_waiting."""
    late = Alert.objects.filter(outcome=Outcome.WAITING, not_before__lte=look.before(_RUNNING))
    return late.select_related("source")


def alerts_failing(look: Look) -> QuerySet[Alert]:
    """Every alert can be worked, at the first time or soon after. Index incidents_alert_waiting."""
    # Some bound of the index: without one SQLite walks the whole table by its keys.
    failing = Alert.objects.filter(outcome=Outcome.WAITING, not_before__gt=_EVER, attempts__gte=_FAILURES)
    return failing.select_related("source")


def nothing_moves_it(look: Look) -> QuerySet[Incident]:
    """Every open incident has a clock, or a text of its step whose fate will move it. Index messaging_outbound_subject.

    What becomes of a text and that it is to be told are one statement; the telling and the clock one transaction.
    """
    begins = Concat(
        Value("incident:"),
        OuterRef("incident_id"),
        Value(":"),
        Cast(OuterRef("step"), CharField()),
        Value(":"),
        output_field=CharField(),
    )
    unsettled = Q(status__in=[MessageStatus.QUEUED, MessageStatus.SENDING, MessageStatus.UNKNOWN])
    moving = OutboundMessage.objects.filter(
        unsettled | Q(outcome_pending=True),
        conversation=CONVERSATION,
        subject=OuterRef("incident_id"),
        priority=Priority.ALERT,
        idempotency_key__startswith=begins,
    )
    return Incident.objects.filter(~Exists(moving), status=Status.NOT_ACKNOWLEDGED, next_step_at__isnull=True)


def lines_and_status(look: Look) -> QuerySet[Incident]:
    """The timeline has the line of the status, and of no end while it is open. Index incidents_timeline_order."""

    def line(kind: Kind) -> Exists:
        return Exists(TimelineEntry.objects.filter(incident=OuterRef("pk"), kind=kind))

    wrong = Q(~line(Kind.OPENED))
    for status, kind in _LINES.items():
        wrong |= Q(~line(kind), status=status)
    ends = TimelineEntry.objects.filter(incident=OuterRef("pk"), kind__in=_LINES.values())
    return Incident.objects.filter(wrong | Q(Exists(ends), status=Status.NOT_ACKNOWLEDGED))


def who_has_it(look: Look) -> QuerySet[Incident]:
    """Whoever has an incident is marked on it, and nobody has an open one. Indexes of contacts by step."""
    contacts = IncidentContact.objects.filter(step__incident=OuterRef("pk"))
    taken = Exists(contacts.filter(state=State.ACKNOWLEDGED))
    by_contact = Exists(contacts.filter(phone_number=OuterRef("acknowledged_by")))
    return Incident.objects.filter(
        Q(by_contact & ~taken, acknowledged_at__isnull=False) | Q(taken, status=Status.NOT_ACKNOWLEDGED)
    )


def answers_without_trace(look: Look) -> QuerySet[InboundMessage]:
    """Every text that was routed to an incident stands on its timeline. Index messaging_inbound_subject, by key."""
    trace = TimelineEntry.objects.filter(
        incident__incident_id=OuterRef("subject"), key=Concat(Value("reply:"), OuterRef("inbound_message_id"))
    )
    return InboundMessage.objects.filter(~Exists(trace), conversation=CONVERSATION).exclude(subject="")


def news_without_line(look: Look) -> QuerySet[OutboundMessage]:
    """What became of each text stands on its timeline, once it is told. Indexes messaging_outbound_talk, by key."""
    lacking = Q()
    for status, kind in _NEWS.items():
        key = Concat(Value(f"{kind}:"), Cast(OuterRef("pk"), CharField()))
        line = TimelineEntry.objects.filter(incident__incident_id=OuterRef("subject"), key=key)
        lacking |= Q(~Exists(line), status=status)
    return OutboundMessage.objects.filter(
        lacking, _of_an_incident(), conversation=CONVERSATION, outcome_pending=False, reports_outcome=True
    )


def orphan_texts(look: Look) -> QuerySet[OutboundMessage]:
    """Every text of an incident has its incident. Index messaging_outbound_subject."""
    return OutboundMessage.objects.filter(~_of_an_incident(), conversation=CONVERSATION).exclude(subject="")


def orphan_answers(look: Look) -> QuerySet[InboundMessage]:
    """Every text that was routed to an incident has its incident. Index messaging_inbound_subject."""
    return InboundMessage.objects.filter(~_of_an_incident(), conversation=CONVERSATION).exclude(subject="")


def _of_an_incident() -> Exists:
    return Exists(Incident.objects.filter(incident_id=OuterRef("subject")))


def _incident(row: Incident) -> str:
    return f"incident {row.incident_id}"


def _alert(row: Alert) -> str:
    return f"alert {row.pk} of {row.source}: {row.reason}" if row.reason else f"alert {row.pk} of {row.source}"


_BY_HAND = "Textback writes both together: was the database written to by hand, or restored? Tell who maintains it."
_CALL = "Call the people of the incident now; acknowledge it for whoever takes it, or cancel it."

_CHECKS = [
    Check(
        "incidents.overdue",
        Severity.CRITICAL,
        overdue,
        "Waits are over, and nobody was reminded or asked next.",
        f"{_CALL} Then see that clock and workers run (/readyz says so), and read the workers' log.",
        _incident,
    ),
    Check(
        "incidents.step_fails",
        Severity.CRITICAL,
        failing,
        "The next step of incidents was tried several times and cannot be run.",
        f"{_CALL} The workers' log has the reason.",
        _incident,
    ),
    Check(
        "incidents.alerts_waiting",
        Severity.CRITICAL,
        alerts_waiting,
        "Alerts of monitoring systems wait, and nobody was texted about them.",
        "Look at the list of alerts, and call whom they concern. Then see that workers run (/readyz says so).",
        _alert,
    ),
    Check(
        "incidents.alerts_failing",
        Severity.CRITICAL,
        alerts_failing,
        "Alerts were tried several times and open no incident.",
        "The reason stands beside each: often a policy without people. Mend it; they are tried again for an hour.",
        _alert,
    ),
    Check(
        "incidents.nothing_moves_it",
        Severity.CRITICAL,
        nothing_moves_it,
        "Open incidents have no clock, and no text under way whose fate could move them.",
        f"{_CALL} Tell who maintains Textback.",
        _incident,
    ),
    Check(
        "incidents.timeline_contradicts_status",
        Severity.CRITICAL,
        lines_and_status,
        "The timeline of incidents lacks what brought their status about, or has an end they never came to.",
        _BY_HAND,
        _incident,
    ),
    Check(
        "incidents.acknowledged_by_nobody",
        Severity.CRITICAL,
        who_has_it,
        "Incidents are acknowledged by a contact who has not acknowledged, or are open although one has.",
        _BY_HAND,
        _incident,
    ),
    Check(
        "incidents.answer_without_trace",
        Severity.CRITICAL,
        answers_without_trace,
        "Texts were taken for answers to an incident, and its timeline does not know them: a YES may be lost.",
        "Read the texts, and do what they say. Tell who maintains Textback.",
        inbound,
    ),
    Check(
        "incidents.news_without_line",
        Severity.CRITICAL,
        news_without_line,
        "What became of texts was told to incidents, and their timelines do not know it.",
        _BY_HAND,
        text,
    ),
    Check(
        "incidents.orphan_text",
        Severity.CRITICAL,
        orphan_texts,
        "Texts belong to incidents that are not there.",
        _BY_HAND,
        text,
    ),
    Check(
        "incidents.orphan_answer",
        Severity.CRITICAL,
        orphan_answers,
        "Texts were routed to incidents that are not there.",
        _BY_HAND,
        inbound,
    ),
]
