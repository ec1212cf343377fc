"""The guard: one query for a batch of any size, and the latest word decides."""

from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging import clock
from messaging.inbound import routing
from messaging.models import Keyword, OriginationIdentity, OutboundMessage, Status
from messaging.outbound import guards, leases, outbox
from messaging.privacy.names import Person
from optout import keeping, ledger, selectors
from optout.guard import Consent as Guard
from optout.ledger import Entry
from optout.models import Consent, ConsentEvent
from tests.messaging.factories import ANN, BOB, OUR_NUMBER, queued, received, standing

OTHER_NUMBER = "+14255550109"
_NOON = datetime(2026, 1, 21, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def _say(action: str, minute: int = 0, **fields: Any) -> None:
    values: dict[str, Any] = {"phone_number": ANN, "origination_identity": OUR_NUMBER, "source": "sms"}
    values["occurred_at"] = _NOON + timedelta(minutes=minute)
    ledger.record(Entry(action=action, **values | fields))


def _refused(*pairs: tuple[str, str]) -> set[tuple[str, str]]:
    return set(Guard().refusals(pairs))


def test_who_has_said_nothing_is_texted() -> None:
    assert _refused((ANN, OUR_NUMBER)) == set()


def test_an_opt_out_holds_for_its_number_and_its_person() -> None:
    _say("opt_out")

    assert _refused((ANN, OUR_NUMBER), (ANN, OTHER_NUMBER), (BOB, OUR_NUMBER)) == {(ANN, OUR_NUMBER)}


def test_an_opt_in_afterwards_lifts_it() -> None:
    _say("opt_out")
    _say("opt_in", 1)

    assert _refused((ANN, OUR_NUMBER)) == set()


def test_an_opt_out_of_every_number_holds_for_each_and_a_later_opt_in_for_one() -> None:
    _say("opt_out", every_number=True)
    _say("opt_in", 1, origination_identity=OTHER_NUMBER)

    assert _refused((ANN, OUR_NUMBER), (ANN, OTHER_NUMBER)) == {(ANN, OUR_NUMBER)}


def test_a_later_opt_in_for_every_number_lifts_an_opt_out_of_one() -> None:
    _say("opt_out")
    _say("opt_in", 1, every_number=True)

    assert _refused((ANN, OUR_NUMBER)) == set()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("sms", "Opted out by text on 2026-01-21."),
        ("staff", "Opted out by staff on 2026-01-21."),
        ("api", "Opted out by another system on 2026-01-21."),
        ("web", "Opted out on the web page on 2026-01-21."),
        ("carrier", "Opted out as AWS told us on 2026-01-21."),
        ("import", "Opted out as imported on 2026-01-21."),
    ],
)
def test_the_reason_says_since_when_and_by_which_way(source: str, reason: str) -> None:
    _say("opt_out", source=source)

    assert Guard().refusals([(ANN, OUR_NUMBER)]) == {(ANN, OUR_NUMBER): reason}


def test_a_hundred_thousand_recipients_are_one_query_more_than_a_few() -> None:
    people = [f"+1425{number:07}" for number in range(100_000)]
    out, back, all_numbers = people[::1000], people[1::1000], people[2::1000]
    since = {"since": _NOON, "latest_at": _NOON, "source": "sms"}
    Consent.objects.bulk_create(
        [
            *(Consent(phone_number=one, origination_identity=OUR_NUMBER, state="opted_out", **since) for one in out),
            *(Consent(phone_number=one, origination_identity=OUR_NUMBER, state="opted_in", **since) for one in back),
            *(Consent(phone_number=one, origination_identity="", state="opted_out", **since) for one in all_numbers),
        ]
    )

    with CaptureQueriesContext(
        connection,
    ) as queries:
        refused = _refused(*((one, OUR_NUMBER) for one in people))

    assert len(queries) == 4
    assert refused == {(one, OUR_NUMBER) for one in [*out, *all_numbers]}


