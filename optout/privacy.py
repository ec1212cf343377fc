"""What consent holds of people. It goes on being honoured after an erasure: docs/decisions/0027-erasure.md ."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from messaging.models import InboundMessage
from messaging.privacy.names import Person, kept_as
from messaging.privacy.tables import as_json
from optout import keeping
from optout.models import Consent, ConsentEvent, Plea


@dataclass(frozen=True, slots=True)
class Ledger:
    """The history and the states that follow from it: the number goes, what was said stays under a keyed hash."""

    label: str = ConsentEvent._meta.label
    model: type[ConsentEvent] = ConsentEvent
    free: tuple[str, ...] = ()
    covers: tuple[str, ...] = ("key", "phone_number", "text", "reason")
    age: None = None

    def count(self, person: Person) -> int:
        """Events and states under the number."""
        return sum(model.objects.filter(phone_number=person.phone_number).count() for model in (ConsentEvent, Consent))

    def export(self, person: Person) -> Iterator[dict[str, Any]]:
        """Events, those from before an erasure as well."""
        who = [person.phone_number, kept_as(person.phone_number)]
        return (as_json(row) for row in ConsentEvent.objects.filter(phone_number__in=who).order_by("occurred_at", "pk"))

    def anonymise(self, person: Person, now: datetime) -> int:
        """All in one: between an event and its state nobody may be left without either."""
        return keeping.keep_without_number(person)


@dataclass(frozen=True, slots=True)
class States:
    """The states: done with the events, and exported by themselves."""

    label: str = Consent._meta.label
    model: type[Consent] = Consent
    free: tuple[str, ...] = ()
    covers: tuple[str, ...] = ("phone_number",)
    age: None = None

    def count(self, person: Person) -> int:
        """Counted with the events."""
        return 0

    def export(self, person: Person) -> Iterator[dict[str, Any]]:
        """How they stand."""
        who = [person.phone_number, kept_as(person.phone_number)]
        return (as_json(row) for row in Consent.objects.filter(phone_number__in=who).order_by("pk"))

    def anonymise(self, person: Person, now: datetime) -> int:
        """Nothing is left to do."""
        return 0


class ConsentData:
    """Plug-in of settings.MESSAGING["PERSONAL_DATA"]."""

    name = "optout"
    kept: Mapping[str, str] = {
        "optout.ConsentEvent.origination_identity": "a number of ours",
        "optout.ConsentEvent.word": "what was understood: the proof of an opt-out",
        "optout.ConsentEvent.actor": "a username of the staff",
        "optout.Consent.origination_identity": "a number of ours",
        "optout.Plea.decided_by": "a username of the staff",
    }

    def tables(self) -> Sequence[Any]:
        """Events and states."""
        return Ledger(), States()

    def obstacles(self, person: Person) -> Sequence[str]:
        """What may be a plea to stop is read first: it may be an opt-out, which must be kept."""
        waiting = Plea.objects.filter(decision="", text__origination_phone_number=person.phone_number).count()
        return (
            ["A text of theirs waits in the review list: it may ask us to stop. Decide on it first."] if waiting else []
        )

    def end(self, person: Person, *, actor: str) -> None:
        """Nothing: a person must decide."""

    def names(self, phone_number: str) -> Sequence[str]:
        """None."""
        return ()

    def takes_part(self, phone_number: str) -> Collection[tuple[str, str]]:
        """Nothing whose texts to others name them."""
        return ()

    def open_rows(self) -> Mapping[str, Q]:
        """Texts that a person has to read."""
        return {InboundMessage._meta.label: Q(pk__in=Plea.objects.filter(decision="").order_by().values("text"))}
