"""Staff put a text that waits for them where it belongs."""

from django.db import transaction
from django.db.models import QuerySet

from messaging import clock, registry, trace
from messaging.inbound.answering import answer
from messaging.models import InboundMessage, OutboundMessage


class NotTaken(Exception):
    """The conversation does not take the text that staff put there; the sentence says so."""


@transaction.atomic
def assign(pk: int, *, conversation: str, subject: str, by: str) -> bool:
    """Hand an unmatched text to a conversation, as if it had answered a text of that subject. Kept with who did it.

    Returns False, and changes nothing, when the text does not wait for staff any more: somebody was first.

    Args:
        pk: of the text.
        conversation: a key of CONVERSATIONS.
        subject: of one of the places that the conversation offers for this text; "" for the conversation as a whole.
        by: who of the staff.

    Raises:
        NotTaken: the conversation has nothing open for it (any more); nothing has changed.
    """
    waiting = InboundMessage.objects.filter(pk=pk, outcome=InboundMessage.Outcome.UNMATCHED, handled_at__isnull=True)
    text = waiting.select_for_update(of=("self",)).first()
    if text is None:
        return False
    # By staff: how long the answer took says nothing of how quick we are.
    with trace.caused_by(text.inbound_message_id):
        return _assign(text, waiting, conversation, subject, by)


def _assign(text: InboundMessage, waiting: QuerySet[InboundMessage], conversation: str, subject: str, by: str) -> bool:
    owner = registry.conversations()[conversation]
    sender = text.origination_phone_number
    # What staff say takes the place of AWS's hint: a text of ours that asked, and that this one answers.
    hint = OutboundMessage(
        conversation=conversation, subject=subject, destination_phone_number=sender, expects_reply=True
    )
    handled = owner.receive(text, hint) or owner.not_understood(text, hint)
    if handled is None:
        raise NotTaken("Nothing is open there for this person any more. Answer by hand, or mark it as dealt with.")
    kept = {"outcome": handled.outcome, "conversation": handled.conversation, "subject": handled.subject}
    waiting.update(**kept, handled_by=by[:150], handled_at=clock.now())
    for number, reply in enumerate(handled.replies):
        answer(text, handled, reply, number, actor=by)
    return True