def test_the_carriers_refusal_is_recorded_as_of_the_call(number: object) -> None:
    _say("opt_in")
    message = standing(Status.SENDING, seconds_ago=5)

    guards.carrier_opted_out(message)
    guards.carrier_opted_out(message)

    event = ConsentEvent.objects.get(source="carrier")
    assert (event.phone_number, event.origination_identity, event.action) == (ANN, OUR_NUMBER, "opt_out")
    assert event.occurred_at == message.attempted_at
    assert _refused((ANN, OUR_NUMBER)) == {(ANN, OUR_NUMBER)}


def test_a_text_to_somebody_opted_out_is_suppressed_when_it_is_queued(number: object) -> None:
    _say("opt_out")

    message = queued()

    assert (message.status, message.error_reason) == (Status.SUPPRESSED, "Opted out by text on 2026-01-21.")


@pytest.mark.django_db(transaction=True)
def test_one_look_suppresses_all_that_waits_for_somebody(number: OriginationIdentity) -> None:
    """A lane of one text a second would else take minutes for what waits, and the others wait with it."""
    for _ in range(30):
        queued(ANN)
    queued(BOB)
    _say("opt_out")
    now = clock.now()
    leases.take(OUR_NUMBER, "drainer", now)

    lease = timedelta(seconds=5)
    limits = {"most_rows": 1, "most_parts": 1, "most_parts_of_first": 1}
    assert outbox.claim(OUR_NUMBER, owner="drainer", lease=lease, now=now, **limits) == []
    claimed = outbox.claim(OUR_NUMBER, owner="drainer", lease=lease, now=now, **limits)

    assert OutboundMessage.objects.filter(status=Status.SUPPRESSED, destination_phone_number=ANN).count() == 30
    assert [message.destination_phone_number for message in claimed] == [BOB]


class TestATextThatIsStoredAndNotRouted:
    """The webhook has answered 200: from then on it counts, however far behind the routing is."""

    def test_a_stop_counts(self, number: OriginationIdentity) -> None:
        received("stop please")

        assert Guard().refusals([(ANN, OUR_NUMBER), (ANN, OTHER_NUMBER), (BOB, OUR_NUMBER)]) == {
            (ANN, OUR_NUMBER): f"Opted out by text on {clock.now():%Y-%m-%d}."
        }

    def test_a_stop_all_counts_for_every_number(self) -> None:
        received("STOPALL")

        assert _refused((ANN, OUR_NUMBER), (ANN, OTHER_NUMBER)) == {(ANN, OUR_NUMBER), (ANN, OTHER_NUMBER)}

    def test_a_word_of_staff_counts(self) -> None:
        Keyword.objects.create(word="BASTA", action="opt_out")
        received("basta")

        assert _refused((ANN, OUR_NUMBER)) == {(ANN, OUR_NUMBER)}

    def test_a_join_counts(self) -> None:
        _say("opt_out")
        received("join")

        assert _refused((ANN, OUR_NUMBER)) == set()

    def test_of_several_the_latest_counts(self) -> None:
        now = clock.now()
        received("STOP", received_at=now)
        received("JOIN", received_at=now - timedelta(minutes=1))

        assert _refused((ANN, OUR_NUMBER)) == {(ANN, OUR_NUMBER)}

    def test_one_older_than_what_is_recorded_does_not(self) -> None:
        _say("opt_in", 5)
        _say("opt_out", 5, origination_identity=OTHER_NUMBER)
        received("STOP", received_at=_NOON)

        assert _refused((ANN, OUR_NUMBER), (ANN, OTHER_NUMBER)) == {(ANN, OTHER_NUMBER)}

    @pytest.mark.parametrize("body", ["STOP", "STOPALL"])
    def test_one_older_than_a_join_does_not_either(self, body: str) -> None:
        _say("opt_in", 5)
        received(body, received_at=_NOON)

        assert _refused((ANN, OUR_NUMBER)) == set()

    @pytest.mark.parametrize("bodies", [("JOIN", "STOP"), ("STOP", "JOIN")])
    def test_in_the_same_instant_the_opt_out_counts(self, bodies: tuple[str, str]) -> None:
        for body in bodies:
            received(body, received_at=_NOON)

        assert _refused((ANN, OUR_NUMBER)) == {(ANN, OUR_NUMBER)}

    def test_the_words_of_staff_are_read_once_for_all_texts(self) -> None:
        Keyword.objects.create(word="BASTA", action="opt_out")
        people = [f"+1425555{number:04}" for number in range(30)]
        for person in people:
            received("basta" if person == people[7] else "yes", sender=person)

        with CaptureQueriesContext(connection) as queries:
            assert _refused(*((person, OUR_NUMBER) for person in people)) == {(people[7], OUR_NUMBER)}

        assert len(queries) == 4

    @pytest.mark.parametrize("body", ["yes", "stop by at 5", ""])
    def test_anything_else_does_not(self, body: str) -> None:
        received(body)

        assert _refused((ANN, OUR_NUMBER)) == set()

    def test_one_that_is_routed_is_the_ledgers_alone(self, number: OriginationIdentity) -> None:
        received("STOP")
        routing.route_waiting()
        _say("opt_in", occurred_at=clock.now())

        assert _refused((ANN, OUR_NUMBER)) == set()

    def test_it_is_as_many_queries_as_for_one_who_said_so_on_record(self) -> None:
        _say("opt_out", phone_number=BOB)
        received("STOP")

        with CaptureQueriesContext(connection) as queries:
            assert _refused((ANN, OUR_NUMBER), (BOB, OUR_NUMBER)) == {(ANN, OUR_NUMBER), (BOB, OUR_NUMBER)}

        assert len(queries) == 3


