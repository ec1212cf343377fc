"""Consent words: first in line for every text, from anybody, whatever it answers."""

from messaging.contracts import ForStaff, Handled, Reply
from messaging.models import InboundMessage, OriginationIdentity
from messaging.phrases import of_number, speaking
from optout import ledger, pleas, wording, words
from optout.ledger import Entry
from optout.listening import listen
from optout.models import Action, Source


class ConsentWords:
    """Records what people say of consent, and confirms it once for each change."""

    def intercept(self, text: InboundMessage) -> Handled | ForStaff | None:
        """Deal with a consent word; list what looks like a plea to stop for staff, and let it pass."""
        heard = listen(text.body)
        if heard is None:
            return _list_plea(text)
        meaning = heard.meaning
        recorded = ledger.record(
            Entry(
                phone_number=text.origination_phone_number,
                origination_identity=text.destination_phone_number,
                action=Action(meaning.action.value),
                source=Source.SMS,
                occurred_at=text.received_at,
                every_number=meaning.every_number,
                word=meaning.word,
                text=text.body,
                key=f"inbound:{text.inbound_message_id}",
            )
        )
        confirmed = recorded.changed and _is_ours_to_confirm(text.destination_phone_number)
        return Handled(
            InboundMessage.Outcome.CONSENT,
            conversation="consent",
            replies=[_confirmation(text, recorded.event.action, heard.answer)] if confirmed else [],
        )

    def reserves(self, word: str) -> str:
        """Consent words mean what they mean, and an answer like YES is never consent."""
        return words.reserved(word)


def _list_plea(text: InboundMessage) -> ForStaff | None:
    if not words.is_plea(text.body):
        return None
    pleas.note(text)
    return ForStaff()


def _confirmation(text: InboundMessage, action: str, answer: str) -> Reply:
    out = action == Action.OPT_OUT
    with speaking(of_number(text.origination_phone_number)):
        body = answer or (wording.OPTED_OUT if out else wording.OPTED_IN).say()
    if out:
        return Reply(body, passes_guards=True, ignores_reply_limit=True, speaks_of_this_number=True)
    # No leave to pass the block: whoever says JOIN and then STOP gets the confirmation of the STOP alone.
    return Reply(body, ignores_reply_limit=True, speaks_of_this_number=True)


def _is_ours_to_confirm(identity: str) -> bool:
    """Whether nobody else answers: AWS does where it manages opt-outs, the carrier does for US toll-free numbers.

    docs.aws.amazon.com/sms-voice/latest/userguide/keywords-required.html
    """
    number = OriginationIdentity.objects.filter(identity=identity).first()
    if number is None or not number.self_managed_opt_outs:
        return False
    return number.kind != OriginationIdentity.Kind.TOLL_FREE or number.iso_country_code not in {"US", "CA", ""}
