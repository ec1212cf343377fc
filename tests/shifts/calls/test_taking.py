"""Staff call people back: one of them takes a call back, calls, and says what came of it."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from messaging import clock
from messaging.models import OutboundMessage
from shifts.calls import callbacks, people
from shifts.models import CallAttempt, CallBack
from tests.messaging.factories import ANN, BOB
from tests.moving import MovableTime
from tests.shifts.calls.conftest import asked, noted
from tests.together import together

Outcome = CallAttempt.Outcome


def outcomes() -> list[tuple[str, str]]:
    return list(CallAttempt.objects.order_by("pk").values_list("actor", "outcome"))


def refused(act: Callable[..., Any], pk: int, **options: Any) -> str:
    with pytest.raises(callbacks.NotAllowed) as caught:
        act(pk, **options)
    return str(caught.value)


@pytest.mark.django_db
class TestOneAfterTheOther:
    def test_who_takes_it_has_it_and_nobody_else_may(self, time: MovableTime) -> None:
        row = callbacks.take(noted().pk, actor="olga")
        assert (row.status, row.taken_by) == ("taken", "olga")
        assert not callbacks.queue().exists()
        assert list(callbacks.open_for_staff()) == [row]
        assert "olga is calling them, since" in refused(callbacks.take, row.pk, actor="otto")
        assert outcomes() == [("olga", "")]

    def test_taking_it_again_changes_nothing(self, time: MovableTime) -> None:
        row = callbacks.take(noted().pk, actor="olga")
        time.forward(60)
        assert callbacks.take(row.pk, actor="olga").taken_at == row.taken_at
        assert outcomes() == [("olga", "")]

    def test_they_were_reached(self, time: MovableTime) -> None:
        row = callbacks.take(noted().pk, actor="olga")
        row = callbacks.called(row.pk, actor="olga", note="Comes at six")
        assert (row.status, row.closed_by, row.note, row.taken_by, row.free_at) == (
            "closed", "olga", "Comes at six", "", None,
        )  # fmt: skip
        attempt = CallAttempt.objects.get()
        assert (attempt.outcome, attempt.note) == ("called", "Comes at six")
        assert attempt.ended_at == pytest.approx(row.ended_at, abs=timedelta(seconds=1))
        assert not OutboundMessage.objects.exists(), "nobody is texted"

    def test_they_were_not_reached_and_wait_until_a_time(self, time: MovableTime) -> None:
        row = callbacks.take(noted().pk, actor="olga")
        again_at = clock.now() + timedelta(minutes=15)
        row = callbacks.not_reached(row.pk, actor="olga", note="Rang long", again_at=again_at)
        assert (row.status, row.free_at, row.note) == ("waiting", again_at, "")
        assert not callbacks.queue().exists()
        assert "are to be tried again at" in refused(callbacks.take, row.pk, actor="otto")
        time.forward(15 * 60 + 1)
        assert list(callbacks.queue()) == [row]
        callbacks.take(row.pk, actor="otto")
        callbacks.called(row.pk, actor="otto")
        assert outcomes() == [("olga", "not_reached"), ("otto", "called")]

    def test_it_is_given_up(self, time: MovableTime) -> None:
        row = callbacks.take(noted().pk, actor="olga")
        row = callbacks.not_reached(row.pk, actor="olga", note="Wrong number")
        assert (row.status, row.closed_by, row.note) == ("failed", "olga", "Wrong number")
        assert row.ended_at is not None
        assert "olga has closed it before" in refused(callbacks.take, row.pk, actor="otto")
        # Whoever texts AGENT again is called again.
        asked()
        assert CallBack.objects.filter(status="waiting").count() == 1

    def test_it_is_given_back(self, time: MovableTime) -> None:
        row = callbacks.take(noted().pk, actor="olga")
        assert callbacks.release(row.pk, actor="olga").status == "waiting"
        assert callbacks.take(row.pk, actor="otto").taken_by == "otto"
        assert outcomes() == [("olga", "released"), ("otto", "")]

    def test_nobody_has_it_for_ever(self, time: MovableTime) -> None:
        row = callbacks.take(noted().pk, actor="olga")
        time.forward(people.HOLDS.total_seconds() - 1)
        assert not callbacks.queue().exists()
        time.forward(2)
        assert list(callbacks.queue()) == [row]
        row = callbacks.take(row.pk, actor="otto")
        assert row.taken_by == "otto"
        assert outcomes() == [("olga", "lapsed"), ("otto", "")]
        lapsed = CallAttempt.objects.get(actor="olga")
        assert lapsed.ended_at == lapsed.begun_at + people.HOLDS
        assert "otto is calling them" in refused(callbacks.called, row.pk, actor="olga")

    def test_a_long_call_is_finished_if_nobody_else_has_taken_it(self, time: MovableTime) -> None:
        row = callbacks.take(noted().pk, actor="olga")
        time.forward(people.HOLDS.total_seconds() + 600)
        assert callbacks.called(row.pk, actor="olga").status == "closed"
        assert outcomes() == [("olga", "called")]

    @pytest.mark.parametrize("act", [callbacks.called, callbacks.not_reached, callbacks.release])
    def test_only_who_has_it_says_what_came_of_it(self, act: Callable[..., CallBack], time: MovableTime) -> None:
        row = noted()
        assert "You have not taken this call back." in refused(act, row.pk, actor="olga")
        callbacks.take(row.pk, actor="otto")
        assert "otto is calling them" in refused(act, row.pk, actor="olga")
        assert CallBack.objects.get().taken_by == "otto"
        with pytest.raises(CallBack.DoesNotExist):
            act(7777, actor="olga")

    @pytest.mark.parametrize("status", ["placing", "called", "closed"])
    def test_what_does_not_wait_cannot_be_taken(self, status: str) -> None:
        assert refused(callbacks.take, noted(status=status).pk, actor="olga")
        assert not CallAttempt.objects.exists()

    @pytest.mark.parametrize(("actor", "outcome"), [("olga", "called"), ("otto", "closed")])
    def test_closing_what_somebody_has_taken(self, actor: str, outcome: str, time: MovableTime) -> None:
        row = callbacks.take(noted().pk, actor="olga")
        row = callbacks.close(row.pk, actor=actor, note="Came by")
        assert (row.status, row.closed_by, row.taken_by) == ("closed", actor, "")
        assert outcomes() == [("olga", outcome)]

    def test_agent_again_while_somebody_calls_is_no_second_call_back(self, time: MovableTime) -> None:
        callbacks.take(noted().pk, actor="olga")
        asked()
        assert CallBack.objects.count() == 1

    def test_the_longest_waiting_is_first(self, time: MovableTime) -> None:
        late, early = noted(minute=5), noted(BOB, minute=1)
        assert list(callbacks.queue()) == [early, late]

    def test_the_queue_is_read_by_its_index(self) -> None:
        CallBack.objects.bulk_create(
            CallBack(
                phone_number=f"+1425{n:07}",
                inbound_message_id=f"i{n}",
                origination_identity="+1",
                status="closed",
                requested_at=clock.now(),
                ended_at=clock.now(),
                closed_by="olga",
            )
            for n in range(3000)
        )
        noted()
        # SQLite takes the index of statuses: it does not know the values when it plans.
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE shifts_callback")
        expected = "shifts_one_open_callback_each" if connection.vendor == "postgresql" else "shifts_callback_status"
        assert expected in callbacks.queue().explain()

    @pytest.mark.parametrize(
        "values",
        [
            {"status": "taken"},
            {"status": "taken", "taken_by": "olga", "taken_at": clock.now()},
            {"taken_by": "olga"},
            {"free_at": None, "taken_at": clock.now()},
            {"status": "failed"},
        ],
    )
    def test_the_database_refuses_halves(self, values: dict[str, Any]) -> None:
        row = noted()
        with pytest.raises(IntegrityError), transaction.atomic():
            CallBack.objects.filter(pk=row.pk).update(**values)


@pytest.mark.django_db(transaction=True)
class TestInTheSameInstant:
    def test_two_take_it_and_one_has_it(self) -> None:
        for n in range(5):
            pk = noted(f"+1425555040{n}").pk

            def take(actor: str, pk: int = pk) -> str:
                try:
                    return callbacks.take(pk, actor=actor).taken_by
                except callbacks.NotAllowed as problem:
                    return str(problem)

            answers = together(*(partial(take, actor) for actor in ("olga", "otto", "anna", "emil")))
            winner = CallBack.objects.get(pk=pk).taken_by
            assert answers.count(winner) == 1
            assert sum(f"{winner} is calling them" in answer for answer in answers) == 3
            assert CallAttempt.objects.filter(call_back=pk).count() == 1

    def test_one_whose_time_is_over_and_one_who_takes_it(self, time: MovableTime) -> None:
        for n in range(5):
            pk = callbacks.take(noted(f"+1425555040{n}").pk, actor="olga").pk
            time.forward(people.HOLDS.total_seconds() + 1)

            def finishes(pk: int = pk) -> str:
                try:
                    return callbacks.called(pk, actor="olga").status
                except callbacks.NotAllowed as problem:
                    return str(problem)

            def takes(pk: int = pk) -> str:
                try:
                    return callbacks.take(pk, actor="otto").status
                except callbacks.NotAllowed as problem:
                    return str(problem)

            answers = together(finishes, takes)
            row = CallBack.objects.get(pk=pk)
            assert row.status in answers
            assert (row.status == "closed") == any("olga has closed it before" in one for one in answers)
            assert (row.status == "taken") == any("otto is calling them" in one for one in answers)
            open_ = CallAttempt.objects.filter(call_back=pk, ended_at__isnull=True)
            assert [one.actor for one in open_] == (["otto"] if row.status == "taken" else [])

    def test_one_closes_what_another_takes(self) -> None:
        for n in range(5):
            pk = noted(f"+1425555040{n}").pk

            def takes(pk: int = pk) -> str:
                try:
                    return callbacks.take(pk, actor="otto").status
                except callbacks.NotAllowed:
                    return "refused"

            together(takes, partial(callbacks.close, pk, actor="olga"))
            row = CallBack.objects.get(pk=pk)
            assert (row.status, row.closed_by) == ("closed", "olga")
            assert not CallAttempt.objects.filter(call_back=pk, ended_at__isnull=True).exists()

    def test_two_attempts_at_once_are_refused_by_the_database(self) -> None:
        row = callbacks.take(noted(ANN).pk, actor="olga")
        with pytest.raises(IntegrityError), transaction.atomic():
            CallAttempt.objects.create(call_back=row, actor="otto", begun_at=clock.now())
