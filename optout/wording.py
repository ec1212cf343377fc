"""The confirmations of consent, in English; optout/locale has them in other languages. Staff may put them otherwise."""

from collections.abc import Sequence

from messaging.phrases import Phrase
from optout.page_wording import PHRASES as PAGES

OPTED_OUT = Phrase(
    "optout.opted-out",
    'YOU HAVE BEEN UNSUBSCRIBED. IF THIS WAS A MISTAKE PLEASE TEXT "JOIN" TO THIS NUMBER TO BE RESUBSCRIBED',
    when="Confirms STOP and the like, once for each change. The law asks for it: say that they get no more texts.",
    keeps=("JOIN",),
)
OPTED_IN = Phrase(
    "optout.opted-in",
    'YOU HAVE BEEN SUBSCRIBED. IF THIS WAS A MISTAKE PLEASE TEXT "STOP" OR "UNSUBSCRIBE" TO THIS NUMBER TO BE '
    "UNSUBSCRIBED",
    when="Confirms JOIN and the like, once for each change. The law asks for it: say that they get texts now.",
    keeps=("STOP",),
)


class Confirmations:
    """See messaging.contracts.Words."""

    title = "Consent"
    permission = "optout.add_consentevent"
    phrases: Sequence[Phrase] = (OPTED_OUT, OPTED_IN)
    pages: Sequence[Phrase] = PAGES

    def sample(self, key: str) -> str:
        """Each is a whole text."""
        return next(phrase for phrase in self.phrases if phrase.key == key).say()
