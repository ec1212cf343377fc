"""Consent that somebody kept in a table of their own, as samples of self-managed opt-outs do: a row for each event.

What its attributes are called differs from one to the next, so they may be named; what is usual is found by itself.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from django.core.exceptions import ValidationError

from messaging.exports import Row, Run, moments
from messaging.forms import read_phone_number
from messaging.models import OriginationIdentity
from optout.ledger import Entry
from optout.models import Action, Source
from optout.pinpoint import recording

# Without case, and without _ and -: phone_number is PhoneNumber.
_USUAL = {
    "phone_number": ("phonenumber", "phone", "customernumber", "mobilenumber", "recipient", "originationnumber"),
    "ours": ("originationidentity", "destinationnumber", "ournumber", "longcode", "pinpointnumber"),
    "action": ("action", "optstatus", "optoutstatus", "consent", "status", "messagekeyword", "keyword", "optout"),
    "at": ("timestamp", "datetime", "occurredat", "updatedat", "createdat", "date", "time"),
}
FIELDS = tuple(_USUAL)
_OUT = {
    *("arret", "cancel", "end", "optout", "quit", "remove", "stop", "stopall", "td", "unsubscribe", "revoke"),
    *("optedout", "unsubscribed", "out", "all", "no", "false"),
}
_IN = {"join", "start", "unstop", "optin", "optedin", "subscribe", "subscribed", "in", "none", "yes", "true"}
_SWITCHES = {"true": True, "yes": True, "false": False, "no": False}
# What is true or false of a field with such a name: whether somebody is out; or, as of usual names, in.
# Of other names nobody knows: "blocked: true" must opt nobody in.
_ABOUT_OUT = ("optout", "optedout", "unsubscribed")
_ABOUT_IN = ("optin", "optedin", "subscribed", "consent")


class ConsentTable:
    """See messaging.exports.Source."""

    at_once = 2_000

    def __init__(self, names: Mapping[str, str], *, ours: str = "", zone: tzinfo | None = None) -> None:
        """What the table does not say.

        Args:
            names: of FIELDS, what the table calls them where it is not usual.
            ours: the number of ours, where the rows do not say it.
            zone: of times that do not say theirs.
        """
        self._names, self._ours, self._zone = dict(names), ours, zone
        self._identities = set(OriginationIdentity.objects.values_list("identity", flat=True))

    def take(self, batch: Sequence[Row], run: Run) -> None:
        """An event for each row, as of when it was said."""
        entries = []
        for row in batch:
            try:
                entries.append(self._entry(row.values, run))
            except ValueError as problem:
                run.not_taken(row, str(problem), str(problem).partition(":")[0])
        recording.record(entries, run)

    def _entry(self, values: Mapping[str, Any], run: Run) -> Entry:
        """Raises ValueError: what is wrong, then a colon and what is this row's own."""
        plain = {_plain(name): (name, value) for name, value in values.items()}
        phone_number = _number(self._found(plain, "phone_number")[1], "No phone number")
        ours = self._number_of_ours(plain)
        name, said = self._found(plain, "action")
        action = _action(name, said)
        at = self._time(self._found(plain, "at")[1])
        return Entry(
            phone_number=phone_number,
            origination_identity=ours,
            action=action,
            source=Source.IMPORT,
            occurred_at=at,
            word=str(said)[:60] if isinstance(said, str) else "",
            actor=run.actor,
            reason="From the table of whoever managed opt-outs before Textback.",
            key=f"import:table:{phone_number}:{ours}:{action}:{at.isoformat()}",
        )

    def _found(self, plain: Mapping[str, tuple[str, Any]], field: str) -> tuple[str, Any]:
        names = [_plain(self._names[field])] if field in self._names else _USUAL[field]
        for name in names:
            if name in plain:
                return plain[name]
        return "", None

    def _number_of_ours(self, plain: Mapping[str, tuple[str, Any]]) -> str:
        _, written = self._found(plain, "ours")
        ours = str(written or self._ours).strip()
        if ours.isdigit() and f"+{ours}" in self._identities:
            ours = f"+{ours}"
        if ours not in self._identities:
            raise ValueError(f"None of our numbers: {ours[:40]!r}. Add it first, or say which with --from.")
        return ours

    def _time(self, value: Any) -> datetime:
        at = moments.read(value, self._zone)
        if at is None:
            raise ValueError(f"No time: {str(value)[:40]!r}. If it lacks its time zone, say which with --time-zone.")
        if not recording.is_past(at):
            raise ValueError(f"A time to come: {at.isoformat()}")
        return at


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def _number(value: Any, problem: str) -> str:
    text = str(value or "").strip()
    try:
        return read_phone_number(text if not text.isdigit() else f"+{text}")
    except ValidationError as trouble:
        raise ValueError(f"{problem}: {text[:40]!r}. {' '.join(trouble.messages)}") from trouble


def _action(name: str, said: Any) -> str:
    word = _plain(str(said))
    if word in _SWITCHES:
        return Action.OPT_IN if _is_about_being_in(_plain(name)) is _SWITCHES[word] else Action.OPT_OUT
    if word in _OUT:
        return Action.OPT_OUT
    if word in _IN:
        return Action.OPT_IN
    raise ValueError(f"Neither an opt-out nor an opt-in: {str(said)[:40]!r}")


def _is_about_being_in(name: str) -> bool:
    """What a field says that is true or false. Raises ValueError when its name does not tell."""
    if any(part in name for part in _ABOUT_OUT):
        return False
    if name in _USUAL["action"] or any(part in name for part in _ABOUT_IN):
        return True
    raise ValueError(f"True or false of what? The name does not tell whether somebody is out or in: {name[:40]!r}")
