"""The rules for countries, as a send guard: nobody is texted in a country where texts are switched off."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from messaging.compiled import Compiled
from messaging.models import CountryRule, OutboundMessage
from messaging.numbers import TELLING, country_by_beginning

# Asked for every claim: a table of a few lines.
_SWITCHED_OFF = Compiled(lambda: CountryRule.objects.filter(allowed=False).order_by().values_list("iso_country_code"))


class CountryRules:
    """Plug-in of settings.MESSAGING["SEND_GUARDS"]."""

    forbids_everything = True

    def refusals(self, recipients: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Why those in such a country are not texted."""
        off = {country for (country,) in _SWITCHED_OFF.rows()}
        if not off:
            return {}
        found = {pair: country_by_beginning(pair[0][:TELLING], len(pair[0])) for pair in recipients}
        return {
            pair: f"Texts to {country} are switched off. Staff decide so at Countries in the admin."
            for pair, country in found.items()
            if country in off
        }

    def carrier_opted_out(self, message: OutboundMessage) -> None:
        """Nothing to learn from it."""

    def opted_out_elsewhere(self, found: Mapping[str, datetime | None], *, actor: str, reason: str) -> None:
        """Nothing to learn from it."""
