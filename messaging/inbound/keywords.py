"""Canned replies: staff give a word an answer. HELP has one built in, as CTIA's messaging principles ask."""

from django.db.models.functions import Upper

from messaging import phrases, registry
from messaging.compiled import Compiled
from messaging.contracts import Conversation, Handled, Interceptor, Reply
from messaging.inbound.help import about
from messaging.models import InboundMessage, Keyword

HELP = "HELP"
# The words that AWS and the carriers take for an opt-out by themselves, wherever opt-outs are not self-managed:
# docs.aws.amazon.com/sms-voice/latest/userguide/keywords-required.html. Nobody who sends one is asked for an answer.
CARRIER_OPT_OUTS = frozenset(
    {"ARRET", "CANCEL", "END", "OPT-OUT", "OPTOUT", "QUIT", "REMOVE", "STOP", "STOPALL", "TD", "UNSUBSCRIBE"}
)
# What people put around a word: quotes, full stops, brackets.
_AROUND = " \t\r\n.,;:!?'\"()[]<>*“”‘’«»…-"


def the_word(body: str) -> str:
    """The word a text consists of, in upper case; "" when it is more than one. Pure."""
    word = body.strip(_AROUND).upper()
    return "" if any(character.isspace() for character in word) else word


def reserved(word: str) -> str:
    """Why staff must not give a word (in upper case) a meaning; "" when they may. The first plug-in's reason counts."""
    plug_ins: list[Interceptor | Conversation] = [*registry.interceptors(), *registry.conversations().values()]
    for plug_in in plug_ins:
        if reason := plug_in.reserves(word):
            return reason
    return ""


_CANNED = Compiled(
    lambda word: (
        Keyword.objects.alias(upper=Upper("word"))
        .filter(upper=word, action=Keyword.Action.REPLY)
        .order_by()
        .values_list("text")[:1]
    ),
    word=str,
)


class CannedReplies:
    """Answers texts that consist of a word to which staff have given an answer, or of HELP."""

    def intercept(self, text: InboundMessage) -> Handled | None:
        """Answer the word, from anybody."""
        word = the_word(text.body)
        if not word:
            return None
        for (answer,) in _CANNED.rows(word=word):
            return _answer(answer, passes_guards=word == HELP)
        if word == HELP:
            with phrases.speaking(phrases.of_number(text.origination_phone_number)):
                body = about()
            # Who asks for help is told, opted out or not: it is they who asked.
            return _answer(body, passes_guards=True)
        return None

    def reserves(self, word: str) -> str:
        """Nothing: a keyword is what staff make of it, and an answer of theirs to HELP replaces the one built in."""
        return ""


def _answer(body: str, *, passes_guards: bool) -> Handled:
    return Handled(outcome=InboundMessage.Outcome.KEYWORD, replies=[Reply(body, passes_guards=passes_guards)])
