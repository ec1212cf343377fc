"""The table of shifts of the sample "Shift management using Amazon Pinpoint's 2-way-SMS", with who has them.

Its attributes: shift_id, shift_status (available, taken), shift_info, and employee, the number of whoever booked it.
Source: github.com/aws-samples/pinpoint-shift-management-2-way-sms. Whoever has added places, starts_at or ends_at
(ISO 8601 with offset, or seconds since 1970) has them taken over as well.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from messaging import clock
from messaging.exports import Row, Run, moments
from messaging.forms import read_phone_number
from shifts import booking, offers, people, selectors
from shifts.models import Booking, Employee, Shift


class _NotTaken(Exception):
    """Why; and the reason without what is this row's own."""

    def __init__(self, reason: str, kind: str) -> None:
        super().__init__(reason)
        self.kind = kind


class Shifts:
    """See messaging.exports.Source. A shift that is there is left as it is; nobody is texted."""

    at_once = 500

    def __init__(self, *, add_employees: bool) -> None:
        """``add_employees``: whoever has a shift and is no employee becomes one, approved as the sample had it."""
        self._add_employees = add_employees

    def take(self, batch: Sequence[Row], run: Run) -> None:
        """Each shift with its holder, or not at all: one without its holder could be booked by somebody else."""
        codes = [str(row.values.get("shift_id") or "").strip() for row in batch]
        there = {code.upper() for code in selectors.existing([code for code in codes if code.isprintable()])}
        plan = _Plan(run, batch) if run.plan else None
        for row, code in zip(batch, codes, strict=True):
            try:
                if code.upper() in there or (plan and code.upper() in plan.holders):
                    self._compare(code, _holder(row.values), plan)
                    run.counts["unchanged"] += 1
                    continue
                with transaction.atomic():
                    self._add(row, run, plan)
                    transaction.set_rollback(run.plan)
                there.add(code.upper())
                run.counts["created"] += 1
            except _NotTaken as problem:
                run.not_taken(row, str(problem), problem.kind)
        if plan:
            plan.keep()

    def _compare(self, code: str, number: str, plan: "_Plan | None") -> None:
        """Raises _NotTaken unless the shift that is there is the one of the table."""
        if plan and code.upper() in plan.holders:
            is_theirs = plan.holders[code.upper()] == number
        else:
            shift = selectors.with_codes([code]).get()
            held = Booking.objects.filter(shift=shift, employee__contact__phone_number=number, dropped_at__isnull=True)
            is_theirs = held.exists()
        if number and not is_theirs:
            raise _NotTaken(f"{code} is here already, and {number} has it not.", "Here already, with another holder.")

    def _add(self, row: Row, run: Run, plan: "_Plan | None") -> None:
        values = row.values
        code, number = str(values.get("shift_id") or "").strip(), _holder(values)
        shift = Shift(
            shift_id=code,
            shift_info=str(values.get("shift_info") or "").strip(),
            places=_places(values.get("places")),
            starts_at=_time(values, "starts_at"),
            ends_at=_time(values, "ends_at"),
        )
        employee = self._employee(code, number) if number else None
        try:
            offers.save(shift)
        except ValidationError as problem:
            raise _NotTaken(" ".join(problem.messages), "Faulty: its code, its information or its times.") from problem
        if employee:
            self._book(employee, code, run)
            if plan and (other := plan.in_the_way(number, shift)):
                raise _overlaps(code, employee, other)
            run.counts["booked"] += 1
        if plan:
            plan.add(number, shift)

    def _employee(self, code: str, number: str) -> Employee:
        employee = selectors.employee_of(number)
        if employee is None and self._add_employees:
            employee, _ = people.save_employee(number)
        if employee is None:
            raise _NotTaken(
                f"{code} is taken by {number}, who is no employee. Import the segment first, or use --add-employees.",
                "Taken by somebody who is no employee.",
            )
        return employee

    def _book(self, employee: Employee, code: str, run: Run) -> None:
        try:
            summary = booking.book(employee, [code], source=Booking.Source.STAFF, actor=run.actor)
        except booking.NotApproved as problem:
            raise _NotTaken(f"{code}: {problem}", "Taken by somebody who is not approved.") from problem
        if summary.overlapping:
            raise _overlaps(code, employee, summary.overlapping[0][1])
        if not summary.booked:
            raise _NotTaken(f"{code} has begun: it cannot be booked any more.", "Taken, and has begun.")


class _Plan:
    """What a plan has made by now, of those of whom a batch speaks: it is rolled back, so the rows do not tell.

    Attributes:
        holders: code in capitals → number of whoever has it, "" when nobody has.
    """

    def __init__(self, run: Run, batch: Sequence[Row]) -> None:
        self._planned = run.planned
        codes = {str(row.values.get("shift_id") or "").strip().upper() for row in batch}
        numbers = {str(row.values.get("employee") or "") for row in batch}
        numbers |= {number for written in numbers if (number := _number(written))}
        self.holders: dict[str, str] = self._planned.get("shifts", codes)
        self._held: dict[str, list[list[str]]] = self._planned.get("held", numbers)

    def in_the_way(self, number: str, wanted: Shift) -> str:
        """The code of another one that they would have at that time; "" when there is none."""
        held = [
            Shift(pk=-place, shift_id=code, starts_at=_read(starts_at), ends_at=_read(ends_at))
            for place, (code, starts_at, ends_at) in enumerate(self._held.get(number, []), start=1)
        ]
        verdict, other = booking.judge(wanted, held, clock.now())
        return other if verdict is booking.Verdict.OVERLAPS else ""

    def add(self, number: str, shift: Shift) -> None:
        """As if it were written."""
        self.holders[shift.shift_id.upper()] = number
        if number:
            self._held.setdefault(number, []).append(
                [shift.shift_id, _written(shift.starts_at), _written(shift.ends_at)]
            )

    def keep(self) -> None:
        """For the batches after this one."""
        self._planned.put("shifts", self.holders)
        self._planned.put("held", self._held)


def _written(at: datetime | None) -> str:
    return at.isoformat() if at else ""


def _read(written: str) -> datetime | None:
    return datetime.fromisoformat(written) if written else None


def _overlaps(code: str, employee: Employee, other: str) -> _NotTaken:
    return _NotTaken(f"{code}: {employee} has {other} at that time.", "Overlaps with another of theirs.")


def _number(written: str) -> str:
    try:
        return read_phone_number(written)
    except ValidationError:
        return ""


def _holder(values: Mapping[str, Any]) -> str:
    """The number of whoever has it; "" while it is available.

    Raises:
        _NotTaken: nobody can tell.
    """
    status, employee = (str(values.get(name) or "").strip() for name in ("shift_status", "employee"))
    if status.casefold() not in ("available", "taken"):
        raise _NotTaken(f"shift_status is {status[:40]!r}, neither available nor taken.", "An unknown shift_status.")
    if status.casefold() == "available":
        return ""
    try:
        return read_phone_number(employee)
    except ValidationError as problem:
        raise _NotTaken(
            f"It is taken, and {employee[:40]!r} is no number of whoever has it.", "Taken by nobody knows whom."
        ) from problem


def _places(value: Any) -> int:
    text = str(value or "1")
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        raise _NotTaken(f"places is {text[:40]!r}, no whole number.", "Faulty: its code, its information or its times.")
    return int(text)


def _time(values: Mapping[str, Any], name: str) -> datetime | None:
    if not (value := values.get(name)):
        return None
    if at := moments.read(value):
        return at
    raise _NotTaken(
        f"{name} is {str(value)[:40]!r}, no time with an offset.", "Faulty: its code, its information or its times."
    )
