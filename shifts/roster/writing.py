"""People into rows: by a handful of statements for each few thousand of them, in the caller's one transaction.

Two dialects, as in messaging.outbound.outbox.broadcasting. Rows are locked in the order that shifts.people keeps.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import OuterRef, Subquery

from messaging import clock
from messaging.lookups import OneOf
from messaging.models import Contact
from shifts.models import Employee, Segment, SegmentMember
from shifts.roster.reading import Person, Roster

_AT_ONCE = 10_000
_SAMPLE = 20
# From so many on PostgreSQL must be told.
_MANY = 1_000
# One import writes at a time; the number is ours alone among PostgreSQL's advisory locks.
_LOCK = 7_620_431

_CONTACTS = connection.ops.quote_name(Contact._meta.db_table)
_EMPLOYEES = connection.ops.quote_name(Employee._meta.db_table)
_MEMBERS = connection.ops.quote_name(SegmentMember._meta.db_table)

# People given as parameters, as rows: begins is whether a new employee is approved, becomes what the file says of it.
_GIVEN = {
    "postgresql": (
        "unnest(%s::text[], %s::text[], %s::text[], %s::boolean[], %s::boolean[], %s::integer[]) WITH ORDINALITY"
        " AS given(phone_number, name, language, begins, becomes, times, place)"
    ),
    "sqlite": (
        "(SELECT json_extract(value, '$[0]') AS phone_number, json_extract(value, '$[1]') AS name,"
        " json_extract(value, '$[2]') AS language, json_extract(value, '$[3]') AS begins,"
        " json_extract(value, '$[4]') AS becomes, json_extract(value, '$[5]') AS times, key AS place"
        " FROM json_each(%s)) AS given"
    ),
}
# A file changes what it says, and leaves the rest: an empty cell is no news.
_SAVE_CONTACTS = f"""
    INSERT INTO {_CONTACTS} AS held (phone_number, name, language, time_zone, created_at)
    SELECT given.phone_number, given.name, given.language, '', %s FROM {{given}} WHERE true ORDER BY given.phone_number
    ON CONFLICT (phone_number) DO UPDATE SET
        name = CASE WHEN excluded.name <> '' THEN excluded.name ELSE held.name END,
        language = CASE WHEN excluded.language <> '' THEN excluded.language ELSE held.language END
    WHERE (excluded.name <> '' AND excluded.name <> held.name)
        OR (excluded.language <> '' AND excluded.language <> held.language)
"""  # noqa: S608
_ADD_EMPLOYEES = f"""
    INSERT INTO {_EMPLOYEES} (contact_id, approved, created_at)
    SELECT contact.id, given.begins, %s FROM {{given}} CROSS JOIN {_CONTACTS} AS contact
    WHERE contact.phone_number = given.phone_number ORDER BY contact.id
    ON CONFLICT (contact_id) DO NOTHING
"""  # noqa: S608
_APPROVE = f"""
    INSERT INTO {_EMPLOYEES} AS held (contact_id, approved, created_at)
    SELECT contact.id, given.becomes, %s FROM {{given}} CROSS JOIN {_CONTACTS} AS contact
    WHERE contact.phone_number = given.phone_number AND given.becomes IS NOT NULL ORDER BY contact.id
    ON CONFLICT (contact_id) DO UPDATE SET approved = excluded.approved WHERE excluded.approved <> held.approved
"""  # noqa: S608
# Members are texted in the order of the file.
_ADD_MEMBERS = f"""
    INSERT INTO {_MEMBERS} AS held (segment_id, employee_id, times_listed)
    SELECT %s, employee.id, given.times
    FROM {{given}} CROSS JOIN {_CONTACTS} AS contact CROSS JOIN {_EMPLOYEES} AS employee
    WHERE contact.phone_number = given.phone_number AND employee.contact_id = contact.id ORDER BY given.place
    ON CONFLICT (segment_id, employee_id) DO UPDATE SET times_listed = excluded.times_listed
    WHERE excluded.times_listed <> held.times_listed
