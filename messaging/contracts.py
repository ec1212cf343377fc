"""What may be plugged into messaging, and what a plug-in must do. docs/adding-a-conversation.md shows one step by step.

Plug-ins are named by dotted path in settings.MESSAGING, resolved by messaging.registry and proven at start by system
checks. Nothing here touches the database.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from messaging.models import InboundMessage, OutboundMessage
    from messaging.phrases.phrase import Phrase


@dataclass(frozen=True, slots=True)
class Draft:
    """A text to be queued. See OutboundMessage for the meaning of what is not said here.

    Attributes:
        idempotency_key: queueing the same key again changes nothing and returns the first row.
        origination_identity: the conversation's own choice of number; None lets messaging.numbers choose.
        expects_reply: never sent from a sender ID, which cannot be answered.
        is_automatic_reply: an answer by machine to an inbound text; counts against the limit that ends loops.
        passes_guards: sent even to somebody opted out. Only for what confirms the opt-out, or answers HELP.
        reports_outcome: the conversation's text_settled is called with each status that ends a wait.
        actor: who of our side made this happen (a username, "api:…"); blank for timers and automatic replies.
        time_to_live: not sent later than this after queueing, then expired.
    """

    destination_phone_number: str
    body: str
    idempotency_key: str
    conversation: str = ""
    subject: str = ""
    message_type: str = "TRANSACTIONAL"
    priority: int = 20
    delivery_policy: str = "at_least_once"
    origination_identity: str | None = None
    expects_reply: bool = False
    is_automatic_reply: bool = False
    passes_guards: bool = False
    reports_outcome: bool = False
    actor: str = ""
    time_to_live: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One text to many people, each with a row of their own. What is not said here is as in a Draft.

    Attributes:
        key_prefix: each row's idempotency key is this and the phone number, so that nobody gets a second copy however
            often and by however many workers it is queued.
    """

    body: str
    conversation: str
    subject: str
    key_prefix: str
    message_type: str = "PROMOTIONAL"
    priority: int = 30
    delivery_policy: str = "at_most_once"
    origination_identity: str | None = None
    expects_reply: bool = True
    actor: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """A text back to the sender of an inbound text, from the number they wrote to.

    Attributes:
        passes_guards: sent even to somebody opted out. Only for what confirms the opt-out, or answers HELP.
        expects_reply: never sent from a sender ID, which cannot be answered.
        ignores_reply_limit: neither counts against the limit that ends loops nor is held back by it. Only for what is
            said once for each change of state, so that no loop can come of it.
        speaks_of_this_number: what it says is true of the number that was written to alone. If that is none of ours any
            more, rather nothing is said.
    """

    body: str
    passes_guards: bool = False
    expects_reply: bool = False
    ignores_reply_limit: bool = False
    speaks_of_this_number: bool = False


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of an inbound text: its outcome, whom it belongs to, and replies for messaging to queue."""

    outcome: str
    conversation: str = ""
    subject: str = ""
    replies: Sequence[Reply] = field(default=())


@dataclass(frozen=True, slots=True)
class ForStaff:
    """An interceptor's word that a person will read this text.

    Conversations may still understand it, but nobody asks its sender back what they meant.
    """


class Interceptor(Protocol):
    """Sees every inbound text before any conversation, known sender or not. Called inside the routing transaction."""

    def intercept(self, text: "InboundMessage") -> Handled | ForStaff | None:
        """Deal with the text, or return ForStaff or None to let it pass."""

    def reserves(self, word: str) -> str:
        """Why staff must not give this word (in upper case) a meaning of their own; "" when they may."""


@dataclass(frozen=True, slots=True)
class Page:
    """Where staff read of what a text belongs to.

    Attributes:
        name: what it is called: "Incident 123".
        url: of its page in the admin.
    """

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where staff may put a text that nobody understood.

    Attributes:
        subject: of the conversation that offers it; "" for the conversation as a whole.
        name: what it is called: "Incident 123".
        effect: what will come of it, as a sentence: the text is handed over as if it had been routed there.
    """

    subject: str
    name: str
    effect: str


