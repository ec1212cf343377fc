"""Reads: how somebody stands with a number of ours, and who of many has opted out."""

import json
from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Expression, OuterRef, Q, QuerySet, Subquery, TextField

from messaging.models import Contact
from optout import standing
from optout.ledger import standing_of
from optout.models import EVERY_NUMBER, Consent, ConsentEvent, Plea, State
from optout.standing import Standing

Pair = tuple[str, str]
_FIELDS = ("state", "since", "source", "latest_at")


def standing_with(phone_number: str, origination_identity: str) -> Standing | None:
    """How somebody stands with one number; None when nothing was ever said that concerns it."""
    rows = Consent.objects.filter(
        phone_number=phone_number, origination_identity__in=[origination_identity, EVERY_NUMBER]
    )
    found = {row.origination_identity: standing_of(row) for row in rows}
    return standing.effective(found.get(origination_identity), found.get(EVERY_NUMBER))


def opted_out(pairs: Sequence[Pair]) -> dict[Pair, Standing]:
    """Those (phone number, origination identity) whose person has opted out of that number. One query for any number.

    Raises:
        django.db.DatabaseError: nobody can tell.
    """
    # Few have opted out of anything: all that these have said is fetched, and nothing of the others.
    listed = Consent.objects.filter(state=State.OPTED_OUT, phone_number__in=_Listed({number for number, _ in pairs}))
    rows = Consent.objects.filter(phone_number__in=listed.order_by().values("phone_number")).values_list(
        "phone_number", "origination_identity", "state", "since", "source", "latest_at"
    )
    found: dict[str, dict[str, Standing]] = {}
    for phone_number, scope, state, since, source, latest_at in rows.order_by():
        found.setdefault(phone_number, {})[scope] = Standing(state, since, source, latest_at)
    refused: dict[Pair, Standing] = {}
    for pair in pairs:
        if scopes := found.get(pair[0]):
            stands = standing.effective(scopes.get(pair[1]), scopes.get(EVERY_NUMBER))
            if stands and stands.opted_out:
                refused[pair] = stands
    return refused


def waiting_pleas() -> QuerySet[Plea]:
    """The review list: what nobody has decided yet."""
    return Plea.objects.filter(decision="").select_related("text")


def with_names(rows: QuerySet[Any], phone_number: str) -> QuerySet[Any]:
    """Rows, each with ``person``: the name of the contact with the number in that column; None without one."""
    contacts = Contact.objects.filter(phone_number=OuterRef(phone_number)).exclude(name="")
    named: QuerySet[Any] = rows.annotate(person=Subquery(contacts.values("name")[:1]))
    return named


def with_every_number(rows: QuerySet[Consent]) -> QuerySet[Consent]:
    """States, each with what standing_by needs to know of the same person and every number."""
    every = Consent.objects.filter(phone_number=OuterRef("phone_number"), origination_identity=EVERY_NUMBER)
    return rows.annotate(**{f"every_{name}": Subquery(every.values(name)[:1]) for name in _FIELDS})


def standing_by(row: Consent) -> Standing:
    """What counts for the number of a row of with_every_number: what was said of it, or later of every number."""
    every = [getattr(row, f"every_{name}") for name in _FIELDS]
    stands = standing.effective(standing_of(row), Standing(*every) if all(every) else None)
    assert stands is not None
    return stands


def history_of(row: Consent) -> QuerySet[ConsentEvent]:
    """What was said that concerns the number of a state: of it and of every number, the newest first."""
    concerns = Q(every_number=True)
    if row.origination_identity != EVERY_NUMBER:
        concerns |= Q(origination_identity=row.origination_identity)
    return ConsentEvent.objects.filter(concerns, phone_number=row.phone_number).order_by("-occurred_at", "-id")


class _Listed(Expression):
    """Any number of values as one parameter of a query: SQLite takes 250,000 parameters at most, often 32,766."""

    output_field = TextField()

    def __init__(self, values: Collection[str]) -> None:
        super().__init__()
        self._values = list(values)

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """A JSON array, unpacked by SQLite."""
        return "(SELECT value FROM json_each(%s))", [json.dumps(self._values)]

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """An array, unpacked by PostgreSQL."""
        return "(SELECT unnest(%s::text[]))", [self._values]
