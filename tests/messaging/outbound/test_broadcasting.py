"""One text to many people: each row is as outbox.queue would have made it."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from messaging import clock, redis
from messaging.contracts import Broadcast, Draft
from messaging.models import OriginationIdentity, OutboundMessage, Status
from messaging.numbers import NoOriginationIdentity
from messaging.outbound import outbox
from messaging.text import BodyEmpty, BodyTooLong
from optout import ledger
from optout.ledger import Entry
from tests.messaging.factories import ANN, BOB, OUR_NUMBER, standing

pytestmark = pytest.mark.django_db

CARLA = "+14255550184"
LONDON = "+447700900123"
OTHER = "+14255550101"
# What is of one row only.
OWN = {"id", "idempotency_key", "destination_phone_number"}

BODIES = [
    "Hello",
    "100% of %s and %(this)s, %% too {codes} {0}",
    'It\'s "quoted"; DROP TABLE x; -- \\ \\n',
    "Смена свободна 🎉 é ñ ' \u2028 中文",
    "line one\nline two\r\n\ttabbed",
    "x" * 1500,
]


def cast(body: str = "Hello", **fields: Any) -> Broadcast:
    values = {"conversation": "shifts", "subject": "july", "key_prefix": "campaign:july:"}
    return Broadcast(body=body, **values | fields)


def values(message: OutboundMessage) -> dict[str, Any]:
    return {
        field.attname: getattr(message, field.attname)
        for field in OutboundMessage._meta.concrete_fields
        if field.attname not in OWN
    }


def made(to: str = ANN) -> OutboundMessage:
    return OutboundMessage.objects.get(idempotency_key=f"campaign:july:{to}")


def opts_out(phone_number: str, identity: str = OUR_NUMBER) -> None:
    ledger.record(Entry(phone_number, identity, "opt_out", "sms"))


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """Time that stands still."""
    now = datetime(2027, 7, 1, 12, 0, 0, 123456, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: now)
    return now


class TestARow:
    @pytest.mark.parametrize("body", BODIES)
    def test_is_the_one_that_queue_would_have_made(
        self, number: OriginationIdentity, noon: datetime, body: str
    ) -> None:
        assert outbox.queue_for_all(cast(body, actor="hr"), [ANN]) == 1
        draft = Draft(
            BOB,
            body,
            idempotency_key="one",
            conversation="shifts",
            subject="july",
            message_type="PROMOTIONAL",
            priority=30,
            delivery_policy="at_most_once",
            expects_reply=True,
            actor="hr",
        )
        one = OutboundMessage.objects.get(pk=outbox.queue(draft).pk)
        assert values(made()) == values(one)
        assert made().destination_phone_number == ANN
        assert made().body == body

    def test_also_with_every_field_another(self, number: OriginationIdentity, noon: datetime) -> None:
        OriginationIdentity.objects.create(identity="TEXTBACK", kind="sender_id", mps=1, two_way=False)
        fields: dict[str, Any] = {
            "conversation": "incidents",
            "subject": "1%",
            "message_type": "TRANSACTIONAL",
            "priority": 0,
            "delivery_policy": "at_least_once",
            "origination_identity": "TEXTBACK",
            "expects_reply": False,
            "actor": "it's",
        }
        outbox.queue_for_all(cast(**fields), [ANN])
        one = outbox.queue(Draft(BOB, "Hello", idempotency_key="one", **fields))
        one.refresh_from_db()
        assert values(made()) == values(one)

    def test_also_of_somebody_who_opted_out(self, number: OriginationIdentity, noon: datetime) -> None:
        for to in (ANN, BOB):
            opts_out(to)
        outbox.queue_for_all(cast(delivery_policy="at_least_once", priority=20), [ANN])
        one = outbox.queue(
            Draft(
                BOB,
                "Hello",
                idempotency_key="one",
                conversation="shifts",
                subject="july",
                message_type="PROMOTIONAL",
                expects_reply=True,
            )
        )
        one.refresh_from_db()
        assert one.status == "suppressed"
        assert values(made()) == values(one)

    def test_a_quote_or_percent_in_the_key_is_itself(self, number: OriginationIdentity) -> None:
        outbox.queue_for_all(cast(key_prefix="it's 100%s:"), [ANN])
        assert OutboundMessage.objects.get().idempotency_key == f"it's 100%s:{ANN}"


class TestKeys:
    def test_whoever_has_a_row_keeps_it(self, number: OriginationIdentity) -> None:
        outbox.queue_for_all(cast("First"), [ANN])
        before = values(made())
        opts_out(ANN)
        assert outbox.queue_for_all(cast("Second"), [ANN, BOB]) == 1
        assert values(made()) == before
        assert made(BOB).body == "Second"

    def test_whatever_became_of_it(self, number: OriginationIdentity) -> None:
        standing(Status.CANCELLED, idempotency_key=f"campaign:july:{ANN}")
        assert outbox.queue_for_all(cast(), [ANN]) == 0
        assert made().status == "cancelled"

    def test_another_broadcast_has_other_keys(self, number: OriginationIdentity) -> None:
        outbox.queue_for_all(cast(), [ANN])
        assert outbox.queue_for_all(cast(key_prefix="campaign:august:"), [ANN]) == 1

    def test_somebody_named_twice_has_one_row(self, number: OriginationIdentity) -> None:
        assert outbox.queue_for_all(cast(), [ANN, BOB, ANN]) == 2

    def test_nobody_at_all(self, number: OriginationIdentity) -> None:
        assert outbox.queue_for_all(cast(), []) == 0


class TestNumbers:
    def test_each_gets_the_number_they_would_have_got(self, number: OriginationIdentity) -> None:
        for identity, country in ((OTHER, "US"), ("+447860019066", "GB")):
            OriginationIdentity.objects.create(identity=identity, kind="long_code", mps=1, iso_country_code=country)
        standing(Status.SENT, to=BOB, origination_identity=OTHER)
        outbox.queue_for_all(cast(), [ANN, BOB, LONDON])
        assert [made(to).origination_identity for to in (ANN, BOB, LONDON)] == [OUR_NUMBER, OTHER, "+447860019066"]

    def test_consent_is_asked_of_the_number_that_is_chosen(self, number: OriginationIdentity) -> None:
        OriginationIdentity.objects.create(identity=OTHER, kind="long_code", mps=1)
        standing(Status.SENT, to=BOB, origination_identity=OTHER)
        opts_out(BOB, OUR_NUMBER)
        opts_out(ANN, OTHER)
        outbox.queue_for_all(cast(), [ANN, BOB])
        assert [made(to).status for to in (ANN, BOB)] == ["queued", "queued"]
        outbox.queue_for_all(cast(key_prefix="2:", origination_identity=OTHER), [ANN, BOB])
        assert OutboundMessage.objects.get(idempotency_key=f"2:{ANN}").status == "suppressed"

    def test_without_a_number_no_row_is_made(self, number: OriginationIdentity) -> None:
        OriginationIdentity.objects.update(two_way=False)
        with pytest.raises(NoOriginationIdentity):
            outbox.queue_for_all(cast(), [ANN])
        with pytest.raises(NoOriginationIdentity):
            outbox.queue_for_all(cast(origination_identity=OTHER, expects_reply=False), [ANN])
        assert not OutboundMessage.objects.exists()


class TestRefusals:
    def test_the_conversations_own_come_first_and_each_keeps_its_reason(self, number: OriginationIdentity) -> None:
        opts_out(ANN)
        opts_out(BOB)
        refused = {ANN: ("NOT_APPROVED", "No"), CARLA: ("OTHER", "it's 100% no")}
        assert outbox.queue_for_all(cast(), [ANN, BOB, CARLA, LONDON], refused) == 4
        assert (made(ANN).error_code, made(ANN).error_reason) == ("NOT_APPROVED", "No")
        assert made(BOB).error_code == "GUARD"
        assert (made(CARLA).error_code, made(CARLA).error_reason) == ("OTHER", "it's 100% no")
        assert [made(to).status for to in (ANN, BOB, CARLA, LONDON)] == ["suppressed"] * 3 + ["queued"]
        assert made(LONDON).ended_at is None

    @pytest.mark.parametrize(("body", "problem"), [(" \n", BodyEmpty), ("x" * 1531, BodyTooLong)])
    def test_what_cannot_be_sent_is_refused_before_any_row(
        self, number: OriginationIdentity, body: str, problem: type[Exception]
    ) -> None:
        with pytest.raises(problem):
            outbox.queue_for_all(cast(body), [ANN])
        assert not OutboundMessage.objects.exists()


def test_the_lanes_are_woken_once_it_is_committed(
    number: OriginationIdentity, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        outbox.queue_for_all(cast(), [ANN])
        assert len(redis.queue("lanes")) == 0
    assert len(redis.queue("lanes")) == 1


def test_a_thousand_people_take_as_many_statements_as_some(number: OriginationIdentity) -> None:
    OriginationIdentity.objects.create(identity=OTHER, kind="long_code", mps=1)

    def statements(people: int, prefix: str) -> int:
        numbers = [f"+1425{place:07}" for place in range(people)]
        with CaptureQueriesContext(connection) as context:
            assert outbox.queue_for_all(cast(key_prefix=prefix), numbers) == people
        return len(context)

    assert statements(1000, "many:") == statements(200, "some:") < 10


def test_what_is_rolled_back_is_as_if_it_had_never_been(number: OriginationIdentity) -> None:
    with transaction.atomic():
        outbox.queue_for_all(cast(), [ANN])
        transaction.set_rollback(True)
    assert not OutboundMessage.objects.exists()


class TestInSeveralLanguages:
    """Bodies of some people: the rest is as ever."""

    def test_each_gets_their_own_with_its_size(self, number: OriginationIdentity) -> None:
        assert outbox.queue_for_all(cast(), [ANN, BOB, CARLA], bodies={ANN: "Привет", BOB: "x" * 200}) == 3
        rows = {to: made(to) for to in (ANN, BOB, CARLA)}
        found = {to: (row.body, row.encoding, row.parts) for to, row in rows.items()}
        assert found == {ANN: ("Привет", "UCS-2", 1), BOB: ("x" * 200, "GSM", 2), CARLA: ("Hello", "GSM", 1)}

    def test_who_is_refused_keeps_their_own_as_well(self, number: OriginationIdentity) -> None:
        opts_out(ANN)
        outbox.queue_for_all(cast(), [ANN, BOB], {BOB: ("X", "Because.")}, {ANN: "Hola", BOB: "Hallo"})
        assert [(made(to).body, made(to).status) for to in (ANN, BOB)] == [
            ("Hola", Status.SUPPRESSED),
            ("Hallo", Status.SUPPRESSED),
        ]

    def test_from_two_numbers(self, number: OriginationIdentity) -> None:
        OriginationIdentity.objects.create(identity=OTHER, kind="long_code", mps=1, iso_country_code="GB")
        outbox.queue_for_all(cast(), [ANN, BOB, LONDON], bodies={ANN: "Hola", LONDON: "Hola"})
        assert [(made(to).body, made(to).origination_identity) for to in (ANN, BOB, LONDON)] == [
            ("Hola", OUR_NUMBER),
            ("Hello", OUR_NUMBER),
            ("Hola", OTHER),
        ]

    @pytest.mark.parametrize(("body", "refusal"), [(" ", BodyEmpty), ("x" * 1600, BodyTooLong)])
    def test_what_cannot_be_sent_is_refused_before_anything_is_queued(
        self, number: OriginationIdentity, body: str, refusal: type[Exception]
    ) -> None:
        with pytest.raises(refusal):
            outbox.queue_for_all(cast(), [ANN, BOB], bodies={BOB: body})
        assert not OutboundMessage.objects.exists()

    def test_a_body_that_all_have_is_one_statement(self, number: OriginationIdentity) -> None:
        with CaptureQueriesContext(connection) as queries:
            outbox.queue_for_all(cast(), [ANN, BOB], bodies={ANN: "Hola", BOB: "Hola"})
        assert sum(one["sql"].startswith("INSERT") for one in queries) == 1
