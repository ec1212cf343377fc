"""The audit of consent: states follow from the ledger, words are in it, and nobody is texted against it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Concat, Substr

from messaging.audit.findings import Check, Look, Severity, inbound, text
from messaging.models import InboundMessage, OutboundMessage
from optout.models import EVERY_NUMBER, Action, ConsentEvent, State
from optout.models import Consent as ConsentRow

# The call of a claimed text begins within a quarter of a second. An opt-out counts from its commit, which may come a
# while after the moment it bears when many wait for the database; and clocks of two machines may differ a little.
_UNDER_WAY = timedelta(seconds=10)


class Consent:
    """See messaging.duties.Audit."""

    name = "optout"

    def checks(self) -> Sequence[Check]:
        """Every check of consent."""
        return _CHECKS

    def sizes(self) -> Mapping[str, int]:
        """Events of the ledger, and states."""
        return {"consent events": ConsentEvent.objects.count(), "consent states": ConsentRow.objects.count()}


def states(look: Look) -> QuerySet[ConsentRow]:
    """Each state is what the latest event says, and as late. Index optout_event_person.

    Only what the guard goes by; rebuild_consent --check derives every state anew, and compares all of it.
    """
    concerns = Q(every_number=True) | Q(every_number=False, origination_identity=OuterRef("origination_identity"))
    latest = (
        ConsentEvent.objects.filter(concerns, phone_number=OuterRef("phone_number"))
        .annotate(out=Case(When(action=Action.OPT_OUT, then=Value(1)), default=Value(0)))
        .order_by("-occurred_at", "-out")
    )
    said = Case(
        When(latest_action=Action.OPT_OUT, then=Value(State.OPTED_OUT.value)),
        When(latest_action=Action.OPT_IN, then=Value(State.OPTED_IN.value)),
        default=Value(""),
        output_field=CharField(),
    )
    return (
        ConsentRow.objects.annotate(
            latest_action=Subquery(latest.values("action")[:1]), said_at=Subquery(latest.values("occurred_at")[:1])
        )
        .annotate(said=said)
        .filter(~Q(state=F("said")) | Q(said_at__isnull=True) | ~Q(latest_at=F("said_at")))
    )


def events_without_state(look: Look) -> QuerySet[ConsentEvent]:
    """Whoever said something has a state. The unique key of states; event and state are one transaction."""
    rows = ConsentRow.objects.filter(phone_number=OuterRef("phone_number"))
    of_every = Exists(rows.filter(origination_identity=EVERY_NUMBER))
    of_one = Exists(rows.filter(origination_identity=OuterRef("origination_identity")))
    return ConsentEvent.objects.filter(Q(~of_every, every_number=True) | Q(~of_one, every_number=False))


def words_without_event(look: Look) -> QuerySet[InboundMessage]:
    """Every STOP and JOIN that was routed is in the ledger. Index messaging_inbound_outcome; one transaction."""
    event = ConsentEvent.objects.filter(key=Concat(Value("inbound:"), OuterRef("inbound_message_id")))
    return InboundMessage.objects.filter(~Exists(event), outcome=InboundMessage.Outcome.CONSENT)


def texted_after_opt_out(look: Look) -> QuerySet[OutboundMessage]:
    """No text was claimed for somebody whose opt-out was known. Indexes optout_event_person, messaging_outbound_rest.

    Known: recorded, and no opt-in said later was recorded or stored by then: to the guard a JOIN counts before it is
    routed. What came since does not count, whatever time it bears. Texts that pass the guards confirm an opt-out, or
    answer HELP.
    """
    claimed = OuterRef("attempted_at")
    by_then = _moved(OuterRef(OuterRef(claimed)), _UNDER_WAY)
    heard = InboundMessage.objects.filter(
        inbound_message_id=Substr(OuterRef("key"), len("inbound:") + 1), stored_at__lte=by_then
    )
    opted_in = ConsentEvent.objects.filter(
        Q(recorded_at__lte=_moved(OuterRef(claimed), _UNDER_WAY)) | Q(key__startswith="inbound:") & Exists(heard),
        Q(every_number=True) | Q(origination_identity=OuterRef(OuterRef("origination_identity"))),
        phone_number=OuterRef("phone_number"),
        action=Action.OPT_IN,
        occurred_at__gt=OuterRef("occurred_at"),
    )
    opted_out = ConsentEvent.objects.filter(
        Q(every_number=True) | Q(origination_identity=OuterRef("origination_identity")),
        ~Exists(opted_in),
        phone_number=OuterRef("destination_phone_number"),
        action=Action.OPT_OUT,
        recorded_at__lte=_moved(claimed, -_UNDER_WAY),
    )
    # Few have ever opted out: their texts alone are looked at.
    people = ConsentEvent.objects.filter(action=Action.OPT_OUT).order_by().values("phone_number")
    return OutboundMessage.objects.filter(
        Exists(opted_out), destination_phone_number__in=people, attempted_at__isnull=False, passes_guards=False
    )


def _moved(moment: OuterRef, by: timedelta) -> "ExpressionWrapper[Any]":
    return ExpressionWrapper(moment + Value(by), output_field=DateTimeField())


def _state(row: ConsentRow) -> str:
    return f"state {row.pk}"


def _event(row: ConsentEvent) -> str:
    return f"consent event {row.pk}"


_REBUILD = "`manage.py rebuild_consent` derives the states anew from the ledger. Tell who maintains Textback."

_CHECKS = [
    Check(
        "optout.state_contradicts_ledger",
        Severity.CRITICAL,
        states,
        "People stand otherwise than they last said.",
        _REBUILD,
        _state,
    ),
    Check(
        "optout.event_without_state",
        Severity.CRITICAL,
        events_without_state,
        "People have said whether they want texts, and have no state: nothing keeps texts from whoever opted out.",
        _REBUILD,
        _event,
    ),
    Check(
        "optout.word_without_event",
        Severity.CRITICAL,
        words_without_event,
        "Texts were taken for STOP or JOIN, and the ledger does not know them.",
        "Record what they say by hand under Consent, with the reason. Tell who maintains Textback.",
        inbound,
    ),
    Check(
        "optout.texted_after_opt_out",
        Severity.CRITICAL,
        texted_after_opt_out,
        "People were texted who had opted out.",
        "Tell who maintains Textback at once, and whoever answers for consent.",
        text,
    ),
]
