"""Opt-outs of imported lists: in the history, by the time that the list says, once, and never against a later word."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from messaging import clock
from messaging.models import OriginationIdentity, OutboundMessage, Status
from messaging.outbound import guards
from optout import ledger
from optout.guard import Consent as Guard
from optout.ledger import Entry
from optout.models import ConsentEvent
from shifts import roster
from shifts.models import Employee
from tests.messaging.factories import ANN, BOB, OUR_NUMBER, queued
from tests.moving import MovableTime
from tests.shifts.factories import employee

OTHER_NUMBER = "+14255550109"
AT = datetime(2020, 5, 4, 3, 2, 1, tzinfo=UTC)
BEFORE, AFTER = AT - timedelta(days=1), AT + timedelta(days=1)

pytestmark = pytest.mark.django_db


def _tell(at: datetime | None = AT, *people: str) -> None:
    guards.opted_out_elsewhere(dict.fromkeys(people or (ANN,), at), actor="olga", reason="A list says so.")


def _join(at: datetime) -> None:
    ledger.record(
        Entry(phone_number=ANN, origination_identity=OUR_NUMBER, action="opt_in", source="sms", occurred_at=at)
    )


def _out() -> set[str]:
    pairs = [(ANN, OUR_NUMBER), (ANN, OTHER_NUMBER), (BOB, OUR_NUMBER)]
    return {f"{'Ann' if who == ANN else 'Bob'} {ours[-3:]}" for who, ours in Guard().refusals(pairs)}


def test_it_is_an_event_for_every_number() -> None:
    _tell(AT, ANN, BOB)
    events = ConsentEvent.objects.order_by("phone_number")
    assert [one.phone_number for one in events] == [ANN, BOB]
    event = events[0]
    assert (event.source, event.action, event.every_number, event.origination_identity) == (
        "import", "opt_out", True, "",
    )  # fmt: skip
    assert (event.actor, event.reason, event.occurred_at) == ("olga", "A list says so.", AT)
    assert event.key == f"import:{ANN}:2020-05-04T03:02:01+00:00"
    assert _out() == {"Ann 100", "Ann 109", "Bob 100"}
    assert Guard().refusals([(ANN, OUR_NUMBER)]) == {(ANN, OUR_NUMBER): "Opted out as imported on 2020-05-04."}
    assert not OutboundMessage.objects.exists()


# what the list says and when Ann joined → who is out; a second import of the list changes nothing
@pytest.mark.parametrize(
    ("at", "joined", "out"),
    [
        (AT, BEFORE, {"Ann 100", "Ann 109"}),
        (AT, AFTER, {"Ann 109"}),
        (None, AFTER, {"Ann 100", "Ann 109"}),
        # A time to come must not outdo what is said until then.
        (datetime(2999, 1, 1, tzinfo=UTC), AFTER, {"Ann 100", "Ann 109"}),
    ],
)
def test_the_latest_word_in_time_wins(at: datetime | None, joined: datetime, out: set[str], time: MovableTime) -> None:
    _join(joined)
    _tell(at)
    assert _out() == out
    time.forward(60)
    _join(clock.now())
    assert _out() == {"Ann 109"}
    time.forward(60)
    _tell(at)
    assert _out() == {"Ann 109"}
    assert ConsentEvent.objects.filter(source="import").count() == 1


@pytest.mark.parametrize("at", [AT, AT.astimezone(timezone(timedelta(hours=2)))])
def test_the_same_instant_is_the_same_occasion(at: datetime) -> None:
    _tell(AT)
    _tell(at)
    assert ConsentEvent.objects.count() == 1


def test_a_later_list_with_a_later_time_counts_anew() -> None:
    _tell(BEFORE)
    _join(AT)
    assert _out() == {"Ann 109"}
    _tell(AFTER)
    assert _out() == {"Ann 100", "Ann 109"}


def test_a_list_that_was_recorded_is_one_query(django_assert_num_queries: object) -> None:
    people = [f"+1425{2_000_000 + number}" for number in range(30)]
    _tell(AT, *people)
    with django_assert_num_queries(1):  # type: ignore[operator]
        _tell(AT, *people)


def test_an_employee_whom_a_list_says_to_have_opted_out_is_not_texted(number: OriginationIdentity) -> None:
    employee(ANN)
    report = roster.run(f"ChannelType,Address,OptOut\nSMS,{ANN},ALL\nSMS,{BOB},ALL\n".encode(), segment="Night")
    assert report.opted_out == 2
    assert set(Employee.objects.values_list("approved", flat=True)) == {True}
    for who in (ANN, BOB):
        message = queued(who)
        assert (message.status, message.error_reason) == (
            Status.SUPPRESSED, f"Opted out as imported on {clock.now():%Y-%m-%d}.",
        )  # fmt: skip
