"""The proof that the states follow from the ledger: all are derived anew and compared with what is written."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from optout import ledger
from optout.models import EVERY_NUMBER, Consent, ConsentEvent
from optout.standing import Standing

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """A state that is not what the ledger says."""

    phone_number: str
    scope: str
    is_said: Standing | None
    is_written: Standing | None

    def __str__(self) -> str:
        number = self.scope or "every number"
        said, written = _in_words(self.is_said), _in_words(self.is_written)
        return f"{self.phone_number} and {number}: the ledger says {said}, the state says {written}"


def differences() -> Iterator[Difference]:
    """What differs, some people at a time: no table is ever in memory as a whole, and no cursor is held open."""
    for phone_numbers in _people():
        written = _by_key(Consent.objects.filter(phone_number__in=phone_numbers))
        for key, said in _by_key(ledger.derive(phone_numbers)).items():
            if said != written.get(key) and (difference := _confirmed(*key)):
                yield difference
    last = 0
    while rows := list(_without_events().filter(pk__gt=last).order_by("pk")[:_CHUNK]):
        last = rows[-1].pk
        for row in rows:
            if difference := _confirmed(row.phone_number, row.origination_identity):
                yield difference


def mend(difference: Difference) -> None:
    """Write the state that the ledger says."""
    ledger.put_right(difference.phone_number, difference.scope)


def sizes() -> tuple[int, int]:
    """How many events and how many states there are."""
    return ConsentEvent.objects.count(), Consent.objects.count()


def _people() -> Iterator[list[str]]:
    last = ""
    numbers = ConsentEvent.objects.order_by("phone_number").values_list("phone_number", flat=True).distinct()
    while chunk := list(numbers.filter(phone_number__gt=last)[:_CHUNK]):
        yield chunk
        last = chunk[-1]


def _by_key(rows: Iterable[Consent]) -> dict[tuple[str, str], Standing]:
    return {(row.phone_number, row.origination_identity): ledger.standing_of(row) for row in rows}


def _without_events() -> QuerySet[Consent]:
    events = ConsentEvent.objects.filter(phone_number=OuterRef("phone_number"))
    every = Exists(events.filter(every_number=True))
    one = Exists(events.filter(every_number=False, origination_identity=OuterRef("origination_identity")))
    return Consent.objects.filter(Q(origination_identity=EVERY_NUMBER) & ~every | ~Q(origination_identity="") & ~one)


@transaction.atomic
def _confirmed(phone_number: str, scope: str) -> Difference | None:
    """What differs while nothing can be recorded between the two looks."""
    ledger.one_at_a_time(phone_number)
    row = Consent.objects.filter(phone_number=phone_number, origination_identity=scope).first()
    said = _by_key(ledger.derive([phone_number])).get((phone_number, scope))
    written = ledger.standing_of(row) if row else None
    return Difference(phone_number, scope, said, written) if said != written else None


def _in_words(stands: Standing | None) -> str:
    return f"{stands.state} since {stands.since.isoformat()} ({stands.source})" if stands else "nothing"
