"""What a check is, and what it may find.

A check is a function of a Look. It returns a queryset of suspects: rows that contradict the rules as one statement
sees them, which on SQLite and PostgreSQL alike is one moment of the database. Where the rules cannot be said in SQL it
returns a list of examples, and sees itself to it that all of them are true.

Waiting is no fault: what is merely under way is told apart by its age. Somebody may just now have set right what was
old, by resuming a number for example, so suspects are looked at again after a moment: see messaging.audit.running.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet

# What cannot be mended any more is told for so long, and then is history.
RECENT = timedelta(days=7)
# Longer than the sweep's two seconds, a drainer's rest and a job of the same queue: whoever is at work has been there.
_A_MOMENT = timedelta(seconds=5)


class Severity(StrEnum):
    """How bad a finding is."""

    WARNING = "warning"  # somebody should know
    CRITICAL = "critical"  # something is lost, stuck or untrue until somebody acts


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong.

    Attributes:
        check: which check found it, "app.name".
        severity: "warning" or "critical".
        count: how many rows.
        examples: a few of them, by name.
        what: a sentence.
        do: what to do.
    """

    check: str
    severity: str
    count: int
    examples: tuple[str, ...]
    what: str
    do: str


@dataclass(frozen=True, slots=True)
class Look:
    """When and how the database is looked at.

    Attributes:
        now: the moment that ages are counted to.
        at_rest: somebody says that no work is under way; what is not done then is a finding, however young.
    """

    now: datetime
    at_rest: bool = False

    def before(self, age: timedelta, *, at_rest: timedelta = timedelta(0)) -> datetime:
        """The latest moment of what is older than ``age``; when all is at rest, older than ``at_rest``."""
        return self.now - (at_rest if self.at_rest else age)


Suspects = QuerySet[Any] | Sequence[str]


@dataclass(frozen=True, slots=True)
class Check:
    """A question to the database, and what to say when the answer is not "nothing".

    Attributes:
        suspects: the function; its docstring says what it proves and which index serves it.
        example: a suspect's name for people.
        patience: how long after the first look suspects are looked at again.
    """

    name: str
    severity: Severity
    suspects: Callable[[Look], Suspects]
    what: str
    do: str
    example: Callable[[Any], str] = str
    patience: timedelta = _A_MOMENT

    def finding(self, count: int, examples: Sequence[str]) -> Finding:
        """What is told of this many."""
        return Finding(self.name, self.severity.value, count, tuple(examples), self.what, self.do)


def text(row: Any) -> str:
    """An outbound text."""
    return f"text {row.pk}"


def inbound(row: Any) -> str:
    """An inbound text."""
    return f"inbound text {row.pk}"
