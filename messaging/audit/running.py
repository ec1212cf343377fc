"""Running the checks: each on its own, suspects twice.

Nothing is written and nothing is locked. Whatever a check suspects is looked at again after a moment, all of it after
one pause, and is a finding if it is still there: what somebody was just setting right is none.
"""

import logging
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import QuerySet

from messaging import clock, registry
from messaging.audit.findings import Check, Finding, Look, Severity

logger = logging.getLogger(__name__)

MOST_EXAMPLES = 5
# As many suspects of a check are looked at again; of more, whichever the database finds first.
_MOST_CONFIRMED = 500


@dataclass(frozen=True, slots=True)
class Result:
    """What an audit came to.

    Attributes:
        at: when it began.
        checked: the names of the checks that ran to their end, once each.
        findings: what they found, the worst first.
        errors: the checks that could not be made, and why.
        sizes: how much there is, by its name in words.
    """

    at: datetime
    checked: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """The worst that was found: ok, warning or critical."""
        found = {finding.severity for finding in self.findings}
        return next((severity.value for severity in _WORST_FIRST if severity in found), "ok")


class Incomplete(Exception):
    """Some checks could not be made, so nobody can say that nothing is wrong. ``result`` has what the others found."""

    def __init__(self, result: Result) -> None:
        problems = "; ".join(f"{name}: {problem}" for name, problem in result.errors.items())
        super().__init__(f"The audit is incomplete. {problems}")
        self.result = result


_T = TypeVar("_T")
_Suspected = tuple[Check, QuerySet[Any], list[int], int]
_WORST_FIRST = (Severity.CRITICAL, Severity.WARNING)


def run(*, at_rest: bool = False, now: datetime | None = None) -> list[Finding]:
    """What every configured check finds.

    Args:
        at_rest: no work is under way (all queues are drained): what is not done is a finding, however young.
        now: the moment that ages are counted to.

    Raises:
        Incomplete: a check could not be made.
    """
    result = perform(at_rest=at_rest, now=now)
    if result.errors:
        raise Incomplete(result)
    return result.findings


def perform(
    *,
    at_rest: bool = False,
    now: datetime | None = None,
    only: str = "",
    progress: Callable[[str], None] = lambda name: None,
) -> Result:
    """Make every configured check. One that raises is noted, and the others are made all the same.

    Args:
        at_rest: see run.
        now: see run.
        only: make the checks alone whose name begins so.
        progress: told the name of each check before it is made.
    """
    look = Look(now or clock.now(), at_rest)
    result = Result(look.now)
    suspected: list[_Suspected] = []
    for name, audit in (_or_note(result, "AUDITS", registry.audits) or {}).items():
        for check in _or_note(result, name, audit.checks) or ():
            if not check.name.startswith(only):
                continue
            progress(check.name)
            _or_note(result, check.name, partial(_look, check, look, result, suspected))
        result.sizes.update(_or_note(result, name, audit.sizes) or {})
    if suspected:
        progress("what is suspected, again")
        # When all is at rest, nobody can be setting anything right.
        pause = max((check.patience for check, *_ in suspected), default=timedelta(0))
        clock.sleep(0 if at_rest else pause.total_seconds())
    for check, rows, keys, count in suspected:
        _or_note(result, check.name, partial(_confirm, check, rows, keys, count, result))
    result.findings.sort(key=lambda finding: [_WORST_FIRST.index(Severity(finding.severity)), finding.check])
    return result


def _or_note(result: Result, name: str, do: Callable[[], _T]) -> _T | None:
    try:
        # Within somebody's transaction an error must not spoil it. Outside there is none to begin: on SQLite it would
        # wait for the one writer.
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            return do()
    except Exception as problem:
        logger.exception("The check %s could not be made", name)
        result.errors[name] = f"{type(problem).__name__}: {problem}"[:300]
        return None


def _look(check: Check, look: Look, result: Result, suspected: list[_Suspected]) -> None:
    suspects = check.suspects(look)
    if isinstance(suspects, QuerySet):
        # In no order: to have the first keys first, a database walks the table by its key, and no index of the check's.
        rows = suspects.order_by()
        keys = list(rows.values_list("pk", flat=True)[:_MOST_CONFIRMED])
        if keys:
            count = len(keys) if len(keys) < _MOST_CONFIRMED else rows.count()
            suspected.append((check, rows, keys, count))
    elif suspects:
        result.findings.append(check.finding(len(suspects), suspects[:MOST_EXAMPLES]))
    # A check may have one part for what is critical and one for what is not.
    if check.name not in result.checked:
        result.checked.append(check.name)


def _confirm(check: Check, rows: QuerySet[Any], keys: list[int], count: int, result: Result) -> None:
    still = sorted(rows.filter(pk__in=keys), key=attrgetter("pk"))
    if still:
        count -= len(keys) - len(still)
        result.findings.append(check.finding(count, [check.example(row) for row in still[:MOST_EXAMPLES]]))
