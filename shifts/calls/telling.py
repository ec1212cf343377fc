"""The text that tells somebody what became of their AGENT; queued in the transaction that makes it true."""

from collections.abc import Callable

from messaging.contracts import Draft
from messaging.models import OriginationIdentity, Priority
from messaging.outbound import outbox
from messaging.phrases import of_number, speaking
from shifts.models import CallBack


def tell(row: CallBack, what: str, say: Callable[[], str]) -> None:
    """Queue it, in the person's language, from the number they wrote to while that sends.

    Args:
        row: the call back.
        what: names what is told; each is told once.
        say: the words, in the language that is active when it is called.
    """
    with speaking(of_number(row.phone_number)):
        body = say()
    own = OriginationIdentity.objects.filter(identity=row.origination_identity, active=True).exists()
    outbox.queue(
        Draft(
            destination_phone_number=row.phone_number,
            body=body,
            idempotency_key=f"callback:{row.pk}:{what}",
            conversation="shifts",
            subject=row.subject,
            priority=Priority.REPLY,
            origination_identity=row.origination_identity if own else None,
            # Said once for each request: the limit that ends loops does not hold it back (is_automatic_reply).
        )
    )
