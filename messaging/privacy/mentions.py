"""A phone number in the words of others: looked for in every free text, a stretch of keys at a time.

No index finds it there. Reading is all that this costs: only rows that have the number are written to.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db.models import Max, Min, Q, QuerySet, TextField
from django.db.models.functions import Cast

from messaging.privacy.names import Person
from messaging.privacy.tables import Table, json_fields

_STRETCH = 20_000
DONE = -1


def sweep_some(table: Table, person: Person, after: int, called: Sequence[str] = ()) -> tuple[int, int]:
    """Take the number out of the next stretch of a table, in the caller's transaction.

    Args:
        table: the table.
        person: whom it is about.
        after: the key up to which it is done.
        called: names; rows that have one of them are looked at as well.

    Returns:
        The key up to which it is done now (DONE at the end), and how many rows were changed.
    """
    rows: QuerySet[Any] = QuerySet(model=table.model)
    ends = rows.filter(pk__gt=after).aggregate(first=Min("pk"), last=Max("pk"))
    if ends["first"] is None:
        return DONE, 0
    through = min(ends["first"] + _STRETCH, ends["last"])
    as_json = json_fields(table)
    has = Q()
    # Names as JSON has them too: a quotation mark or a backslash is written otherwise there.
    written = {json.dumps(name, ensure_ascii=False)[1:-1] for name in called}
    for name in table.free:
        for words in (person.phone_number, *sorted({*called, *written})):
            has |= Q(**{f"{name}_text__contains" if name in as_json else f"{name}__contains": words})
    rows = rows.annotate(**{f"{name}_text": Cast(name, TextField()) for name in as_json})
    changed = 0
    found = rows.filter(has, pk__gt=after, pk__lte=through).order_by("pk")
    # Locked as the update would lock it: what somebody has just written to it is not undone.
    for row in found.select_for_update(of=("self",), no_key=True):
        values = _fitting(row, table.mention(row, person) if table.mention else _without(table, row, person, as_json))
        if any(getattr(row, name) != value for name, value in values.items()):
            changed += QuerySet(model=table.model).filter(pk=row.pk).update(**values)
    return (DONE if through == ends["last"] else through), changed


def _fitting(row: Any, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """A stand-in may be longer than the number: of a field that was full the end is cut off."""
    longest = {name: row._meta.get_field(name).max_length for name in values}
    return {name: value[: longest[name]] if longest[name] else value for name, value in values.items()}


def _without(table: Table, row: Any, person: Person, as_json: set[str]) -> Mapping[str, Any]:
    values = {
        name: json.loads(person.without(json.dumps(getattr(row, name))))
        if name in as_json
        else person.without(getattr(row, name))
        for name in table.free
    }
    if isinstance(row, LogEntry) and values["object_repr"] != row.object_repr:
        # Rows of texts call themselves by the number and by what was said.
        values["object_repr"] = person.stand_in
    return values
