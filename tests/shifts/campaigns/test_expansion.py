"""Everybody of the segment has exactly one row, whatever happens on the way."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection

from messaging import wakeups
from messaging.models import OriginationIdentity, OutboundMessage
from messaging.outbound import guards
from messaging.outbound.outbox import queue_for_all
from shifts import campaigns
from shifts.campaigns import audience, create, expansion, lifecycle
from shifts.campaigns.expansion import expand_some
from shifts.models import Campaign, Employee, Segment, SegmentMember, Status
from tests.messaging.factories import ANN, OUR_NUMBER
from tests.redis_server import RedisServer
from tests.shifts.campaigns.conftest import (
    ask,
    claim,
    crowd,
    expand,
    fresh,
    peak,
    person,
    rows,
    says_stop,
    sent_to,
    statuses,
)
from tests.shifts.factories import campaign, employee, segment
from tests.together import together
from tests.workers import BASE, until, worker_process

pytestmark = pytest.mark.django_db

FIRST = person(2_000_000)


class Crash(Exception):
    pass


@pytest.fixture
def threes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three members in a transaction."""
    monkeypatch.setattr(audience, "CHUNK", 3)


@contextmanager
def crash_at(statement: int, beginning: str) -> Iterator[None]:
    """The database fails at the n-th statement that begins so, after it was done."""
    seen = 0

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal seen
        done = execute(sql, params, many, context)
        if sql.startswith(beginning):
            seen += 1
            if seen == statement:
                raise Crash
        return done

    with connection.execute_wrapper(watch), pytest.raises(Crash):
        yield


def once_each(count: int) -> None:
    """Each of the crowd has one row."""
    to = sorted(rows().values_list("destination_phone_number", flat=True))
    assert to == [person(2_000_000 + place) for place in range(count)]


class TestWhoGetsARow:
    def test_everybody_with_the_text_from_our_number(self, nurses: Segment) -> None:
        create(ask(), actor="hr")
        expand()
        once_each(4)
        row = rows()[0]
        assert (row.status, row.priority, row.delivery_policy) == ("queued", 30, "at_most_once")
        assert (row.message_type, row.origination_identity, row.actor) == ("PROMOTIONAL", OUR_NUMBER, "hr")
        assert (row.idempotency_key, row.expects_reply) == (f"campaign:july:{FIRST}", True)
        assert row.body == Campaign.objects.get().text

    def test_from_the_number_that_was_asked_for(self, nurses: Segment) -> None:
        OriginationIdentity.objects.create(identity="+14255550101", kind="ten_dlc", mps=1)
        create(ask(origination_identity="+14255550101"), actor="hr")
        expand()
        assert set(rows().values_list("origination_identity", flat=True)) == {"+14255550101"}

    def test_nobody_of_another_segment(self, nurses: Segment) -> None:
        crowd(2, begin=0, name="Day nurses")
        crowd(1, begin=2_000_004)
        create(ask(), actor="hr")
        expand()
        once_each(5)

    def test_who_must_not_be_texted_has_a_row_that_says_why(self, nurses: Segment) -> None:
        employee("+14255550111", approved=False, segments=[nurses])
        employee("+14255550112", approved=False, segments=[nurses])
        says_stop(FIRST)
        says_stop("+14255550112")
        create(ask(), actor="hr")
        expand()
        refused = {row.destination_phone_number: row for row in rows(status="suppressed")}
        assert {number: row.error_code for number, row in refused.items()} == {
            FIRST: "GUARD",
            "+14255550111": "NOT_APPROVED",
            "+14255550112": "NOT_APPROVED",
        }
        assert "opted out" in refused[FIRST].error_reason.lower()
        assert "must be approved" in refused["+14255550111"].error_reason
        assert all(row.ended_at and not row.attempted_at for row in refused.values())
        assert rows(status="queued").count() == 3

    def test_those_who_join_later_have_none_and_those_who_leave_before_their_turn_neither(
        self, number: OriginationIdentity, threes: None
    ) -> None:
        sent_to(6)
        assert expand_some("july")
        crowd(2, begin=3_000_000)
        SegmentMember.objects.filter(employee__contact__phone_number=person(2_000_004)).delete()
        expand()
        to = set(rows().values_list("destination_phone_number", flat=True))
        assert to == {person(2_000_000 + place) for place in (0, 1, 2, 3, 5)}

    def test_also_when_the_whole_segment_has_left(self, number: OriginationIdentity) -> None:
        row = sent_to(3)
        SegmentMember.objects.all().delete()
        expand()
        assert (rows().count(), fresh(row).expanded_at is not None) == (0, True)

    def test_an_employee_in_several_segments_is_texted_by_each_campaign(self, nurses: Segment) -> None:
        SegmentMember.objects.create(
            segment=Segment.objects.create(name="Day"), employee=Employee.objects.earliest("id")
        )
        for name in ("Day", "Night nurses"):
            create(ask(name[:3], segment=name), actor="hr")
            expand(name[:3])
        assert OutboundMessage.objects.filter(destination_phone_number=FIRST).count() == 2

    @pytest.mark.parametrize("status", [status for status in Status if status != Status.SENDING])
    def test_nothing_is_made_of_what_is_not_being_sent(self, nurses: Segment, status: Status) -> None:
        campaign(status=status, last_member=10**6)
        assert not expand_some("july")
        assert not rows().exists()


