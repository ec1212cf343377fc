"""The answer to HELP that is built in: who we are, and how to get no more of our texts."""

from collections.abc import Sequence

from django.conf import settings

from messaging.phrases import Phrase

HELP = Phrase(
    "messaging.help",
    "{organisation}: this number sends you texts you can answer. Reply STOP to get no more of them.",
    when="Somebody texts HELP, and no keyword of yours answers it.",
    keeps=("STOP",),
    optional=frozenset({"organisation"}),
)


def about() -> str:
    """What whoever texts HELP is told."""
    return HELP.say(organisation=settings.MESSAGING.get("ORGANISATION", "Textback"))


class HelpWords:
    """See messaging.contracts.Words."""

    title = "Help"
    permission = "messaging.change_keyword"
    phrases: Sequence[Phrase] = (HELP,)
    pages: Sequence[Phrase] = ()

    def sample(self, key: str) -> str:
        """The only text there is."""
        return about()