class Conversation(Protocol):
    """A domain that owns texts. Its key in settings is the ``conversation`` of its rows.

    Attributes:
        view_permission: whose staff see its texts ("incidents.view_incident"); "" for all who see texts.
        assign_permission: whose staff may put a text into it, which does what its sender could have done.

    Methods are called inside a database transaction that also records the outcome: what they write and queue happens
    exactly once, however often the text is delivered. They must not call the network. (``pages`` and ``places`` only
    read, for pages of the admin.)
    """

    view_permission: str
    assign_permission: str

    def receive(self, text: "InboundMessage", hint: "OutboundMessage | None") -> Handled | None:
        """Deal with a text, or return None when it is not understood or nothing is open for its sender.

        Args:
            text: the inbound text.
            hint: the outbound text that previousPublishedMessageId names, when this conversation owns it and it went
                to this sender; None when the conversation is merely asked. AWS does not promise that it is right.
        """

    def not_understood(self, text: "InboundMessage", hint: "OutboundMessage") -> Handled | None:
        """Answer a text that answers one of ours but that nobody understood; None leaves it to staff."""

    def reserves(self, word: str) -> str:
        """Why staff must not give this word (in upper case) a meaning of their own; "" when they may."""

    def text_settled(self, message: "OutboundMessage") -> None:
        """Learn what became of a text that was queued with reports_outcome.

        Its status is sent, delivered, failed, suppressed, expired, cancelled or unknown. The same may be told twice;
        sent may be left out when delivered came at once.
        """

    def opted_out(self, phone_number: str, origination_identity: str, reason: str) -> None:
        """Learn that somebody gets no more texts from a number of ours ("": from any).

        Called in the transaction that records it; the same may be told twice. Texts of theirs that are still queued are
        suppressed without the conversation. An exception undoes what the conversation did, and not the opt-out.
        """

    def pages(self, subjects: Collection[str]) -> Mapping[str, Page]:
        """Where staff read of these subjects; those that have no page are left out. One query for any number."""

    def places(self, phone_number: str, texts: "Sequence[InboundMessage]") -> Mapping[int, Sequence[Place]]:
        """Where staff may put these texts of one sender, by the key of each; a text that fits nowhere is left out.

        A fixed number of queries. Whoever chooses one has the text received (or else not_understood) with a hint that
        is no stored text, but says what matters of one: this conversation, the subject, and that it asked for a reply.
        """


@runtime_checkable
class AsksFirst(Protocol):
    """A conversation that may say of whom it hears opt-outs, when thousands are brought in. Others hear of all."""

    def concerned_by_opt_outs(self, phone_numbers: Collection[str]) -> Collection[str]:
        """Those people for whom ``opted_out`` might do something; asked in its transaction. A query or none."""


class SendGuard(Protocol):
    """Forbids texts, for example by consent. Asked when a text is queued and again when it is about to be sent.

    One with ``forbids_everything = True`` is asked about texts that pass the guards as well: what it forbids is not the
    person's will, which those confirm, but that anything is sent there.
    """

    def refusals(self, recipients: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """The reasons for those (destination phone number, origination identity) that must not be sent.

        A few queries for any number of recipients. An exception means "cannot tell": nothing of the batch is sent.
        """

    def carrier_opted_out(self, message: "OutboundMessage") -> None:
        """Learn that AWS refused a text because its recipient has opted out there.

        Called in a transaction; the same refusal may be told twice. (AWS: ConflictException with the reason
        DESTINATION_PHONE_NUMBER_OPTED_OUT.)
        """

    def opted_out_elsewhere(self, found: Mapping[str, datetime | None], *, actor: str, reason: str) -> None:
        """Learn that people opted out of every number of ours somewhere else, for example in the system before this.

        The same may be told twice, and long after a word that is newer: that must stand. Nobody is texted about it. An
        exception means "not recorded": the caller then goes no further, and tells all of it again some time.

        Args:
            found: phone numbers in E.164, with when they opted out; None when nobody knows: then it is now.
            actor: who of our side brought it: a username.
            reason: where it was said.
        """


@dataclass(frozen=True, slots=True)
class Submission:
    """What a carrier is asked to send: everything SendTextMessage needs, and nothing of the database.

    Attributes:
        leaves: a carrier may call it when the request is about to leave; the pace of the number counts from then.
    """

    message_id: int
    attempt: int
    destination_phone_number: str
    origination_identity: str
    body: str
    message_type: str
    time_to_live: int | None = None
    leaves: Callable[[], None] = field(default=lambda: None, compare=False, repr=False)


class Carrier(Protocol):
    """Hands a text to the network. Called from many threads at once, outside any transaction."""

    def warm(self) -> None:
        """Build what is expensive to build (clients, connections) before the first text needs it."""

    def send(self, submission: Submission) -> str:
        """Send, and return the carrier's message id. Within 11.7 seconds in any case.

        Raises:
            messaging.outbound.carriers.base.CarrierError: with what is known of the text's fate.
        """


class Words(Protocol):
    """The phrases of a domain: everything that it texts to people in our own words. Staff may put them otherwise.

    Attributes:
        title: what staff know it by.
        permission: who may put its phrases otherwise, beside messaging.change_texttemplate.
        phrases: in the order in which staff see them.
        pages: what is not texted but read on a web page. It is translated like the rest; staff leave it as it is.
    """

    title: str
    permission: str
    phrases: "Sequence[Phrase]"
    pages: "Sequence[Phrase]"

    def sample(self, key: str) -> str:
        """A whole text with example values in which the phrase of this key is said, in the language spoken now."""