class TestSteps:
    def test_a_chunk_at_a_time(self, number: OriginationIdentity, threes: None) -> None:
        row = sent_to(7)
        for made, more in ((3, True), (6, True), (7, False)):
            assert expand_some("july") is more
            assert rows().count() == made
            assert (fresh(row).expanded_at is None) is more

    def test_a_last_chunk_that_is_full_is_not_the_end(self, number: OriginationIdentity, threes: None) -> None:
        sent_to(6)
        assert expand() == 3
        once_each(6)

    def test_the_statements_do_not_grow_with_the_people(
        self, number: OriginationIdentity, django_assert_max_num_queries: Any
    ) -> None:
        sent_to(500)
        with django_assert_max_num_queries(13):
            expand_some("july")
        assert rows().count() == 500

    def test_paused_between_two_chunks_it_goes_on_where_it_was(self, number: OriginationIdentity, threes: None) -> None:
        sent_to(7)
        expand_some("july")
        campaigns.pause("july", actor="hr")
        assert not expand_some("july")
        assert rows().count() == 3
        campaigns.resume("july", actor="hr")
        expand()
        once_each(7)

    def test_cancelled_between_two_chunks_it_makes_no_more(self, number: OriginationIdentity, threes: None) -> None:
        sent_to(7)
        expand_some("july")
        campaigns.cancel("july", actor="hr")
        assert not expand_some("july")
        assert rows().count() == 3


class TestTwice:
    def test_run_again_when_all_is_done(self, nurses: Segment) -> None:
        create(ask(), actor="hr")
        expand()
        assert not expand_some("july")
        once_each(4)

    def test_should_the_cursor_be_lost_the_keys_make_no_second_row(
        self, number: OriginationIdentity, threes: None
    ) -> None:
        sent_to(7)
        expand()
        claim(2)
        before = statuses()
        Campaign.objects.update(cursor=0, expanded_at=None)
        expand()
        once_each(7)
        assert statuses() == before, "the rows that are there are left alone"

    def test_and_who_said_stop_meanwhile_gets_no_second_row_either(self, number: OriginationIdentity) -> None:
        sent_to(2)
        expand()
        says_stop(FIRST)
        Campaign.objects.update(cursor=0, expanded_at=None)
        expand()
        once_each(2)


