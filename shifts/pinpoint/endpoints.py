"""Endpoints of a segment, however many, into a segment of ours.

The same words, locks and statements as lists that staff import (shifts.roster), but a few thousand endpoints at a time
and none held back by the faults of another: nobody mends the export of a service that has ended.

Fields: docs.aws.amazon.com/pinpoint/latest/apireference/apps-application-id-endpoints-endpoint-id.html
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from functools import cache, lru_cache
from typing import Any
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db import transaction

from messaging.exports import Row, Run
from messaging.lookups import OneOf
from messaging.models import Contact
from shifts import people, roster, selectors
from shifts.roster import opt_outs, writing
from shifts.roster.columns import Line, Pinpoint, line_of, matters
from shifts.roster.reading import Person, Roster
from shifts.roster.writing import Held

_ZONE = "demographic.timezone"
# Whether or not an export has them.
_ASKED_FOR = ("address", "endpointstatus", _ZONE)
# docs.aws.amazon.com/pinpoint/latest/apireference/apps-application-id-endpoints-endpoint-id.html
_CHANNELS = {
    *("ADM", "APNS", "APNS_SANDBOX", "APNS_VOIP", "APNS_VOIP_SANDBOX", "BAIDU", "CUSTOM", "EMAIL", "GCM", "IN_APP"),
    *("PUSH", "VOICE"),
}
# What a plan keeps.
_PEOPLE = "people"


class Endpoints:
    """See messaging.exports.Source. Everybody is an employee and in the segment afterwards; nobody is taken out."""

    at_once = 5_000

    def __init__(self, segment: str) -> None:
        """Raises ValidationError when that is no name of a segment."""
        people.check_segment_name(segment)
        self._segment = segment

    def take(self, batch: Sequence[Row], run: Run) -> None:
        """Opt-outs before people: nobody is made known who might be texted then.

        Raises:
            messaging.outbound.guards.CannotBeTold: the opt-outs cannot be recorded; this batch is not taken.
        """
        everybody, only_opt_outs, zones = _read(batch, run)
        run.counts["opted_out"] += sum(person.opted_out for person in everybody.people.values())
        if run.plan:
            self._plan(everybody, run)
        else:
            for some in (everybody, only_opt_outs):
                opt_outs.record(some, actor=run.actor)
            if everybody.people:
                with transaction.atomic():
                    roster.import_into(everybody, self._segment)
                    _note_zones(zones)
        for name in ("created", "updated", "unchanged"):
            run.counts[name] += getattr(everybody.report, name)

    def _plan(self, everybody: Roster, run: Run) -> None:
        planned = {name: Held(*held) for name, held in run.planned.get(_PEOPLE, list(everybody.people)).items()}
        writing.compare(everybody, selectors.find_segment(self._segment), planned)
        run.planned.put(_PEOPLE, {name: astuple(held) for name, held in planned.items()})


def _read(batch: Sequence[Row], run: Run) -> tuple[Roster, Roster, dict[str, str]]:
    """The people of a batch; those of whom only the opt-out counts; and in which time zones people are."""
    flat = [(row, columns_of(row.values)) for row in batch]
    resource = Pinpoint()
    header = dict.fromkeys([name for _, columns in flat for name in columns] + list(_ASKED_FOR), "")
    resource.check_header(list(header))
    everybody, only_opt_outs, zones = Roster(), Roster(), dict[str, str]()
    for row, columns in flat:
        if (channel := columns.get("channeltype", "").upper()) not in ("", "SMS"):
            name = channel if channel in _CHANNELS else "another channel"
            run.not_taken(row, f"An endpoint of the channel {name}: only SMS is taken.")
            continue
        # One that lacks a field that others have says nothing of it, and one without an address has none.
        columns = header | columns
        try:
            line = line_of(resource, columns)
        except ValidationError as problem:
            run.not_taken(row, " ".join(problem.messages), "Faulty: a number, a name or a language.")
            continue
        is_inactive = columns["endpointstatus"].upper() == "INACTIVE"
        if is_inactive:
            kept = " Its opt-out is recorded." if line.opted_out else ""
            run.not_taken(row, f"An endpoint that is INACTIVE.{kept}")
        _add(only_opt_outs if is_inactive else everybody, line)
        if columns[_ZONE] in _zones():
            zones[line.phone_number] = columns[_ZONE]
    return everybody, only_opt_outs, zones


def _add(found: Roster, line: Line) -> None:
    found.report.rows += 1
    if person := found.people.get(line.phone_number):
        person.also(line)
        return
    at = line.effective_at if line.opted_out else None
    person = Person(line.phone_number, line.name, line.approved, line.language, line.opted_out, at)
    found.people[line.phone_number] = person


def columns_of(values: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """The fields of an endpoint that matter, as the columns of a CSV export in lower case."""
    found: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            found |= columns_of(value, f"{prefix}{name}.")
        elif column := _column(prefix + name):
            if isinstance(value, list):
                # An attribute may have several values; a name has one.
                value = value[0] if value else ""
            found[column] = "" if value is None else str(value).strip()
    return found


@lru_cache(maxsize=2_000)
def _column(name: str) -> str:
    """In lower case; "" for one that becomes nothing."""
    column = name.casefold()
    return column if matters(column) else ""


def _note_zones(zones: Mapping[str, str]) -> None:
    """Where nobody has said in which time zone somebody is."""
    by_zone: dict[str, list[str]] = defaultdict(list)
    for number, zone in zones.items():
        by_zone[zone].append(number)
    for zone, numbers in sorted(by_zone.items()):
        Contact.objects.filter(OneOf("phone_number", numbers), time_zone="").update(time_zone=zone)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
