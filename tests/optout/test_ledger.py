"""The ledger: append-only, each occasion once, and a state that always follows from it."""

import random
import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from messaging import clock
from messaging.models import OriginationIdentity
from messaging.outbound import guards
from optout import ledger, rebuilding, selectors, standing
from optout.ledger import Entry
from optout.models import EVERY_NUMBER, Consent, ConsentEvent, Immutable
from optout.standing import Said, Standing
from tests.messaging.factories import ANN, BOB, OUR_NUMBER
from tests.together import together

OTHER_NUMBER = "+14255550109"
_NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def _entry(action: str = "opt_out", minute: int = 0, **fields: Any) -> Entry:
    values: dict[str, Any] = {
        "phone_number": ANN,
        "origination_identity": OUR_NUMBER,
        "source": "sms",
        "occurred_at": _NOON + timedelta(minutes=minute),
    }
    return Entry(action=action, **values | fields)


def _state(phone_number: str = ANN, identity: str = OUR_NUMBER) -> str:
    stands = selectors.standing_with(phone_number, identity)
    return stands.state if stands else "none"


@pytest.mark.django_db
class TestRecording:
    def test_an_event_keeps_all_that_was_given(self) -> None:
        recorded = ledger.record(
            _entry(word="STOP", actor="ann", reason="asked at the desk", source="staff", key="desk:1")
        )

        event = ConsentEvent.objects.get()
        assert recorded.event == event
        assert (event.phone_number, event.origination_identity, event.action) == (ANN, OUR_NUMBER, "opt_out")
        assert (event.word, event.source, event.actor, event.reason) == ("STOP", "staff", "ann", "asked at the desk")
        assert event.occurred_at == _NOON
        assert event.recorded_at > _NOON - timedelta(days=3650)

    def test_the_same_occasion_is_recorded_once(self) -> None:
        first = ledger.record(_entry(key="inbound:1"))
        again = ledger.record(_entry(key="inbound:1"))

        assert (first.changed, again.changed) == (True, False)
        assert again.event == first.event
        assert ConsentEvent.objects.count() == 1

    def test_saying_it_again_is_kept_and_changes_nothing(self) -> None:
        ledger.record(_entry(minute=0))
        again = ledger.record(_entry(minute=1))

        assert not again.changed
        assert ConsentEvent.objects.count() == 2
        stands = selectors.standing_with(ANN, OUR_NUMBER)
        assert stands
        assert (stands.since, stands.latest_at) == (_NOON, _NOON + timedelta(minutes=1))

    def test_stop_on_one_number_leaves_the_other(self) -> None:
        ledger.record(_entry())

        assert _state() == "opted_out"
        assert _state(identity=OTHER_NUMBER) == "none"
        assert _state(BOB) == "none"

    def test_an_older_stop_after_a_newer_join_does_not_win(self) -> None:
        ledger.record(_entry("opt_in", minute=5))
        late = ledger.record(_entry("opt_out", minute=1))

        assert not late.changed
        assert _state() == "opted_in"

    def test_local_time_is_no_sort_key(self) -> None:
        """The published sample sorted by a local time without zone: 10:30 in New York is later than 11:00 in Berlin."""
        berlin = datetime.fromisoformat("2026-11-21T11:00:00+01:00")
        new_york = datetime.fromisoformat("2026-11-21T10:30:00-05:00")
        ledger.record(_entry("opt_in", occurred_at=new_york))
        ledger.record(_entry("opt_out", occurred_at=berlin))

        assert _state() == "opted_in"

    def test_every_number_means_later_ones_too(self) -> None:
        recorded = ledger.record(_entry(every_number=True, word="STOPALL"))

        assert recorded.changed
        assert [_state(identity=one) for one in (OUR_NUMBER, OTHER_NUMBER, "+14255550999")] == ["opted_out"] * 3

    def test_join_after_stop_all_brings_one_number_back(self) -> None:
        ledger.record(_entry(every_number=True))
        back = ledger.record(_entry("opt_in", minute=1, origination_identity=OTHER_NUMBER))

        assert back.changed
        assert (_state(identity=OTHER_NUMBER), _state()) == ("opted_in", "opted_out")

    def test_since_is_when_it_became_so_whichever_event_did_it(self) -> None:
        ledger.record(_entry("opt_in", 0))
        ledger.record(_entry("opt_out", 1, every_number=True))
        ledger.record(_entry("opt_in", 2))

        stands = selectors.standing_with(ANN, OUR_NUMBER)
        assert stands
        assert (stands.state, stands.since) == ("opted_in", _NOON + timedelta(minutes=2))

    def test_stop_all_on_another_number_is_a_change_for_one_that_had_come_back(self) -> None:
        ledger.record(_entry(every_number=True))
        ledger.record(_entry("opt_in", 1))
        again = ledger.record(_entry(minute=2, every_number=True, origination_identity=OTHER_NUMBER))

        assert again.changed
        assert _state() == "opted_out"

    @pytest.mark.parametrize("scope", [OUR_NUMBER, EVERY_NUMBER])
    def test_a_state_that_was_lost_is_told_by_the_ledger(self, scope: str) -> None:
        every = scope == EVERY_NUMBER
        ledger.record(_entry("opt_in", 5, every_number=every))
        Consent.objects.all().delete()

        ledger.record(_entry("opt_out", 1, every_number=every))

        assert _state() == "opted_in"

    def test_conversations_are_told_of_an_opt_out_that_changes_something(self, monkeypatch: pytest.MonkeyPatch) -> None:
        told: list[tuple[str, str, str]] = []
        monkeypatch.setattr(guards, "tell_opted_out", lambda *what: told.append(what))
        ledger.record(_entry())
        ledger.record(_entry(minute=1))
        ledger.record(_entry("opt_in", 2))
        ledger.record(_entry(minute=3, every_number=True))

        why = f"Opted out by text on {_NOON:%Y-%m-%d}."
        assert told == [(ANN, OUR_NUMBER, why), (ANN, EVERY_NUMBER, why)]

    def test_a_late_stop_all_changes_other_numbers_and_not_one_that_has_come_back(
        self, monkeypatch: pytest.MonkeyPatch, number: OriginationIdentity
    ) -> None:
        told: list[str] = []
        monkeypatch.setattr(guards, "tell_opted_out", lambda _, identity, __: told.append(identity))
        OriginationIdentity.objects.create(identity=OTHER_NUMBER, kind="ten_dlc", mps=1)
        ledger.record(_entry("opt_in", 5))

        late = ledger.record(_entry(minute=1, every_number=True))

        assert not late.changed, "nobody is told that this number is stopped, which it is not"
        assert (_state(), _state(identity=OTHER_NUMBER)) == ("opted_in", "opted_out")
        assert told == [OTHER_NUMBER]

    def test_stop_after_stop_all_is_no_change(self) -> None:
        ledger.record(_entry(every_number=True))

        assert not ledger.record(_entry(minute=1)).changed

    def test_stop_all_after_stop_is_a_change_for_other_numbers(self) -> None:
        ledger.record(_entry())

        assert ledger.record(_entry(minute=1, every_number=True)).changed

    @pytest.mark.parametrize("every_number", [False, True])
    @pytest.mark.parametrize("ahead_on", [OUR_NUMBER, OTHER_NUMBER])
    def test_whoever_acts_now_acts_after_what_is_known_even_if_our_clock_is_slow(
        self, every_number: bool, ahead_on: str
    ) -> None:
        ahead = clock.now() + timedelta(seconds=20)
        ledger.record(_entry("opt_out", occurred_at=ahead, origination_identity=ahead_on))

        recorded = ledger.record(_entry("opt_in", occurred_at=None, source="web", every_number=every_number))

        assert recorded.changed
        assert _state() == "opted_in"
        assert _state(identity=ahead_on) == ("opted_in" if every_number or ahead_on == OUR_NUMBER else "opted_out")
        assert recorded.event.recorded_at < ahead

    def test_an_event_concerns_some_number(self) -> None:
        with pytest.raises(DatabaseError), transaction.atomic():
            ledger.record(_entry(origination_identity=""))


