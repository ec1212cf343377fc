"""Campaigns in the whole house: begun at their time, sent to each once, whatever happens to Redis."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from incidents import lifecycle as incidents
from messaging import clock, redis
from messaging.models import OriginationIdentity, OutboundMessage
from messaging.outbound import outbox
from messaging.simulator import Simulator
from messaging.work import Lanes
from shifts.campaigns import audience, cancel, counts, create, edit, expansion, pause, resume, work
from shifts.campaigns.work import Campaigns
from shifts.models import Campaign, Status
from tests.house import House
from tests.messaging.factories import ANN, OUR_NUMBER
from tests.moving import MovableTime
from tests.shifts.campaigns.conftest import answer, ask, crowd, fresh, person, rows, says_stop, sent_to, statuses
from tests.shifts.factories import campaign
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything in small steps."""
    monkeypatch.setattr(audience, "CHUNK", 3)
    monkeypatch.setattr(outbox, "AT_ONCE", 2)


def told(simulator: Simulator) -> Counter[str]:
    return Counter(sent.destination for sent in simulator.sent if sent.body.startswith("Shifts are open."))


def each_once(simulator: Simulator, count: int) -> None:
    assert told(simulator) == {person(2_000_000 + place): 1 for place in range(count)}


class TestSending:
    def test_each_is_texted_once_and_it_ends_sent(self, house: House, simulator: Simulator, small: None) -> None:
        row = sent_to(8)
        house.settle()
        each_once(simulator, 8)
        house.forward(4)
        row = fresh(row)
        assert (row.status, row.settling) == ("sent", False)
        assert list(row.acts.values_list("status", "actor")) == [("draft", "hr"), ("sending", "hr"), ("sent", "")]
        assert counts([row])["july"].sent == 8
        assert not Campaigns().is_due(clock.now())

    def test_redis_emptied_at_every_step(self, house: House, simulator: Simulator, small: None) -> None:
        row = sent_to(8)
        for _ in range(12):
            redis.client().flushall()
            house.forward(2)
        each_once(simulator, 8)
        assert fresh(row).status == "sent"

    def test_an_empty_segment_ends_sent(self, house: House) -> None:
        row = sent_to(0)
        house.forward(3)
        assert fresh(row).status == "sent"

    def test_a_text_of_unknown_fate_does_not_keep_it_and_is_not_repeated(
        self, house: House, simulator: Simulator
    ) -> None:
        simulator.faults.set("drop_answer", count=1)
        row = sent_to(3)
        house.settle()
        house.forward(120, step=20)
        each_once(simulator, 3)
        assert fresh(row).status == "sent"
        assert sorted(statuses()) == ["sent", "sent", "unknown"]

    def test_one_that_waits_for_a_paused_number_goes_on_being_sent(self, house: House, simulator: Simulator) -> None:
        simulator.faults.set("refuse")
        row = sent_to(30)
        house.settle()
        house.forward(20, step=5)
        assert fresh(row).status == "sending"

    def test_who_says_stop_while_it_is_sent(self, house: House, simulator: Simulator) -> None:
        OriginationIdentity.objects.update(mps=1)
        sent_to(3)
        last = person(2_000_002)
        Campaigns().run()
        says_stop(last)
        house.forward(10)
        assert last not in told(simulator)
        assert rows().get(destination_phone_number=last).status == "suppressed"


