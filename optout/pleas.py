"""The review list: texts that look like a plea to stop and are no keyword. A person decides each, once."""

from django.db import transaction

from messaging import clock
from messaging.inbound import inbox
from messaging.models import InboundMessage
from optout import ledger
from optout.ledger import Entry, Recorded
from optout.models import Action, Plea, Source


class DecidedAlready(Exception):
    """Somebody has decided on this plea before; the sentence says who and what."""


def note(text: InboundMessage) -> Plea:
    """Put a text on the list; a text that is on it stays as it is."""
    plea, _ = Plea.objects.get_or_create(text=text)
    return plea


@transaction.atomic
def opt_out(plea: Plea, *, by: str, reason: str) -> Recorded:
    """Take it for an opt-out of the number that it was sent to, as of when it was sent. Nobody is texted.

    Whoever has said JOIN since stays opted in: the latest event in time decides.

    Raises:
        DecidedAlready: nothing is recorded then.
    """
    _decide(plea, Plea.Decision.OPTED_OUT, by)
    return ledger.record(
        Entry(
            phone_number=plea.text.origination_phone_number,
            origination_identity=plea.text.destination_phone_number,
            action=Action.OPT_OUT,
            source=Source.STAFF,
            occurred_at=plea.text.received_at,
            actor=by,
            reason=reason,
            key=f"plea:{plea.pk}",
        )
    )


@transaction.atomic
def dismiss(plea: Plea, *, by: str) -> None:
    """It is no plea.

    Raises:
        DecidedAlready: nothing changes then.
    """
    _decide(plea, Plea.Decision.NO_PLEA, by)


def _decide(plea: Plea, decision: Plea.Decision, by: str) -> None:
    decided = Plea.objects.filter(pk=plea.pk, decision="").update(
        decision=decision, decided_by=by[:150], decided_at=clock.now()
    )
    if not decided:
        plea.refresh_from_db()
        raise DecidedAlready(f"{plea.decided_by} has decided before: {plea.get_decision_display().lower()}.")
    # One text is not to wait for a person in two lists.
    inbox.deal_with(InboundMessage.objects.filter(pk=plea.text_id), by=by)