@pytest.mark.django_db(transaction=True)
class TestTheSameInstant:
    def test_of_two_first_words_the_later_in_time_decides(self) -> None:
        for number in range(12):
            person = f"+1425555{number:04}"
            together(
                partial(ledger.record, _entry("opt_in", 2, phone_number=person)),
                partial(ledger.record, _entry("opt_out", 1, phone_number=person)),
                partial(ledger.record, _entry("opt_out", 0, phone_number=person, every_number=True)),
            )

            assert _state(person) == "opted_in"
        assert list(rebuilding.differences()) == []

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer: nothing can come between")
    def test_a_stop_while_the_states_are_rebuilt_is_not_undone(self, monkeypatch: pytest.MonkeyPatch) -> None:
        ledger.record(_entry("opt_in"))
        Consent.objects.update(source="web")
        reading, recorded = threading.Event(), threading.Event()
        told = standing.told

        def slowly(events: Iterable[Said]) -> Standing | None:
            found = told(events)
            if threading.current_thread().name == "mender":
                reading.set()
                recorded.wait(1)
            return found

        def mend() -> None:
            threading.current_thread().name = "mender"
            ledger.put_right(ANN, OUR_NUMBER)

        def stop() -> None:
            reading.wait(10)
            ledger.record(_entry(minute=1))
            recorded.set()

        monkeypatch.setattr(standing, "told", slowly)
        together(mend, stop)

        assert _state() == "opted_out"

    def test_a_redelivery_at_once_is_recorded_once_and_changes_once(self) -> None:
        for number in range(12):
            same = _entry(phone_number=f"+1425555{number:04}", key=f"inbound:{number}")
            recorded = together(*[partial(ledger.record, same)] * 3)

            assert sorted(one.changed for one in recorded) == [False, False, True]
        assert ConsentEvent.objects.count() == 12