class TestAtItsTime:
    def test_never_early_and_not_late(self, house: House, simulator: Simulator) -> None:
        crowd(2)
        row, _ = create(ask(scheduled_at=clock.now() + timedelta(seconds=100.7)), actor="hr")
        assert row.scheduled_at
        while house.time.now < row.scheduled_at - timedelta(seconds=7):
            house.forward(5)
            assert simulator.sent == []
        house.forward(9, step=0.5)
        begun = fresh(row).started_at
        assert begun
        assert timedelta(0) <= begun - row.scheduled_at < timedelta(seconds=2)
        each_once(simulator, 2)

    def test_a_wake_up_that_comes_a_moment_early_waits(self, number: OriginationIdentity, time: MovableTime) -> None:
        crowd(1)
        row, _ = create(ask(scheduled_at=clock.now() + timedelta(seconds=60)), actor="hr")
        assert row.scheduled_at
        time.forward(59.1)
        Campaigns().run()
        begun = fresh(row).started_at
        assert begun
        assert timedelta(0) <= begun - row.scheduled_at < timedelta(seconds=0.5)

    def test_but_not_for_one_that_is_later(self, number: OriginationIdentity, time: MovableTime) -> None:
        crowd(1)
        row, _ = create(ask(scheduled_at=clock.now() + timedelta(seconds=60)), actor="hr")
        time.forward(50)
        Campaigns().run()
        assert fresh(row).status == "scheduled"
        assert row.scheduled_at
        assert clock.now() < row.scheduled_at - timedelta(seconds=8)
        assert not Campaigns().is_due(clock.now())

    def test_redis_emptied_before(self, house: House, simulator: Simulator) -> None:
        crowd(2)
        row, _ = create(ask(scheduled_at=clock.now() + timedelta(seconds=60)), actor="hr")
        redis.client().flushall()
        house.forward(57)
        assert simulator.sent == []
        house.forward(6)
        each_once(simulator, 2)
        assert fresh(row).started_at >= row.scheduled_at  # type: ignore[operator]

    def test_its_wake_up_needs_no_sweep(self, house: House, simulator: Simulator) -> None:
        crowd(2)
        create(ask(scheduled_at=clock.now() + timedelta(seconds=60)), actor="hr")
        for seconds, begun in ((55, False), (6, True)):
            house.time.forward(seconds)
            house.settle()
            assert bool(simulator.sent) is begun

    def test_nor_does_that_of_a_time_that_was_moved(self, house: House, simulator: Simulator) -> None:
        crowd(2)
        create(ask(scheduled_at=clock.now() + timedelta(hours=5)), actor="hr")
        edit("july", ask(scheduled_at=clock.now() + timedelta(seconds=60)), actor="hr")
        house.settle()
        house.time.forward(61)
        house.settle()
        each_once(simulator, 2)

    def test_moved_to_an_earlier_time(self, house: House, simulator: Simulator) -> None:
        crowd(2)
        create(ask(scheduled_at=clock.now() + timedelta(hours=5)), actor="hr")
        edit("july", ask(scheduled_at=clock.now() + timedelta(seconds=30)), actor="hr")
        house.forward(33)
        each_once(simulator, 2)

    def test_moved_to_a_later_time(self, house: House, simulator: Simulator) -> None:
        crowd(2)
        create(ask(scheduled_at=clock.now() + timedelta(seconds=30)), actor="hr")
        edit("july", ask(scheduled_at=clock.now() + timedelta(seconds=90)), actor="hr")
        house.forward(60)
        assert simulator.sent == []
        house.forward(33)
        each_once(simulator, 2)

    def test_cancelled_before(self, house: House, simulator: Simulator) -> None:
        crowd(2)
        create(ask(scheduled_at=clock.now() + timedelta(seconds=30)), actor="hr")
        cancel("july", actor="hr")
        house.forward(40)
        assert (simulator.sent, rows().count()) == ([], 0)

    def test_after_an_outage_it_begins_at_once(self, house: House, simulator: Simulator) -> None:
        crowd(2)
        create(ask(scheduled_at=clock.now() + timedelta(seconds=30)), actor="hr")
        house.time.forward(7200)
        house.sweep()
        each_once(simulator, 2)

    def test_two_workers_begin_it_once(self, number: OriginationIdentity) -> None:
        crowd(5)
        row = campaign(status="scheduled", scheduled_at=clock.now(), segment=None)
        together(Campaigns().run, Campaigns().run, Campaigns().run)
        assert [act.status for act in row.acts.all()] == ["sending"]
        assert sorted(rows().values_list("destination_phone_number", flat=True)) == [
            person(2_000_000 + place) for place in range(5)
        ]


