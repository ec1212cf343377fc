"""Many events at once come to what they come to one by one."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from incidents.models import TimelineEntry
from messaging.models import OriginationIdentity
from messaging.privacy.names import Person
from optout import keeping, ledger, many, rebuilding
from optout.ledger import Entry
from optout.models import Consent, ConsentEvent
from tests.commands import run
from tests.messaging.factories import ANN, OUR_NUMBER

OTHER = "+14255550109"
NOON = datetime(2025, 3, 4, 12, tzinfo=UTC)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("number")]


def entry(who: str, minute: int | None, action: str = "opt_out", identity: str = "", key: str = "") -> Entry:
    return Entry(
        phone_number=who,
        origination_identity=identity,
        every_number=not identity,
        action=action,
        source="import",
        occurred_at=None if minute is None else NOON + timedelta(minutes=minute),
        key=key or f"{who}:{minute}:{action}:{identity}",
    )


def states(beginning: str) -> list[tuple[object, ...]]:
    rows = Consent.objects.filter(phone_number__startswith=beginning).order_by("phone_number", "origination_identity")
    return [
        (row.phone_number[len(beginning) :], row.origination_identity, row.state, row.since, row.source, row.latest_at)
        for row in rows
    ]


@pytest.mark.parametrize("seed", range(6))
def test_the_same_states_whatever_was_said_in_whatever_order(seed: int) -> None:
    OriginationIdentity.objects.create(identity=OTHER, kind="ten_dlc", mps=1)
    chance = random.Random(seed)

    def some() -> list[tuple[str, int, str, str]]:
        return [
            (f"{chance.randrange(12):03}", chance.randrange(9), chance.choice(["opt_out", "opt_in"]),
             chance.choice(["", OUR_NUMBER, OTHER]))
            for _ in range(40)
        ]  # fmt: skip

    for said in (some(), some()):
        for end, minute, action, identity in said:
            ledger.record(entry(f"+1206220{end}0", minute, action, identity))
        new = many.record_all(
            [entry(f"+1212220{end}0", minute, action, identity) for end, minute, action, identity in said]
        )
        assert new <= len(set(said))
        assert states("+1206220") == states("+1212220")
    assert ConsentEvent.objects.filter(phone_number__startswith="+1206").count() == (
        ConsentEvent.objects.filter(phone_number__startswith="+1212").count()
    )
    assert list(rebuilding.differences()) == []


def test_a_known_key_changes_nothing_and_one_that_comes_twice_is_once() -> None:
    assert many.record_all([entry(ANN, 0), entry(ANN, 0)]) == 1
    ledger.record(entry(ANN, 5, "opt_in"))
    assert many.record_all([entry(ANN, 0)]) == 0
    assert Consent.objects.get().state == "opted_in"
    assert ConsentEvent.objects.count() == 2


def test_without_a_time_it_is_now_and_after_all_that_is_known() -> None:
    ahead = datetime.now(UTC) + timedelta(days=2)
    ledger.record(Entry(ANN, OUR_NUMBER, "opt_in", "sms", occurred_at=ahead))
    many.record_all([entry(ANN, None)])
    assert set(Consent.objects.values_list("state", flat=True)) == {"opted_out"}
    assert ConsentEvent.objects.get(source="import").occurred_at == ahead + timedelta(microseconds=1)


def test_somebody_who_was_erased_is_known_again() -> None:
    many.record_all([entry(ANN, 0)])
    keeping.keep_without_number(Person(ANN))
    assert many.record_all([entry(ANN, 0)]) == 0, "the same list again is no news"
    assert not Consent.objects.filter(phone_number=ANN).exists()
    assert many.record_all([entry(ANN, 9, "opt_in", OUR_NUMBER)]) == 1
    stands = dict(Consent.objects.filter(phone_number=ANN).values_list("origination_identity", "state"))
    assert stands == {"": "opted_out", OUR_NUMBER: "opted_in"}


def test_an_incident_does_not_wait_for_them() -> None:
    opened = run("open_incident", "9", "Gas", "--first-contact", ANN)
    assert opened.status == 0
    many.record_all([entry("+12062200001", 0), entry(ANN, 0)])
    kinds = list(TimelineEntry.objects.filter(incident__incident_id="9").values_list("kind", flat=True))
    assert "unreachable" in kinds


def test_a_conversation_that_cannot_tell_hears_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[str] = []

    def fails(self: object, phone_numbers: object) -> Sequence[str]:
        raise RuntimeError("no")

    monkeypatch.setattr("incidents.replies.IncidentReplies.concerned_by_opt_outs", fails)
    monkeypatch.setattr(
        "incidents.replies.IncidentReplies.opted_out", lambda self, who, identity, reason: heard.append(who)
    )
    many.record_all([entry(ANN, 0)])
    assert heard == [ANN]
    assert Consent.objects.get().state == "opted_out"


def test_queries_do_not_grow_with_people() -> None:
    def queries(first: int, count: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert many.record_all([entry(f"+1206{2200000 + first + n}", 0) for n in range(count)]) == count
        return len(captured)

    queries(0, 1)
    # SQLite takes some fifty rows in a statement.
    assert queries(10, 400) <= queries(1_000, 2) + 400 / 50


def test_other_systems_hear_what_it_comes_to(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, object]] = []
    monkeypatch.setattr(
        "optout.events.publish", lambda kind, *, subject, data, **more: told.append((subject, data()["state"]))
    )
    many.record_all([entry(ANN, 0), entry(ANN, 1, "opt_in"), entry("+12062200001", 0)])
    assert sorted(told) == [("+12062200001", "opted_out"), (ANN, "opted_in")]
