"""`manage.py send_text`: write to somebody by hand, as staff do in the inbox."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandParser

from messaging.api.messages import MessageSerializer
from messaging.inbound import inbox
from messaging.management.arguments import phone_number, words
from messaging.management.door import Door, Exit
from messaging.models import OutboundMessage, Status
from messaging.text import BodyEmpty, BodyTooLong

_LONGEST_KEY = 80


class Command(Door):
    """A door to messaging.inbound.inbox.answer."""

    help = (
        "Write a text to one person, as staff do in the inbox: at once, before campaigns, and not to somebody who has "
        "opted out. With the same --key nothing is sent a second time. Texts of theirs that wait for staff go on "
        "waiting."
    )
    examples = (
        'send_text +14255550182 "Your badge is at the desk" --key badge-4711',
        "send_text +14255550182 - --from +14255550100 --key note-12 --as olga < note.txt",
    )
    permission = "messaging.change_inboundmessage"
    refusals = {inbox.CannotAnswer: Exit.CONFLICT, BodyEmpty: Exit.INPUT, BodyTooLong: Exit.INPUT}

    def add_arguments(self, parser: CommandParser) -> None:
        """To whom, what, and the name of the occasion."""
        super().add_arguments(parser)
        parser.add_argument("phone_number", type=phone_number)
        parser.add_argument("body", type=words, help="the text; - reads it from standard input")
        parser.add_argument("--key", required=True, help="names this text, so that repeating the command is safe")
        parser.add_argument("--from", dest="origination_identity", default="", metavar="OURS", help="a number of ours")

    def perform(self, options: Mapping[str, Any]) -> None:
        """Queued; the number's lane sends it."""
        if not 0 < len(options["key"].strip()) <= _LONGEST_KEY:
            raise ValidationError({"key": [f"Name the text by an id of yours, of at most {_LONGEST_KEY} characters."]})
        message = inbox.answer(
            options["phone_number"],
            options["body"],
            by=self.actor,
            key=f"command:{options['key']}",
            origination_identity=options["origination_identity"],
            # Nobody has read anything here.
            seen=0,
        )
        # As it is by now: with the same key it may have left long ago.
        message = OutboundMessage.objects.get(pk=message.pk)
        self.print(MessageSerializer(message).data, [_line(message)])
        if message.status == Status.SUPPRESSED:
            raise self.refuse(Exit.CONFLICT, f"Nothing is sent: {message.error_reason}")


def _line(message: OutboundMessage) -> str:
    parts = "1 part" if message.parts == 1 else f"{message.parts} parts"
    return f"{message.destination_phone_number}: {message.status}, {parts}, from {message.origination_identity}"
