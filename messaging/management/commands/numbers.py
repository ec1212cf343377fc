"""`manage.py numbers`: the numbers texts are sent from, and letting them pause, go on, or go faster."""

from collections.abc import Mapping
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.core.management.base import CommandParser

from messaging import selectors
from messaging.api.origination_identities import OriginationIdentitySerializer
from messaging.management.arguments import count
from messaging.management.door import Door, Exit, columns
from messaging.models import OriginationIdentity
from messaging.outbound import pauses

_ACTIONS = ("list", "pause", "resume", "mps")
_HEADER = ("NUMBER", "KIND", "MPS", "LANE", "BECAUSE")
_LONGEST_REASON = 300


class Command(Door):
    """Reads, or goes through messaging.outbound.pauses and the serializer of the API."""

    help = (
        "List our numbers, with why one sends nothing; pause one, let it go on, or set how many message parts a second "
        "AWS allows it."
    )
    examples = (
        "numbers",
        "numbers pause +14255550100 --reason 'Carrier maintenance until 22:00'",
        "numbers resume +14255550100 --as olga",
        "numbers mps +14255550100 20",
    )
    permission = "messaging.change_originationidentity"

    def add_arguments(self, parser: CommandParser) -> None:
        """What to do, to which."""
        super().add_arguments(parser)
        parser.add_argument("action", nargs="?", choices=_ACTIONS, default="list")
        parser.add_argument("identity", nargs="?", default="", help="the number, as the list writes it")
        parser.add_argument("mps", nargs="?", type=count, help="message parts per second, for mps")
        parser.add_argument("--reason", default="", help="why it is paused and what is to be done; pause must have it")

    def perform(self, options: Mapping[str, Any]) -> None:
        """One number, or all of them."""
        action, identity = options["action"], options["identity"]
        if (action == "mps") != (options["mps"] is not None):
            raise self.refuse(Exit.INPUT, "Give the message parts per second with mps, and only there.")
        if (action == "pause") != bool(options["reason"].strip()):
            raise self.refuse(Exit.INPUT, "Give a --reason with pause, and only there: staff read it.")
        if action != "list":
            if not identity:
                raise self.refuse(Exit.INPUT, f"Which number? manage.py numbers {action} +14255550100")
            self._act(action, identity, options)
        numbers = selectors.origination_identities().order_by("identity")
        if identity:
            numbers = numbers.filter(identity=identity)
            if not numbers.exists():
                raise self._absent(identity)
        self._show([OriginationIdentitySerializer(number).data for number in numbers])

    def _act(self, action: str, identity: str, options: Mapping[str, Any]) -> None:
        number = OriginationIdentity.objects.filter(identity=identity).first()
        if number is None:
            raise self._absent(identity)
        if action == "mps":
            form = OriginationIdentitySerializer(number, data={"mps": options["mps"]}, partial=True)
            form.is_valid(raise_exception=True)
            form.save()
            told = f"MPS is {options['mps']}."
        elif action == "pause":
            # Who paused it stands with the reason, as in the admin.
            by = f" ({self.actor})"
            reason = options["reason"].strip()[: _LONGEST_REASON - len(by)]
            told = "Paused." if pauses.pause(identity, f"{reason}{by}") else "It was paused before; its reason stays."
        else:
            told = "Sending goes on." if pauses.resume(identity) else "It was not paused."
        self.remark(f"{identity}: {told}")
        self._log(number, options["username"], f"Command line: {told}")

    def _log(self, number: OriginationIdentity, username: str, told: str) -> None:
        """In the log of changes, which knows users only."""
        if user := get_user_model().objects.filter(username=username).first() if username else None:
            LogEntry.objects.log_actions(user.pk, [number], CHANGE, change_message=told, single_object=True)

    def _show(self, numbers: list[Mapping[str, Any]]) -> None:
        if self.in_json:
            for number in numbers:
                self.print(number, ())
            return
        self.print(None, columns(_HEADER, *map(_cells, numbers)))

    def _absent(self, identity: str) -> Exception:
        return self.refuse(Exit.ABSENT, f"{identity} is none of our numbers. manage.py numbers lists them.")


def _cells(number: Mapping[str, Any]) -> tuple[str, ...]:
    lane = "paused" if number["paused_at"] else "held" if number["held_at"] else "running"
    if not number["active"]:
        lane = "inactive"
    default = " (default)" if number["is_default"] else ""
    reason = number["paused_reason"] or number["held_reason"] or "-"
    return f"{number['identity']}{default}", number["kind"], str(number["mps"]), lane, reason