def test_nobody_who_spoke_is_one_query() -> None:
    with CaptureQueriesContext(connection) as queries:
        assert _refused(*((f"+1425555{number:04}", OUR_NUMBER) for number in range(30))) == set()

    assert len(queries) == 1


MANY = [(f"+1425556{number:04}", OUR_NUMBER) for number in range(300)]


def test_of_many_people_those_are_found_who_were_erased_after_they_had_opted_out() -> None:
    _say("opt_out")
    _say("opt_out", phone_number=BOB)
    keeping.keep_without_number(Person(ANN))

    assert _refused(*MANY, (ANN, OUR_NUMBER), (BOB, OUR_NUMBER)) == {(ANN, OUR_NUMBER), (BOB, OUR_NUMBER)}
    assert _refused((ANN, OUR_NUMBER)) == {(ANN, OUR_NUMBER)}


@pytest.mark.parametrize(("erased", "asked"), [(False, 2), (True, 3)])
def test_of_many_people_hashes_are_looked_for_only_where_there_are_any(erased: bool, asked: int) -> None:
    _say("opt_out")
    if erased:
        keeping.keep_without_number(Person(ANN))

    with CaptureQueriesContext(connection) as queries:
        assert _refused(*MANY) == set()

    assert len(queries) == asked


@pytest.mark.parametrize("question", ["_SPOKE.rows", "_SOMEBODY_IS_KEPT.any"])
def test_whoever_is_erased_just_before_a_question_is_found(monkeypatch: pytest.MonkeyPatch, question: str) -> None:
    _say("opt_out")
    ask = attrgetter(question)(selectors)
    erased = list[int]()

    def erased_before(**values: Any) -> Any:
        if not erased:
            erased.append(keeping.keep_without_number(Person(ANN)))
        return ask(**values)

    monkeypatch.setattr(f"optout.selectors.{question}", erased_before)
    assert _refused(*MANY, (ANN, OUR_NUMBER)) == {(ANN, OUR_NUMBER)}
    assert erased


def test_whether_anybody_is_kept_is_asked_of_an_index() -> None:
    since = {"since": _NOON, "latest_at": _NOON, "source": "sms"}
    Consent.objects.bulk_create(
        Consent(phone_number=f"+1425{n:07}", origination_identity=OUR_NUMBER, state="opted_out", **since)
        for n in range(5_000)
    )
    with CaptureQueriesContext(connection) as queries, connection.cursor() as cursor:
        cursor.execute("ANALYZE optout_consent")
        assert not selectors._SOMEBODY_IS_KEPT.any()
        explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
        cursor.execute(explain + queries[-1]["sql"].replace("%", "%%"), [])
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    assert "optout_one_state_each" in plan or "optout_opted_out" in plan
    assert "SCAN" not in plan
    assert "Seq Scan" not in plan
