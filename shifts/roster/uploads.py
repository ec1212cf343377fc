"""The writer of RosterImport: files that staff have uploaded.

    checking ─► checked ─► importing ─► imported
        └─► refused            └─► refused

The slow part, reading, is done by one worker at a time (shifts.roster.claims) and again from the start by another if it
dies. What it leads to is written by compare-and-set on the status, the import in the same transaction: however many
workers run, and wherever they die, a file is imported once and as a whole.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import InterfaceError, OperationalError, transaction
from rq.timeouts import JobTimeoutException

from messaging import clock, wakeups
from messaging.outbound.guards import CannotBeTold
from shifts import people, roster
from shifts.models import RosterImport
from shifts.roster import opt_outs, reading
from shifts.roster.claims import Claim
from shifts.roster.decoding import LARGEST
from shifts.roster.report import MOST_ERRORS, Problem, Report

logger = logging.getLogger(__name__)

WORK = "imports"
Status = RosterImport.Status

_LONGEST_FILE_NAME = RosterImport._meta.get_field("file_name").max_length or 0
# Between two notes of how far it is.
_NOTE_EVERY = timedelta(seconds=0.4)
# A file that made so many jobs too long would make the next one so as well.
_MOST_TIMEOUTS = 3
_UNDER_WAY = (Status.CHECKING, Status.IMPORTING)


class NotAllowed(Exception):
    """The status forbids it; the message says for people why."""


class _Interrupted(Exception):
    """Nobody waits for this any more, or the worker must end."""


def upload(file_name: str, content: bytes, segment_name: str, actor: str) -> RosterImport:
    """Keep a file to be checked by a worker.

    Raises:
        ValidationError: on ``segment`` or ``file``.
    """
    try:
        people.check_segment_name(segment_name)
    except ValidationError as problem:
        raise ValidationError({"segment": problem.messages}) from problem
    if len(content) > LARGEST:
        raise ValidationError({"file": f"The file is larger than {LARGEST // 1_048_576} MB. Split it."})
    row = RosterImport.objects.create(
        file_name=file_name[-_LONGEST_FILE_NAME:],
        content=content,
        segment_name=segment_name,
        status=Status.CHECKING,
        created_at=clock.now(),
        created_by=actor,
    )
    wakeups.wake(WORK)
    return row


def confirm(pk: int, actor: str) -> None:
    """Have a checked file imported.

    Raises:
        NotAllowed: it is not checked, or has errors.
    """
    if not _move(pk, Status.CHECKED, status=Status.IMPORTING, rows_done=0):
        raise NotAllowed(f"This file cannot be imported: {_stands(pk)}.")
    logger.info("Import %s is confirmed by %s", pk, actor)
    wakeups.wake(WORK)


def discard(pk: int) -> None:
    """Forget a file that is not imported, and everybody in it.

    Raises:
        NotAllowed: it is being imported, or is.
    """
    gone, _ = RosterImport.objects.filter(pk=pk, status__in=(Status.CHECKING, Status.CHECKED, Status.REFUSED)).delete()
    if not gone:
        raise NotAllowed(f"This file cannot be discarded: {_stands(pk)}.")


def waiting() -> list[int]:
    """The files that a worker must look at, oldest first."""
    return list(RosterImport.objects.filter(status__in=_UNDER_WAY).order_by("pk").values_list("pk", flat=True))


def work_on(pk: int) -> bool:
    """Check or import a file, as its status says, unless another worker is at it. Returns whether it was tried."""
    with Claim(f"import:{pk}") as claim:
        row = RosterImport.objects.filter(pk=pk, status__in=_UNDER_WAY).first() if claim.held else None
        if row is None:
            return False
        try:
            (_check if row.status == Status.CHECKING else _import)(row, claim)
        except _Interrupted:
            logger.info("Import %s is left to another worker, or to nobody", pk)
        except (OperationalError, InterfaceError, CannotBeTold):
            # The database is away or busy, or the job ended while opt-outs were recorded, which the next one need not
            # do again: nobody is imported, and the sweep has it tried again.
            logger.exception("Import %s waits, and is tried again", pk)
            claim.pause()
        except JobTimeoutException:
            logger.exception("Import %s takes too long", pk)
            if claim.failed() >= _MOST_TIMEOUTS:
                _fail(row, "It takes longer than a worker may take. Split it, with the header in each part.")
        except Exception:
            logger.exception("Import %s failed", pk)
            _fail(
                row, "It could not be imported because of an error in Textback. Nobody was imported. Tell who runs it."
            )
        return True


def _check(row: RosterImport, claim: Claim) -> None:
    report = roster.check(bytes(row.content), segment=row.segment_name, progress=_Notes(row, claim))
    if report.errors_total:
        _refuse(row, report)
    else:
        _move(
            row.pk,
            Status.CHECKING,
            status=Status.CHECKED,
            counts=report.counts(),
            sample=report.sample,
            **_all(row, report),
        )


def _import(row: RosterImport, claim: Claim) -> None:
    found = reading.read(bytes(row.content), _Notes(row, claim))
    if found.report.errors_total:
        _refuse(row, found.report)
        return
    opt_outs.record(found, actor=row.created_by, progress=_Notes(row, claim))
    with transaction.atomic():
        # First, so that of two workers one waits here, and then finds nothing left to do.
        if not _move(row.pk, Status.IMPORTING, status=Status.IMPORTED, **_ended()):
            return
        roster.import_into(found, row.segment_name)
        _move(row.pk, Status.IMPORTED, counts=found.report.counts(), **_all(row, found.report))


def _fail(row: RosterImport, problem: str) -> None:
    _refuse(row, Report(errors=[Problem(1, "", problem)], errors_total=1))


def _refuse(row: RosterImport, report: Report) -> None:
    _move(
        row.pk,
        row.status,
        status=Status.REFUSED,
        errors=[problem.as_dict() for problem in report.errors[:MOST_ERRORS]],
        errors_total=report.errors_total,
        **_ended(),
    )


def _ended() -> dict[str, Any]:
    """People's numbers are not kept longer than the file is of use."""
    return {"content": b"", "sample": [], "ended_at": clock.now()}


def _all(row: RosterImport, report: Report) -> dict[str, int]:
    total = report.rows + report.skipped
    return {"rows_done": total, "rows_total": total}


def _move(pk: int, was: str, **values: Any) -> bool:
    """Compare-and-set: whether the status still was that."""
    return bool(RosterImport.objects.filter(pk=pk, status=was).update(**values))


def _stands(pk: int) -> str:
    row = RosterImport.objects.filter(pk=pk).defer("content").first()
    return {
        None: "it has been discarded",
        Status.CHECKING: "it is still being checked",
        Status.CHECKED: "it has been checked",
        Status.REFUSED: "it has errors",
        Status.IMPORTING: "it is being imported",
        Status.IMPORTED: "it has been imported",
    }[None if row is None else Status(row.status)]


class _Notes:
    """Notes on the row how far it is, a few times a second at most; ends the work that nobody waits for."""

    def __init__(self, row: RosterImport, claim: Claim) -> None:
        self._row, self._claim = row, claim
        self._noted: datetime | None = None

    def __call__(self, done: int, total: int) -> None:
        if clock.stop_requested():
            raise _Interrupted
        now = clock.now()
        if self._noted and now - self._noted < _NOTE_EVERY:
            return
        self._noted = now
        if not self._claim.renew() or not _move(self._row.pk, self._row.status, rows_done=done, rows_total=total):
            raise _Interrupted
