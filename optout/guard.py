"""The send guard: nobody is texted who has opted out of the number that the text would leave from."""

from collections.abc import Sequence

from messaging.models import OutboundMessage
from optout import ledger, selectors
from optout.ledger import Entry
from optout.models import Action, Source
from optout.reasons import reason


class Consent:
    """Asked when a text is queued and again at the moment of sending. It has no memory: each answer is read anew."""

    def refusals(self, recipients: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Why each of those who have opted out must not be texted. One query for any number of them.

        Raises:
            django.db.DatabaseError: consent cannot be read; the caller then sends nothing.
        """
        return {
            pair: reason(Source(stands.source), stands.since)
            for pair, stands in selectors.opted_out(recipients).items()
        }

    def carrier_opted_out(self, message: OutboundMessage) -> None:
        """Record the opt-out that AWS has on its own list, as of the moment when it refused the text."""
        ledger.record(
            Entry(
                phone_number=message.destination_phone_number,
                origination_identity=message.origination_identity,
                action=Action.OPT_OUT,
                source=Source.CARRIER,
                occurred_at=message.attempted_at,
                reason="AWS refused a text: DESTINATION_PHONE_NUMBER_OPTED_OUT.",
                key=f"outbound:{message.pk}:{message.attempts}",
            )
        )
