"""The send guard: nobody is texted who has opted out of the number that the text would leave from."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from messaging import clock
from messaging.lookups import OneOf
from messaging.models import OutboundMessage
from messaging.privacy.names import kept_as
from optout import ledger, selectors
from optout.ledger import Entry
from optout.models import Action, ConsentEvent, Source
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
        """Record opt-outs of every number, each in a transaction of its own; one query for those that are recorded.

        Somebody and a time are one occasion, and so is somebody without a time: a list that is imported again never
        undoes what was said since.
        """
        occasions = {f"import:{number}:{_written(at)}": (number, at) for number, at in found.items()}
        # Recorded before somebody was erased, an occasion goes by another name.
        kept = {key.replace(number, kept_as(number)): key for key, (number, _) in occasions.items()}
        rows = ConsentEvent.objects.filter(OneOf("key", [*occasions, *kept])).values_list("key", flat=True)
        known = {kept.get(key, key) for key in rows}
        now = clock.now()
        for key, (number, at) in occasions.items():
            if key not in known:
                ledger.record(
                    Entry(
                        phone_number=number,
                        origination_identity="",
                        action=Action.OPT_OUT,
                        source=Source.IMPORT,
                        # A time to come would outdo every JOIN until then.
                        occurred_at=at if at and at < now else None,
                        every_number=True,
                        actor=actor,
                        reason=reason,
                        key=key,
                    )
                )


def _written(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat() if at else ""