class TestPausing:
    @pytest.fixture
    def slow(self, house: House, small: None) -> Campaign:
        """Twelve people, one text a second, and the first few sent."""
        OriginationIdentity.objects.update(mps=1)
        row = sent_to(12)
        Campaigns().run()
        for message in rows()[:2]:
            OutboundMessage.objects.filter(pk=message.pk).update(
                status="sent", carrier_message_id=f"id-{message.pk}", attempts=1
            )
        return row

    def test_paused_for_a_while_and_resumed(self, slow: Campaign, house: House, simulator: Simulator) -> None:
        pause("july", actor="hr")
        house.forward(30, step=5)
        assert simulator.sent == []
        assert not Campaigns().is_due(clock.now())
        assert not Lanes().is_due(clock.now())
        reply = answer()
        house.forward(4)
        assert [sent.body for sent in simulator.sent] == [reply.body]
        resume("july", actor="hr")
        house.forward(40, step=5)
        assert told(simulator) == {person(2_000_000 + place): 1 for place in range(2, 12)}
        assert fresh(slow).status == "sent"

    def test_cancelled(self, slow: Campaign, house: House, simulator: Simulator) -> None:
        cancel("july", actor="hr")
        house.forward(30, step=5)
        assert simulator.sent == []
        assert (counts([slow])["july"].cancelled, counts([slow])["july"].sent) == (10, 2)
        assert not Campaigns().is_due(clock.now())

    def test_throttled_when_it_is_paused(self, house: House, simulator: Simulator) -> None:
        simulator.faults.set("throttle", count=4)
        sent_to(4)
        Campaigns().run()
        real, paused = outbox.record, list[Campaign]()

        def pausing(results: Any) -> Any:
            if not paused:
                paused.append(pause("july", actor="hr"))
            return real(results)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(outbox, "record", pausing)
            house.settle()
        simulator.faults.clear()
        assert paused
        before = len(simulator.sent)
        house.forward(30, step=5)
        assert len(simulator.sent) == before
        resume("july", actor="hr")
        house.forward(30, step=5)
        each_once(simulator, 4)

    def test_an_alert_leaves_during_a_campaign_and_while_it_is_paused(
        self, slow: Campaign, house: House, simulator: Simulator
    ) -> None:
        for place, act in enumerate((lambda: None, lambda: pause("july", actor="hr"))):
            act()
            incidents.open_incident(
                incidents.Request(
                    incident_id=f"{place}",
                    description=f"Alert {place}",
                    url="",
                    first_contact=f"+1425555018{place}",
                    second_contact=f"+1425555019{place}",
                    wait_seconds=300,
                ),
                actor="monitoring",
            )
            Lanes().run()
            assert [sent.body for sent in simulator.sent if f"Alert {place}" in sent.body]


class TestManyAtOnce:
    def test_none_waits_for_a_larger_one(
        self, number: OriginationIdentity, small: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        crowd(20, name="many")
        crowd(2, begin=0, name="few")
        create(ask("large", segment="many"), actor="hr")
        create(ask("little", segment="few"), actor="hr")
        order: list[str] = []
        real = expansion.expand_some

        def watched(campaign_id: str) -> bool:
            order.append(campaign_id)
            return real(campaign_id)

        monkeypatch.setattr(work, "expand_some", watched)
        Campaigns().run()
        assert order[:3] == ["large", "little", "large"]
        assert order.count("large") == 7

    def test_one_that_cannot_go_on_does_not_stop_the_others(
        self, number: OriginationIdentity, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        crowd(2)
        for name in ("broken", "whole"):
            create(ask(name), actor="hr")
        Campaign.objects.filter(campaign_id="broken").update(text="x" * 2000)
        Campaigns().run()
        assert (rows("broken").count(), rows("whole").count()) == (0, 2)
        assert "Campaign broken cannot go on" in caplog.text
        assert fresh(Campaign.objects.get(campaign_id="broken")).status == "sending"

    def test_a_long_run_ends_and_wakes_the_next(
        self, house: House, small: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(work, "_BREATH", 2)
        row = sent_to(30)
        Campaigns().run()
        assert 3 <= rows().count() < 30
        assert len(redis.queue("slow")) == 1
        house.settle()
        assert rows().count() == 30
        assert fresh(row).expanded_at

    def test_who_is_asked_to_stop_stops(self, number: OriginationIdentity, small: None) -> None:
        row = sent_to(30)
        clock.request_stop()
        Campaigns().run()
        assert fresh(row).cursor == 0


@pytest.mark.parametrize(
    ("status", "fields", "due"),
    [
        (Status.DRAFT, {}, False),
        (Status.SCHEDULED, {}, False),
        (Status.SENDING, {}, True),
        (Status.PAUSED, {}, False),
        (Status.PAUSED, {"settling": True}, True),
        (Status.SENT, {}, False),
        (Status.CANCELLED, {}, False),
        (Status.CANCELLED, {"settling": True}, True),
    ],
)
def test_when_somebody_must_look(db: None, status: Status, fields: dict[str, Any], due: bool) -> None:
    campaign(status=status, **fields)
    assert Campaigns().is_due(clock.now()) is due


def test_replies_to_a_paused_campaign_are_answered(house: House, simulator: Simulator) -> None:
    crowd(1)
    create(ask(), actor="hr")
    pause("july", actor="hr")
    house.settle()
    assert set(simulator.text(person(2_000_000), OUR_NUMBER, "REQUEST")) == {200}
    house.settle()
    assert [sent.body for sent in simulator.sent] == ["There are no shifts at this time"]
    assert ANN not in told(simulator)
