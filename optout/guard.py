"""The send guard: nobody is texted who has opted out of the number that the text would leave from."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from messaging import clock
from messaging.models import OutboundMessage
from optout import ledger, many, selectors
from optout.ledger import Entry
from optout.models import EVERY_NUMBER, Action, Source
from optout.reasons import reason


class Consent:
    """Asked when a text is queued and again at the moment of sending. It has no memory: each answer is read anew."""

    def refusals(self, recipients: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Why each of those who have opted out must not be texted. A few queries for any number of them.

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

    def opted_out_elsewhere(self, found: Mapping[str, datetime | None], *, actor: str, reason: str) -> None:
        """Record opt-outs of every number, hundreds in one transaction; a few queries for those that are recorded.

        Somebody and a time are one occasion, and so is somebody without a time: a list that is imported again never
        undoes what was said since.
        """
        now = clock.now()
        entries = [
            Entry(
                phone_number=number,
                origination_identity=EVERY_NUMBER,
                action=Action.OPT_OUT,
                source=Source.IMPORT,
                # A time to come would outdo every JOIN until then.
                occurred_at=at if at and at < now else None,
                every_number=True,
                actor=actor,
                reason=reason,
                key=f"import:{number}:{_written(at)}",
            )
            for number, at in found.items()
        ]
        there = many.known(entries)
        many.record_all(entry for entry in entries if entry.key not in there)


def _written(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat() if at else ""