@pytest.mark.django_db
class TestAppendOnly:
    def test_the_model_refuses(self) -> None:
        event = ledger.record(_entry()).event

        for change in (event.save, event.delete, ConsentEvent.objects.all().delete):
            with pytest.raises(Immutable):
                change()
        with pytest.raises(Immutable):
            ConsentEvent.objects.update(action="opt_in")

    def test_the_database_refuses(self) -> None:
        ledger.record(_entry())

        refused = pytest.raises(DatabaseError, match="append-only")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE optout_consentevent SET action = 'opt_in'")
        assert ConsentEvent.objects.get().action == "opt_out"

    @pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite's trigger lets Django empty a test's tables")
    def test_the_database_refuses_to_delete(self) -> None:
        ledger.record(_entry())

        refused = pytest.raises(DatabaseError, match="append-only")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM optout_consentevent")


_HISTORY = st.lists(
    st.tuples(
        st.sampled_from(["opt_out", "opt_in"]),
        st.integers(0, 3),
        st.sampled_from([ANN, BOB]),
        st.sampled_from([OUR_NUMBER, OTHER_NUMBER]),
        st.booleans(),
    ),
    max_size=8,
)


class TestTheOrderOfArrival(TestCase):
    @settings(max_examples=25, deadline=None)
    @given(_HISTORY, st.randoms(use_true_random=False))
    def test_never_counts(self, history: list[tuple[str, int, str, str, bool]], shuffle: random.Random) -> None:
        ends = []
        for number in range(2):
            for action, minute, phone_number, identity, every in history:
                # A history of its own, by other people: the ledger is never emptied.
                entry = _entry(
                    action,
                    minute,
                    phone_number=f"{phone_number}{number}",
                    origination_identity=identity,
                    every_number=every,
                )
                ledger.record(entry)
            ends.append(
                {
                    (row.phone_number[:-1], row.origination_identity): ledger.standing_of(row)
                    for row in Consent.objects.filter(
                        phone_number__endswith=str(number), phone_number__in=[f"{ANN}{number}", f"{BOB}{number}"]
                    )
                }
            )
            shuffle.shuffle(history)

        assert ends[0] == ends[1]
        assert list(rebuilding.differences()) == []


def _rebuild(**options: Any) -> str:
    out = StringIO()
    call_command("rebuild_consent", stdout=out, **options)
    return out.getvalue()


@pytest.mark.django_db
class TestRebuilding:
    def _history(self) -> None:
        for phone_number in (ANN, BOB):
            ledger.record(_entry(phone_number=phone_number))
            ledger.record(_entry("opt_in", 1, phone_number=phone_number))
        ledger.record(_entry(minute=2, every_number=True))

    def test_says_that_all_is_equal(self) -> None:
        self._history()

        assert _rebuild(check=True) == "5 events, 3 states: equal.\n"

    def test_finds_and_mends_what_differs(self) -> None:
        self._history()
        Consent.objects.filter(phone_number=BOB).update(state="opted_out")
        Consent.objects.filter(phone_number=ANN, origination_identity=EVERY_NUMBER).delete()
        Consent.objects.create(
            phone_number="+14255550199",
            origination_identity=OUR_NUMBER,
            state="opted_out",
            since=_NOON,
            latest_at=_NOON,
            source="sms",
        )

        with pytest.raises(CommandError, match="States that differ from the ledger: 3"):
            _rebuild(check=True)
        assert Consent.objects.filter(phone_number=BOB, state="opted_out").exists()
        said = _rebuild()

        assert f"{BOB} and {OUR_NUMBER}: the ledger says opted_in" in said
        assert f"{ANN} and every number: the ledger says opted_out" in said
        assert "+14255550199 and " in said
        assert said.endswith("5 events, 3 states: equal. Mended: 3.\n")
        assert _rebuild(check=True) == "5 events, 3 states: equal.\n"
        assert (_state(), _state(BOB)) == ("opted_out", "opted_in")

    def test_without_tables_it_says_what_to_do(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE optout_consentevent RENAME TO away")

        with pytest.raises(CommandError, match="Set the same DATABASE_URL") as refused:
            _rebuild(check=True)

        assert refused.value.returncode == 2, "1 means that something differs"

    def test_from_nothing_but_the_ledger(self) -> None:
        self._history()
        Consent.objects.all().delete()

        assert _rebuild().endswith("5 events, 3 states: equal. Mended: 3.\n")
        assert (_state(), _state(BOB)) == ("opted_out", "opted_in")
