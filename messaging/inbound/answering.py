"""What is said in reply to an inbound text: from the number that was written to, once, within the limit of replies."""

import logging

from messaging.compiled import Compiled
from messaging.contracts import Draft, Handled, Reply
from messaging.models import InboundMessage, OriginationIdentity, Priority
from messaging.outbound import outbox
from messaging.text import BodyEmpty, BodyTooLong

logger = logging.getLogger(__name__)


def answer(text: InboundMessage, handled: Handled, reply: Reply, number: int, *, actor: str = "") -> None:
    """Queue one reply to a text. One that is too long for AWS is logged and left out: the text stays routed.

    Args:
        text: what is answered.
        handled: the deed that the reply belongs to.
        reply: what to say.
        number: which of the replies to this text it is, from 0: with the text's own id it is never queued twice.
        actor: who of the staff brought it about; blank when the text did.
    """
    # The answer leaves from the number that was written to, if it still is one of ours.
    own = _ACTIVE.any(identity=text.destination_phone_number)
    if not own and reply.speaks_of_this_number:
        logger.info("Text %s is not answered: %s is none of our numbers", text.pk, text.destination_phone_number)
        return
    try:
        outbox.queue(
            Draft(
                destination_phone_number=text.origination_phone_number,
                body=reply.body,
                idempotency_key=f"inbound:{text.inbound_message_id}:reply{number}",
                conversation=handled.conversation,
                subject=handled.subject,
                priority=Priority.REPLY,
                origination_identity=text.destination_phone_number if own else None,
                expects_reply=reply.expects_reply,
                # What staff brought about is no loop, and begins the count of answers anew.
                is_automatic_reply=not (reply.ignores_reply_limit or actor),
                actor=actor,
                passes_guards=reply.passes_guards,
            )
        )
    except (BodyEmpty, BodyTooLong):
        logger.exception("A reply to text %s cannot be sent", text.pk)


_ACTIVE = Compiled(
    lambda identity: (
        OriginationIdentity.objects.filter(identity=identity, active=True).order_by().values_list("pk")[:1]
    ),
    identity=str,
)
