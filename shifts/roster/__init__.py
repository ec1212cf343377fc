"""Lists of employees from CSV files: checked as a whole, then imported as a whole or not at all.

A file is read without a transaction (reading); who has opted out is recorded (opt_outs); its people are written by a
few statements in one transaction (writing). Staff go through uploads, where workers do all three; the API calls the
first two functions below.
"""

from django.db import transaction

from shifts import people, selectors
from shifts.models import Segment
from shifts.roster import opt_outs, writing
from shifts.roster.reading import Progress, Roster, read
from shifts.roster.report import Problem, Report

__all__ = ["Problem", "Report", "check", "import_into", "run"]


def check(content: bytes, *, segment: str, progress: Progress | None = None) -> Report:
    """What importing a file would do. Nothing is written, and nothing is raised for a bad file.

    Args:
        content: the file.
        segment: the name of the segment, which need not be there yet.
        progress: called with (lines done, lines there may be) now and then.

    Raises:
        django.core.exceptions.ValidationError: ``segment`` cannot be a segment's name.
    """
    people.check_segment_name(segment)
    roster = read(content, progress)
    if not roster.report.errors_total:
        writing.compare(roster, selectors.find_segment(segment))
    return roster.report


def run(content: bytes, *, segment: str, actor: str = "", progress: Progress | None = None) -> Report:
    """Import a file, unless there is something wrong with it: then nothing is changed. Arguments as in ``check``.

    Everybody in the file is an employee and in the segment afterwards; nobody is taken out of it. Whom the file says to
    have opted out is not texted from before they are imported on. ``actor`` is the username of who imports.

    Raises:
        messaging.outbound.guards.CannotBeTold: the opt-outs cannot be recorded; nobody is imported.
        django.core.exceptions.ValidationError: ``segment`` cannot be a segment's name.
    """
    people.check_segment_name(segment)
    roster = read(content, progress)
    if not roster.report.errors_total:
        opt_outs.record(roster, actor=actor, progress=progress)
        with transaction.atomic():
            import_into(roster, segment)
    return roster.report


def import_into(roster: Roster, segment: str) -> None:
    """Write a roster without errors, and complete its report. Must be called in a transaction."""
    writing.take_turns()
    held = _locked(segment)
    to_write = writing.compare(roster, held)
    writing.write(to_write, held)
    people.approval_withdrawn([person.phone_number for person in to_write if person.approved is False])


def _locked(name: str) -> Segment:
    """The segment, made when there is none, and kept from being deleted until the transaction ends."""
    while True:
        segment = people.add_segment(name)
        if held := Segment.objects.select_for_update(no_key=True).filter(pk=segment.pk).first():
            return held
