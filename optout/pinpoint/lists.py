"""AWS's opt-out lists: what `aws pinpoint-sms-voice-v2 describe-opted-out-numbers` prints, or a CSV of the same fields.

OptedOutNumber, OptedOutTimestamp (seconds since 1970; the AWS CLI writes ISO 8601), EndUserOptedOut (false: somebody
put it on the list). Source, below docs.aws.amazon.com: pinpoint/latest/apireference_smsvoicev2/
API_OptedOutNumberInformation.html
"""

from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import Any

from django.core.exceptions import ValidationError

from messaging.exports import Row, Run, moments
from messaging.forms import read_phone_number
from optout.ledger import Entry
from optout.models import EVERY_NUMBER, Action, Source
from optout.pinpoint import recording


class OptOutLists:
    """See messaging.exports.Source."""

    at_once = 2_000

    def __init__(self, ours: Sequence[str]) -> None:
        """``ours``: the numbers of ours whose list it is; none: every number, later ones included."""
        self._ours = list(ours) or [EVERY_NUMBER]

    def take(self, batch: Sequence[Row], run: Run) -> None:
        """An opt-out for each number on the list, as of when it came there."""
        entries = [entry for row in batch for entry in self._entries(row, run)]
        recording.record(entries, run)

    def _entries(self, row: Row, run: Run) -> Iterator[Entry]:
        values = {name.casefold(): value for name, value in row.values.items()}
        written = str(values.get("optedoutnumber") or "").strip()
        try:
            # AWS's pattern has the plus as optional.
            number = read_phone_number(written if not written.isdigit() else f"+{written}")
        except ValidationError as problem:
            run.not_taken(row, f"{written[:40]}: {' '.join(problem.messages)}", "No phone number.")
            return
        at = moments.read(values.get("optedouttimestamp"))
        if at is None or not recording.is_past(at):
            run.not_taken(row, "OptedOutTimestamp is missing, or no time that is past.", "No time that is past.")
            return
        for identity in self._ours:
            yield Entry(
                phone_number=number,
                origination_identity=identity,
                every_number=identity == EVERY_NUMBER,
                action=Action.OPT_OUT,
                source=Source.IMPORT,
                occurred_at=at,
                actor=run.actor,
                reason=_reason(values.get("enduseroptedout")),
                key=f"import:aws-list:{number}:{identity}:{at.astimezone(UTC).isoformat()}",
            )


def _reason(by_themselves: Any) -> str:
    if str(by_themselves).casefold() == "false":
        return "Put on an opt-out list of AWS by its owner."
    return "On an opt-out list of AWS: opted out by text."
