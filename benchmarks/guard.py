"""The consent guard beside the bare query: what Python adds to asking the database about a whole campaign."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial

from django.db import connection

from benchmarks.figures import Figure
from benchmarks.paired import measure
from benchmarks.stage import Stage
from messaging.outbound import guards
from optout.models import Consent

_OURS = "+14255550100"
_RECIPIENTS = 100_000
_CLAIM = 25
_KNOWN = 200_000
_BATCH = 5_000


def figures(stage: Stage) -> Iterator[Figure]:
    """A campaign's 100,000 recipients, and the 25 of one claim of a lane."""
    _fill()
    people = [_number(each) for each in range(0, 2 * _RECIPIENTS, 2)]
    for size, rounds in ((stage.some(_RECIPIENTS), 3 * stage.runs), (_CLAIM, 40 * stage.runs)):
        recipients = people[:size]
        pairs = [(number, _OURS) for number in recipients]
        refused = len(guards.refusals(pairs))
        if refused != len(_bare(recipients)):
            raise AssertionError("Guard and bare query do not agree: this would compare two different things.")
        yield measure(
            f"{size}",
            f"consent guard, {size:,} recipients ({refused:,} opted out), beside the bare query",
            partial(guards.refusals, pairs),
            partial(_bare, recipients),
            rounds=rounds,
        )


def _number(each: int) -> str:
    return f"+1425{each:07}"


def _fill() -> None:
    """200,000 people of whom one in twenty has opted out; every second recipient is among them."""
    then = datetime(2026, 1, 21, tzinfo=UTC)
    for start in range(0, _KNOWN, _BATCH):
        Consent.objects.bulk_create(
            Consent(
                phone_number=_number(each),
                origination_identity=_OURS,
                state="opted_out" if each % 40 < 2 else "opted_in",
                since=then,
                latest_at=then,
                source="sms",
            )
            for each in range(start, start + _BATCH)
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _bare(recipients: Sequence[str]) -> list[tuple[str]]:
    """What somebody would write by hand who knows of one number only and needs no reasons."""
    listed = "SELECT unnest(%s::text[])" if connection.vendor == "postgresql" else "SELECT value FROM json_each(%s)"
    parameter = list(recipients) if connection.vendor == "postgresql" else json.dumps(list(recipients))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT phone_number FROM optout_consent WHERE state = 'opted_out' AND origination_identity = %s"
            f" AND phone_number IN ({listed})",
            [_OURS, parameter],
        )
        found: list[tuple[str]] = cursor.fetchall()
    return found