"""  # noqa: S608


def compare(roster: Roster, segment: Segment | None, planned: "dict[str, Held] | None" = None) -> list[Person]:
    """Complete a roster's report: what the import would do, as the rows are now. A query for each few thousand people.

    Args:
        roster: the people of a file, or of a part of one.
        segment: into which they come; None: a new one.
        planned: what a plan has changed already, by number: it stands above the rows, and is brought up to date.

    Returns:
        Those of whom something must be written.
    """
    report, to_write = roster.report, list[Person]()
    report.created = report.updated = report.unchanged = 0
    report.sample = []
    for people in _batches(roster.people.values()):
        rows = _held(people, segment) | (planned or {})
        for person in people:
            held = rows.get(person.phone_number)
            change = _change(person, held)
            # Of several lines of one number one makes the change, the others find it made.
            setattr(report, change, getattr(report, change) + 1)
            report.unchanged += person.times - 1
            if len(report.sample) < _SAMPLE:
                report.sample.append(_as_it_will_be(person, held, change))
            if change != "unchanged" or (held and held.times_listed != person.times):
                to_write.append(person)
            if planned is not None:
                planned[person.phone_number] = _afterwards(person, held)
    return to_write


def write(people: Sequence[Person], segment: Segment) -> None:
    """Write what a file says of people. Must be called in a transaction, after ``take_turns``."""
    now = connection.ops.adapt_datetimefield_value(clock.now())
    with connection.cursor() as cursor, _many_at_once(cursor, len(people)):
        for batch in _batches(people):
            given, values = _GIVEN[connection.vendor], _packed(batch)
            for statement, first in (
                (_SAVE_CONTACTS, now),
                (_ADD_EMPLOYEES, now),
                (_APPROVE, now),
                (_ADD_MEMBERS, segment.pk),
            ):
                cursor.execute(statement.format(given=given), [first, *values])


@contextmanager
def _many_at_once(cursor: CursorWrapper, count: int) -> Iterator[None]:
    """Have PostgreSQL plan for thousands of rows, which its statistics have not heard of yet.

    Without them it may go through a table once for each row; the statistics made here serve a campaign that is sent
    right after the import.
    """
    if connection.vendor != "postgresql" or count < _MANY:
        yield
        return
    cursor.execute("SET LOCAL enable_nestloop = off")
    yield
    cursor.execute("SET LOCAL enable_nestloop = on")
    cursor.execute(f"ANALYZE {_CONTACTS}, {_EMPLOYEES}, {_MEMBERS}")


def take_turns() -> None:
    """Wait until no other import writes. SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


@dataclass(frozen=True, slots=True)
class Held:
    """What there is of a number: ``approved`` is None without an employee, ``times_listed`` without a membership."""

    name: str
    language: str
    approved: bool | None
    times_listed: int | None


def _batches(people: Iterable[Person]) -> Iterator[list[Person]]:
    waiting = iter(people)
    while batch := list(islice(waiting, _AT_ONCE)):
        yield batch


def _held(people: Sequence[Person], segment: Segment | None) -> dict[str, Held]:
    member = SegmentMember.objects.filter(segment=segment, employee__contact=OuterRef("pk")).values("times_listed")
    rows = (
        Contact.objects.filter(OneOf("phone_number", [person.phone_number for person in people]))
        .order_by()
        .values_list("phone_number", "name", "language", "employee__approved", Subquery(member))
    )
    return {number: Held(*rest) for number, *rest in rows}


def _change(person: Person, held: Held | None) -> str:
    if held is None or held.approved is None:
        return "created"
    stays = (
        person.name in ("", held.name)
        and person.language in ("", held.language)
        and person.approved in (None, held.approved)
        and held.times_listed is not None
    )
    return "unchanged" if stays else "updated"


def _afterwards(person: Person, held: Held | None) -> Held:
    approved = held.approved if held else None
    if person.approved is not None or approved is None:
        approved = _begins(person)
    return Held(
        person.name or (held.name if held else ""),
        person.language or (held.language if held else ""),
        approved,
        person.times,
    )


def _as_it_will_be(person: Person, held: Held | None, change: str) -> dict[str, str | bool]:
    after = _afterwards(person, held)
    return {
        "phone_number": person.phone_number,
        "name": after.name,
        "approved": bool(after.approved),
        "language": after.language,
        "change": change,
    }


def _begins(person: Person) -> bool:
    """Whether somebody new is approved."""
    return person.approved is not False


def _packed(people: Sequence[Person]) -> list[Any]:
    rows = [
        (person.phone_number, person.name, person.language, _begins(person), person.approved, person.times)
        for person in people
    ]
    return [json.dumps(rows)] if connection.vendor == "sqlite" else [list(column) for column in zip(*rows, strict=True)]
