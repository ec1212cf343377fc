"""A file as people: every line read, what is wrong with it noted, several lines of one number made one person. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import ValidationError

from shifts.roster.columns import Line, Pinpoint, Plain, columns_of, is_not_for_sms, line_of, resource_for
from shifts.roster.decoding import decode
from shifts.roster.report import Problem, Report, Unreadable
from shifts.roster.tables import table

# Read in less than two minutes, which a job may take.
MOST_ROWS = 200_000
# Progress is told so often.
EVERY = 500

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Person:
    """What a file says of one number. "" and None: nothing, so that an employee keeps what they have.

    ``opted_out_at`` is None as well when the file does not say when.
    """

    phone_number: str
    name: str
    approved: bool | None
    language: str
    opted_out: bool
    opted_out_at: datetime | None
    times: int = 1

    def also(self, line: Line) -> None:
        """A later line of the same number: what it says counts."""
        self.name = line.name or self.name
        self.language = line.language or self.language
        self.approved = self.approved if line.approved is None else line.approved
        # Whoever has opted out once is not opted in by a second line.
        if line.opted_out:
            times = [line.effective_at, self.opted_out_at] if self.opted_out else [line.effective_at]
            # One without a time is of now.
            self.opted_out_at = None if None in times else max(filter(None, times))
            self.opted_out = True
        self.times += 1


@dataclass(slots=True)
class Roster:
    """The people of a file by number, in its order; and the report as far as a file alone can tell."""

    people: dict[str, Person] = field(default_factory=dict)
    report: Report = field(default_factory=Report)

    def opt_outs(self) -> dict[str, datetime | None]:
        """Who has opted out, and when; None: the file does not say when."""
        return {person.phone_number: person.opted_out_at for person in self.people.values() if person.opted_out}


def read(content: bytes, progress: Progress | None = None) -> Roster:
    """Read a whole file. What is wrong with it is in the report, and never raised.

    Args:
        content: the file.
        progress: called with (lines done, lines there may be) now and then. What it raises ends the reading.
    """
    roster = Roster()
    try:
        _read(content, roster, progress or (lambda done, total: None))
    except Unreadable as problem:
        roster.report.add(problem.problem)
    report = roster.report
    report.duplicates = report.rows - len(roster.people) if not report.errors_total else 0
    report.opted_out = sum(person.opted_out for person in roster.people.values())
    return roster


def _read(content: bytes, roster: Roster, progress: Progress) -> None:
    text = decode(content)
    found = table(text)
    try:
        resource = resource_for(found.header)
    except Unreadable as problem:
        raise Unreadable(str(problem), line=found.header_line, column=problem.problem.column) from problem
    columns = columns_of(resource, found.header)
    # Line ends within cells count as well; nobody minds.
    total = text.count("\n") or text.count("\r")
    done = 0
    for done, (line, cells) in enumerate(found.records, start=1):
        if done > MOST_ROWS:
            raise Unreadable(
                f"The file has more than {MOST_ROWS} lines. Split it, with the header in each part.", line=line
            )
        if done % EVERY == 0:
            progress(done, max(total, done))
        _take(line, cells, found.header, columns, resource, roster)
    if not done:
        raise Unreadable("The file has a header and nobody below it.", line=found.header_line)
    if roster.report.skipped == done:
        raise Unreadable(
            "No line is for SMS: each is of another ChannelType, or INACTIVE. Export a segment of phone numbers.",
            line=found.header_line,
            column=next((name for name in found.header if name.casefold() == "channeltype"), "EndpointStatus"),
        )
    progress(done, done)


def _take(
    number: int, cells: list[str], header: list[str], columns: list[str], resource: Plain | Pinpoint, roster: Roster
) -> None:
    report = roster.report
    if any(cells[len(columns) :]):
        report.add(Problem(number, "", f"This line has {len(cells)} cells, the header has {len(columns)}."))
        return
    if any(cell and not column for cell, column in zip(cells, columns, strict=False)):
        report.add(Problem(number, "", "There is a cell in a column that has no name in the header."))
        return
    # Spreadsheets leave out empty cells at the end of a line.
    row = dict.fromkeys(columns, "") | dict(zip(columns, cells, strict=False))
    if isinstance(resource, Pinpoint) and is_not_for_sms(row):
        report.skipped += 1
        return
    report.rows += 1
    try:
        line = line_of(resource, row)
    except ValidationError as problem:
        for attribute, messages in problem.message_dict.items():
            column = header[columns.index(str(resource.fields[attribute].column_name))]
            report.add(Problem(number, column, " ".join(messages)))
        return
    if person := roster.people.get(line.phone_number):
        person.also(line)
    else:
        roster.people[line.phone_number] = Person(
            line.phone_number,
            line.name,
            line.approved,
            line.language,
            line.opted_out,
            line.effective_at if line.opted_out else None,
        )
