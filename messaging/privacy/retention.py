"""Rows that are older than they are kept lose number and words, once a day, some at a time.

Their figures stay: what was counted of a day, and what pages count from the rows themselves, is the same as before.
"""

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, Q, QuerySet

from messaging import clock, registry
from messaging.models import PrivacyRecord, RetentionMark, RetentionRun
from messaging.privacy.names import Person, salted_stand_in
from messaging.privacy.tables import AT_ONCE, Age, Table, write

EVERY = timedelta(days=1)
_STRETCH = 5_000
_BREATH = 0.02
# Keys are out of order by as long as a transaction lasts.
_OUT_OF_ORDER = timedelta(hours=1)


def is_due(now: datetime) -> bool:
    """Whether a run is under way, or the last one ended a day ago. Index messaging_privacy_kind."""
    if not any(_days(age) for _, age in _aged()):
        return False
    if RetentionRun.objects.exists():
        return True
    latest = PrivacyRecord.objects.filter(kind=PrivacyRecord.Kind.RETENTION).aggregate(at=Max("at"))["at"]
    return latest is None or now - latest >= EVERY


def go_on(for_as_long_as: timedelta | None = None) -> PrivacyRecord | None:
    """Begin a run, or do some of the one that is under way. Returns its record once it is done."""
    began = clock.now()
    while not clock.stop_requested():
        with transaction.atomic():
            run = _run()
            tables = list(_aged())
            if run.table >= len(tables):
                return _end(run)
            _some(run, *tables[run.table])
        if for_as_long_as is not None and clock.now() - began >= for_as_long_as:
            return None
        clock.sleep(_BREATH)
    return None


def _run() -> RetentionRun:
    """The run under way, locked: whoever holds it works alone."""
    run = RetentionRun.objects.select_for_update().first()
    if run is not None:
        return run
    try:
        with transaction.atomic():
            RetentionRun.objects.create(salt=secrets.token_hex(32), began_at=clock.now())
    except IntegrityError:
        pass  # Somebody else has begun it.
    return RetentionRun.objects.select_for_update().get()


def _some(run: RetentionRun, table: Table, age: Age) -> None:
    """The next stretch of keys of a table."""
    days = _days(age)
    mark, _ = RetentionMark.objects.get_or_create(label=table.label)
    after = max(run.after, mark.through)
    before = run.began_at - timedelta(days=days)
    rows: QuerySet[Any] = QuerySet(model=table.model)
    keys = list(rows.filter(pk__gt=after).order_by("pk").values_list("pk", age.at)[:_STRETCH]) if days else []
    if not keys:
        run.table, run.after = run.table + 1, 0
        run.save(update_fields=["table", "after"])
        return
    needed = age.open(run.began_at) | _needed().get(table.label, Q(pk__in=[]))
    within = rows.filter(pk__gt=after, pk__lte=keys[-1][0])
    too_old = within.filter(**{f"{age.at}__lt": before}).exclude(age.done)
    free = too_old.exclude(needed).order_by("pk").select_for_update(of=("self",), skip_locked=True)
    found = list(free.values_list("pk", flat=True)[:AT_ONCE])
    write(table, rows.filter(pk__in=found), age.change, lambda row: _person(age.number(row), run.salt))
    through = found[-1] if len(found) == AT_ONCE else keys[-1][0]
    if after <= mark.through:
        _settle(mark, within.filter(pk__lte=through).exclude(age.done), through)
    run.after = through
    if found:
        run.counts[table.label] = run.counts.get(table.label, 0) + len(found)
    if age.in_order and through == keys[-1][0] and keys[-1][1] > before + _OUT_OF_ORDER:
        run.table, run.after = run.table + 1, 0
    run.save(update_fields=["table", "after", "counts"])


def _settle(mark: RetentionMark, not_done: QuerySet[Any], through: int) -> None:
    """All below the first row that is not done need not be read again tomorrow."""
    first = not_done.order_by("pk").values_list("pk", flat=True).first()
    mark.through = through if first is None else first - 1
    mark.save(update_fields=["through"])


def _person(phone_number: str, salt: str) -> Person:
    return Person(phone_number, salted_stand_in(phone_number, salt))


def _end(run: RetentionRun) -> PrivacyRecord:
    record = PrivacyRecord.objects.create(
        kind=PrivacyRecord.Kind.RETENTION,
        reason=", ".join(f"{name}={_value(name)}" for name in sorted({age.setting for _, age in _aged()})),
        began_at=run.began_at,
        at=clock.now(),
        counts=run.counts,
    )
    run.delete()
    return record


def _aged() -> Iterator[tuple[Table, Age]]:
    for one in registry.personal_data():
        for table in one.tables():
            if table.age is not None:
                yield table, table.age


def _needed() -> dict[str, Q]:
    """Label of a table → rows that some app still needs."""
    found: dict[str, Q] = {}
    for one in registry.personal_data():
        for label, rows in one.open_rows().items():
            found[label] = found.get(label, Q(pk__in=[])) | rows
    return found


def _days(age: Age) -> int:
    return _value(age.setting)


def _value(name: str) -> int:
    return int(registry.configured(name) or 0)
