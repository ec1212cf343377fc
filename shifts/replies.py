"""The conversation about shifts: whose text it is, and what is answered. What it does is booking's and listing's.

    approved employees      codes book, DROP gives back, REQUEST, MORE and MINE list, AGENT has them called
    everybody else          is told once a day that they are not authorised, if it was about shifts at all
    a code that is none     is nothing we understood: other conversations are asked first, then we ask back
    a code in a sentence    is no booking: its sender is told how to book, unless the text answers another conversation

YES is never ours.
"""

from collections.abc import Collection, Mapping, Sequence

from messaging import registry
from messaging.contracts import Handled, Page, Place, Reply
from messaging.models import InboundMessage, OutboundMessage, Priority
from messaging.phrases import of_number, speaking
from messaging.wording import is_courtesy
from shifts import authorising, booking, inbox, listing, phrases, selectors, texts
from shifts.calls import callbacks
from shifts.campaigns.subject import CONVERSATION
from shifts.models import Booking, Campaign, Employee
from shifts.understanding import Command, Meaning, candidates, mentioned, understand


class ShiftReplies:
    """Codes, REQUEST, MORE, AGENT, MINE and DROP."""

    view_permission = "shifts.view_campaign"
    assign_permission = "shifts.change_shift"

    def receive(self, text: InboundMessage, hint: OutboundMessage | None) -> Handled | None:
        """See messaging.contracts.Conversation."""
        meaning = _meaning(text.body)
        if meaning.command is None:
            return None
        if _names_nothing(meaning) and (hint or _answers_somebody_else(text)):
            # "YES 123" may mean an incident. If nobody understands it, we are asked again.
            return None
        employee = selectors.employee_of(text.origination_phone_number)
        if not authorising.is_approved(employee):
            # What else answers a text of ours comes back as not understood.
            return _turn_away(text, hint) if _is_about_shifts(meaning) else None
        if meaning.command is Command.MORE and not hint and not listing.is_reading(employee):
            return None
        return _answer(text, hint, employee, meaning)

    def not_understood(self, text: InboundMessage, hint: OutboundMessage) -> Handled | None:
        """See messaging.contracts.Conversation. Only approved employees are asked for a code."""
        employee = selectors.employee_of(text.origination_phone_number)
        if not authorising.is_approved(employee):
            # Whoever answers our refusal is a stranger as before: only a campaign is worth another.
            return _turn_away(text, hint) if hint.priority == Priority.CAMPAIGN else None
        meaning = _meaning(text.body)
        if meaning.command is not None:
            return _answer(text, hint, employee, meaning)
        if is_courtesy(text.body):
            return _handled(InboundMessage.Outcome.SHIFTS, selectors.campaign_of(text, hint), "")
        code = _mentioned(text)
        with speaking(employee.contact.language):
            body = texts.how_to_book(code) if code else phrases.NOT_A_CODE.say()
        return _handled(InboundMessage.Outcome.NOT_UNDERSTOOD, selectors.campaign_of(text, hint), body)

    def reserves(self, word: str) -> str:
        """See messaging.contracts.Conversation. The commands in all their forms, and the codes of shifts."""
        meaning = _meaning(word)
        if meaning.codes:
            return f"{word} is the code of a shift. Choose another word."
        if meaning.command is None or _names_nothing(meaning):
            return ""
        return f"{word} is how employees ask for shifts. Choose another word."

    def text_settled(self, message: OutboundMessage) -> None:
        """See messaging.contracts.Conversation. Figures are counted from the texts themselves."""

    def opted_out(self, phone_number: str, origination_identity: str, reason: str) -> None:
        """See messaging.contracts.Conversation. Nothing here waits for anybody."""

    def concerned_by_opt_outs(self, phone_numbers: Collection[str]) -> Collection[str]:
        """See messaging.contracts.AsksFirst."""
        return ()

    def pages(self, subjects: Collection[str]) -> Mapping[str, Page]:
        """See messaging.contracts.Conversation."""
        return inbox.pages(subjects)

    def places(self, phone_number: str, texts: Sequence[InboundMessage]) -> Mapping[int, Sequence[Place]]:
        """See messaging.contracts.Conversation."""
        return inbox.places(phone_number, texts)