class TestCrash:
    pytestmark = pytest.mark.django_db(transaction=True)

    @pytest.mark.parametrize("insert", [1, 2, 3])
    def test_in_the_middle_of_a_chunk_nothing_of_it_is_left(
        self, number: OriginationIdentity, threes: None, insert: int
    ) -> None:
        """The second chunk is made of three statements: texts, a STOP, somebody not approved."""
        row = sent_to(8)
        Employee.objects.filter(contact__phone_number=person(2_000_004)).update(approved=False)
        says_stop(person(2_000_005))
        expand_some("july")
        cursor = fresh(row).cursor
        with crash_at(insert, "INSERT INTO"):
            expand_some("july")
        assert rows().count() == 3
        assert fresh(row).cursor == cursor
        expand()
        once_each(8)
        assert rows(status="suppressed").count() == 2

    def test_after_the_rows_and_before_the_cursor(self, number: OriginationIdentity, threes: None) -> None:
        row = sent_to(8)
        with crash_at(1, 'UPDATE "shifts_campaign"'):
            expand_some("july")
        assert (rows().count(), fresh(row).cursor) == (0, 0)
        expand()
        once_each(8)

    @pytest.mark.crash
    def test_a_process_killed_with_rows_that_are_not_committed(
        self, number: OriginationIdentity, threes: None, redis_server: RedisServer
    ) -> None:
        sent_to(8)
        with _hanging_in_the_second_chunk(redis_server) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"in the middle\n"
            assert rows().count() == 3, "what is not committed nobody sees"
            process.kill()
            process.wait()
        # PostgreSQL notices in a moment that its client is gone.
        until(lambda: not expand_some("july") and fresh(Campaign.objects.get()).expanded_at)
        once_each(8)

    @pytest.mark.crash
    def test_a_worker_killed_between_two_chunks(self, number: OriginationIdentity, redis_server: RedisServer) -> None:
        count = 3 * audience.CHUNK
        crowd(count)
        for name in ("july", "again", "once more"):
            row = campaign(name, status="sending", last_member=audience.last_member(segment().pk))
            wakeups.wake_now("campaigns")
            with worker_process(redis_server, "slow") as worker:
                until(lambda name=name: rows(name).exists(), 60)  # type: ignore[misc]
                worker.kill()
                worker.wait()
            if fresh(row).expanded_at is None:
                break
        else:
            pytest.fail("It was killed too late to prove anything, three times.")
        assert rows(name).count() == fresh(row).cursor - SegmentMember.objects.earliest("id").pk + 1
        until(lambda: not expand_some(name) and fresh(row).expanded_at)
        assert rows(name).values("destination_phone_number").distinct().count() == rows(name).count() == count


