"""Nobody is texted who was erased: what stands in place of their number is none."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from messaging.models import OutboundMessage
from messaging.privacy.names import is_stand_in


class Erased:
    """Plug-in of settings.MESSAGING["SEND_GUARDS"]. Needs no database."""

    forbids_everything = True

    def refusals(self, recipients: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Why those whose number is gone are not texted."""
        return {pair: "This person was erased: there is no number." for pair in recipients if is_stand_in(pair[0])}

    def carrier_opted_out(self, message: OutboundMessage) -> None:
        """Nothing to learn from it."""

    def opted_out_elsewhere(self, found: Mapping[str, datetime | None], *, actor: str, reason: str) -> None:
        """Nothing to learn from it."""