def _meaning(body: str) -> Meaning:
    return understand(body, selectors.existing(candidates(body)))


def _names_nothing(meaning: Meaning) -> bool:
    """Whether all it asks to book is codes that are none. Who says DROP speaks to us, whatever follows."""
    return meaning.command is Command.BOOK and not meaning.codes


def _is_about_shifts(meaning: Meaning) -> bool:
    """Whether a stranger's text is worth a paid answer: anybody may text MORE, or a word with a digit."""
    return meaning.command is not Command.MORE and not _names_nothing(meaning)


def _answers_somebody_else(text: InboundMessage) -> bool:
    """Whether AWS says that it answers a text of another conversation that went to this sender."""
    others = [key for key in registry.conversations() if key != CONVERSATION]
    return bool(text.previous_published_message_id) and (
        OutboundMessage.objects.filter(
            carrier_message_id=text.previous_published_message_id,
            destination_phone_number=text.origination_phone_number,
            conversation__in=others,
        ).exists()
    )


def _mentioned(text: InboundMessage) -> str:
    """The first code of a shift in a text, "" if there is none."""
    codes = mentioned(text.body)
    existing = {code.upper(): code for code in selectors.existing(codes)}
    return next((existing[code] for code in codes if code in existing), "")


def _turn_away(text: InboundMessage, hint: OutboundMessage | None) -> Handled:
    body = ""
    if authorising.turn_away(text):
        with speaking(of_number(text.origination_phone_number)):
            body = phrases.NOT_AUTHORISED.say()
    return _handled(InboundMessage.Outcome.SHIFTS, selectors.campaign_of(text, hint), body)


def _answer(text: InboundMessage, hint: OutboundMessage | None, employee: Employee, meaning: Meaning) -> Handled:
    campaign = selectors.campaign_of(text, hint)
    with speaking(employee.contact.language):
        body, changed = _do(text, campaign, employee, meaning)
    # Whoever holds a shift now, or none any more, or asks to be called, is told, however much they have texted before:
    # no loop can come of what is said once for each change.
    return _handled(InboundMessage.Outcome.SHIFTS, campaign, body, changed=changed)


def _do(text: InboundMessage, campaign: Campaign | None, employee: Employee, meaning: Meaning) -> tuple[str, bool]:
    """Do what an employee asks for. Returns what they are told at once, and whether it is said once for each change."""
    match meaning.command:
        case Command.REQUEST:
            return listing.request(employee), False
        case Command.MORE:
            return listing.more(employee), False
        case Command.MINE:
            return listing.mine(employee), False
        case Command.AGENT:
            answer = callbacks.ask(text, subject=_subject(campaign)) or ""
            return answer, callbacks.is_noted(text)
        case Command.DROP if meaning.codes or meaning.unknown:
            by = employee.contact.phone_number
            back = booking.drop(employee, meaning.codes, by=by, unknown=meaning.unknown)
            return texts.dropped(back), bool(back.dropped)
        case Command.DROP:
            return listing.to_drop(employee), False
    source = Booking.Source.SMS
    got = booking.book(employee, meaning.codes, source=source, campaign=campaign, unknown=meaning.unknown)
    return texts.summary(got), bool(got.booked)


def _handled(outcome: str, campaign: Campaign | None, body: str, *, changed: bool = False) -> Handled:
    replies = [Reply(body, expects_reply=True, ignores_reply_limit=changed)] if body else []
    return Handled(outcome, CONVERSATION, _subject(campaign), replies)


def _subject(campaign: Campaign | None) -> str:
    return campaign.campaign_id if campaign else ""