@contextmanager
def _hanging_in_the_second_chunk(redis_server: RedisServer) -> Iterator[subprocess.Popen[bytes]]:
    """A process of its own that expands, and hangs in the second chunk with its rows made."""
    database = connection.settings_dict
    url = (
        f"sqlite:///{database['NAME']}"
        if connection.vendor == "sqlite"
        else django_settings.DATABASE_URL.replace("/postgres?", f"/{database['NAME']}?")
    )
    program = textwrap.dedent("""
        import django, time
        django.setup()
        from messaging.outbound.outbox import queue_for_all
        from shifts.campaigns import audience, expansion

        class Outbox:
            calls = 0
            def queue_for_all(self, *arguments):
                queue_for_all(*arguments)
                self.calls += 1
                if self.calls == 2:
                    print("in the middle", flush=True)
                    time.sleep(600)

        audience.CHUNK, expansion.outbox = 3, Outbox()
        while expansion.expand_some("july"):
            pass
    """)
    env = os.environ | {
        "DATABASE_URL": url,
        "REDIS_URL": redis_server.url,
        "SECRET_KEY": "for tests only",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    process = subprocess.Popen([sys.executable, "-c", program], cwd=BASE, env=env, stdout=subprocess.PIPE)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


class TestTogether:
    pytestmark = pytest.mark.django_db(transaction=True)

    def test_two_workers_at_once(self, number: OriginationIdentity, threes: None) -> None:
        row = sent_to(60)

        def work() -> None:
            while fresh(row).expanded_at is None:
                expand_some("july")

        together(work, work, work)
        once_each(60)

    def test_a_second_worker_does_not_wait_for_the_first(self, number: OriginationIdentity, threes: None) -> None:
        """Where rows are locked it goes on with other campaigns; SQLite has one writer, and no second transaction."""
        if connection.vendor == "sqlite":
            return
        from django.db import transaction

        sent_to(4)
        with transaction.atomic():
            Campaign.objects.select_for_update().get()
            assert together(lambda: expand_some("july")) == [False]
        assert not rows().exists()

    def test_two_who_queue_the_same_people_make_each_row_once(self, number: OriginationIdentity) -> None:
        row = sent_to(300)
        numbers = [person(2_000_000 + place) for place in range(300)]
        made = together(
            lambda: queue_for_all(expansion.broadcast(row), numbers),
            lambda: queue_for_all(expansion.broadcast(row), numbers),
        )
        assert sum(made) == 300
        once_each(300)


class TestConsent:
    def test_who_says_stop_after_the_rows_were_made_is_not_texted(self, nurses: Segment) -> None:
        create(ask(), actor="hr")
        expand()
        says_stop(FIRST)
        assert FIRST not in {message.destination_phone_number for message in claim()}
        assert rows().get(destination_phone_number=FIRST).status == "suppressed"

    def test_while_it_cannot_be_asked_who_opted_out_rows_are_made_and_wait(
        self, nurses: Segment, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        says_stop(FIRST)
        create(ask(), actor="hr")
        real = guards.refusals

        def away(pairs: Any) -> Any:
            with connection.cursor() as cursor:
                try:
                    cursor.execute("SELECT 1 FROM nowhere")
                except Exception as problem:
                    from messaging import registry

                    raise guards.CannotTell(registry.send_guards()[0], problem) from problem

        monkeypatch.setattr(guards, "refusals", away)
        expand()
        assert statuses() == ["queued"] * 4
        assert "could not be asked" in caplog.text
        monkeypatch.setattr(guards, "refusals", real)
        assert len(claim()) == 3
        assert rows().get(destination_phone_number=FIRST).status == "suppressed"


class TestNumberGone:
    def test_it_is_paused_and_says_why_and_can_be_resumed(self, nurses: Segment, threes: None) -> None:
        row, _ = create(ask(origination_identity=OUR_NUMBER), actor="hr")
        expand_some("july")
        OriginationIdentity.objects.update(active=False)
        assert not expand_some("july")
        row = fresh(row)
        assert (row.status, row.acts.last().actor) == ("paused", "")  # type: ignore[union-attr]
        assert f"{OUR_NUMBER} is not an active origination identity" in row.problem
        campaigns.resume("july", actor="hr")
        assert not expand_some("july"), "it still is"
        assert fresh(row).status == "paused"
        OriginationIdentity.objects.update(active=True)
        assert campaigns.resume("july", actor="hr").problem == ""
        expand()
        once_each(4)

    def test_a_number_that_nobody_can_answer_any_more_is_gone_too(self, nurses: Segment) -> None:
        row, _ = create(ask(), actor="hr")
        OriginationIdentity.objects.update(two_way=False)
        expand_some("july")
        assert fresh(row).status == "paused"
        assert not rows().exists()

    @pytest.mark.parametrize("status", ["paused", "cancelled"])
    def test_somebody_who_was_quicker_is_no_trouble(
        self, nurses: Segment, monkeypatch: pytest.MonkeyPatch, status: str
    ) -> None:
        create(ask(), actor="hr")
        OriginationIdentity.objects.update(active=False)
        real = lifecycle.pause

        def late(campaign_id: str, **how: Any) -> Campaign:
            Campaign.objects.update(status=status, ended_at=None if status == "paused" else row.created_at)
            return real(campaign_id, **how)

        row = Campaign.objects.get()
        monkeypatch.setattr(lifecycle, "pause", late)
        assert not expand_some("july")
        assert fresh(row).status == status


# Committed: of rows that are not, PostgreSQL's planner may think that there are none.
@pytest.mark.django_db(transaction=True)
# Each chunk is committed: a transaction around them all would keep what is to be done after its commit.
@pytest.mark.django_db(transaction=True)
def test_memory_does_not_grow_with_the_segment(number: OriginationIdentity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audience, "CHUNK", 1_000)
    for count, begin in ((1_000, 0), (2_000, 1_000_000), (8_000, 2_000_000)):
        crowd(count, begin=begin, name=f"{count}")
    # What is made once in a process is made by the first.
    peak(1_000)
    assert peak(8_000) < 1.3 * peak(2_000)


def test_somebody_unknown_to_the_segment_is_not_touched(nurses: Segment) -> None:
    create(ask(), actor="hr")
    expand()
    assert not OutboundMessage.objects.filter(destination_phone_number=ANN).exists()
