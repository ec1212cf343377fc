"""STOP and JOIN through every real part: webhook, routing, ledger, outbox, boto3, the phone that gets the answer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connection

from incidents.models import Incident, TimelineEntry
from messaging import clock
from messaging.inbound import routing
from messaging.models import InboundMessage, Keyword, Lane, OriginationIdentity, OutboundMessage, Priority, Status
from messaging.outbound.lanes import Drainer
from messaging.simulator import Simulator
from optout.models import Consent, ConsentEvent, Plea
from tests.flows.conftest import CARLA, Handset
from tests.house import House
from tests.messaging.factories import ANN, OUR_NUMBER, queued, standing
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)

Open = Callable[..., Incident]

UNSUBSCRIBED = 'YOU HAVE BEEN UNSUBSCRIBED. IF THIS WAS A MISTAKE PLEASE TEXT "JOIN" TO THIS NUMBER TO BE RESUBSCRIBED'
SUBSCRIBED = (
    'YOU HAVE BEEN SUBSCRIBED. IF THIS WAS A MISTAKE PLEASE TEXT "STOP" OR "UNSUBSCRIBE" TO THIS NUMBER TO BE '
    "UNSUBSCRIBED"
)
OTHER_NUMBER = "+14255550109"


@pytest.fixture
def carla(house: House, simulator: Simulator) -> Handset:
    """A stranger: no contact, no employee, never texted."""
    return Handset(simulator, house, CARLA)


@pytest.fixture
def other_number(house: House) -> OriginationIdentity:
    return OriginationIdentity.objects.create(identity=OTHER_NUMBER, kind="ten_dlc", iso_country_code="US", mps=100)


def _states() -> dict[tuple[str, str], str]:
    rows = Consent.objects.values_list("phone_number", "origination_identity", "state")
    return {(phone_number, identity): state for phone_number, identity, state in rows}


def test_stop_from_a_stranger_is_recorded_confirmed_and_the_confirmation_delivered(
    carla: Handset, house: House, simulator: Simulator
) -> None:
    carla.says("Stop.")

    assert carla.texts == [UNSUBSCRIBED]
    confirmation = OutboundMessage.objects.get()
    simulator.event(confirmation.carrier_message_id or "", "TEXT_DELIVERED")
    house.settle()
    confirmation.refresh_from_db()
    assert (confirmation.status, confirmation.conversation) == (Status.DELIVERED, "consent")
    event = ConsentEvent.objects.get()
    assert (event.phone_number, event.origination_identity, event.action) == (CARLA, OUR_NUMBER, "opt_out")
    assert (event.word, event.source, event.actor) == ("STOP", "sms", "")
    assert event.occurred_at == InboundMessage.objects.get().received_at
    assert InboundMessage.objects.get().outcome == "consent"


def test_join_from_a_stranger_is_recorded_and_confirmed(carla: Handset) -> None:
    carla.says("join")

    assert carla.texts == [SUBSCRIBED]
    assert _states() == {(CARLA, OUR_NUMBER): "opted_in"}


def test_nothing_more_after_stop_until_join(ann: Handset, house: House) -> None:
    ann.says("STOP")
    refused = queued(ANN, "Hello")
    house.settle()
    assert (refused.status, ann.texts) == (Status.SUPPRESSED, [UNSUBSCRIBED])

    ann.says("JOIN")
    house.forward(2)
    queued(ANN, "Hello again")
    house.forward(2)

    assert ann.texts == [UNSUBSCRIBED, SUBSCRIBED, "Hello again"]


def test_a_stop_stops_what_waits(ann: Handset, house: House, simulator: Simulator) -> None:
    for number in range(500):
        queued(ANN, f"Text {number}", priority=Priority.CAMPAIGN)
    sent_at_commit: list[int] = []

    def stop() -> None:
        simulator.wait_for_sent(2, timeout=60)
        simulator.text(ANN, OUR_NUMBER, "STOP")
        routing.route_waiting()
        sent_at_commit.append(len(ann.texts))

    together(Drainer().run, stop)
    house.forward(3)

    # A call that was under way while the STOP was committed cannot be called back.
    assert len(ann.texts) <= sent_at_commit[0] + 2
    assert ann.texts.count(UNSUBSCRIBED) == 1
    assert OutboundMessage.objects.filter(status=Status.SUPPRESSED).count() == 500 - (len(ann.texts) - 1)
    assert not OutboundMessage.objects.filter(status=Status.QUEUED).exists()


def test_stop_on_one_number_leaves_the_other(
    ann: Handset, house: House, simulator: Simulator, other_number: OriginationIdentity
) -> None:
    ann.says("STOP")
    house.forward(2)
    queued(ANN, "From the other number", origination_identity=OTHER_NUMBER)
    queued(ANN, "From this number", origination_identity=OUR_NUMBER)
    house.forward(3)

    assert ann.texts == [UNSUBSCRIBED, "From the other number"]


def test_stop_all_stops_every_number(
    ann: Handset, house: House, simulator: Simulator, other_number: OriginationIdentity
) -> None:
    ann.says("Stop all")
    queued(ANN, "From the other number", origination_identity=OTHER_NUMBER)
    house.forward(3)
    assert ann.texts == [UNSUBSCRIBED]

    simulator.text(ANN, OTHER_NUMBER, "JOIN")
    house.forward(2)
    queued(ANN, "From the other number", origination_identity=OTHER_NUMBER)
    queued(ANN, "From this number", origination_identity=OUR_NUMBER)
    house.forward(3)

    assert ann.texts == [UNSUBSCRIBED, SUBSCRIBED, "From the other number"]


def test_an_older_stop_delivered_after_a_newer_join_does_not_win(ann: Handset, house: House) -> None:
    an_hour_ago = clock.now() - timedelta(hours=1)
    ann.says("JOIN")
    ann.says("STOP", sns_timestamp=an_hour_ago)
    house.forward(3)

    assert ann.texts == [SUBSCRIBED], "what changed nothing is not confirmed"
    assert _states() == {(ANN, OUR_NUMBER): "opted_in"}
    assert ConsentEvent.objects.count() == 2, "and it is in the history all the same"


def test_a_redelivered_stop_confirms_once(ann: Handset, house: House) -> None:
    for _ in range(3):
        ann.says("STOP", inbound_id="the same text")
    house.forward(3)

    assert ann.texts == [UNSUBSCRIBED]
    assert ConsentEvent.objects.count() == 1


def test_a_repeated_stop_is_kept_and_not_confirmed_again(ann: Handset, house: House) -> None:
    for body in ("STOP", "stop!!", "Unsubscribe"):
        ann.says(body)
        house.forward(2)

    assert ann.texts == [UNSUBSCRIBED]
    assert [event.word for event in ConsentEvent.objects.order_by("id")] == ["STOP", "STOP", "UNSUBSCRIBE"]


def test_each_change_is_confirmed_however_many_there_are(ann: Handset, house: House) -> None:
    """The limit that ends loops of automatic replies does not silence confirmations."""
    for _ in range(4):
        for body in ("STOP", "JOIN"):
            ann.says(body)
            house.forward(2)

    assert ann.texts == [UNSUBSCRIBED, SUBSCRIBED] * 4


def test_join_and_stop_at_once_end_with_the_stop(ann: Handset, house: House, simulator: Simulator) -> None:
    ann.says("STOP")
    house.forward(2)
    simulator.text(ANN, OUR_NUMBER, "JOIN")
    house.time.forward(0.01)
    simulator.text(ANN, OUR_NUMBER, "STOP")
    house.forward(4)

    assert ann.texts == [UNSUBSCRIBED, UNSUBSCRIBED], "nothing is sent after the STOP but its own confirmation"
    assert _states() == {(ANN, OUR_NUMBER): "opted_out"}


def test_the_confirmation_comes_from_the_number_that_was_written_to(
    ann: Handset, house: House, simulator: Simulator, other_number: OriginationIdentity
) -> None:
    simulator.text(ANN, OTHER_NUMBER, "STOP")
    house.settle()

    assert [(sent.origination, sent.body) for sent in simulator.sent] == [(OTHER_NUMBER, UNSUBSCRIBED)]


@pytest.mark.parametrize(
    "change",
    [{"kind": "toll_free"}, {"self_managed_opt_outs": False}, {"active": False}],
    ids=["US toll-free: the carrier answers", "managed by AWS: AWS answers", "inactive: nothing is sent"],
)
@pytest.mark.parametrize(("body", "state"), [("STOP", "opted_out"), ("UNSTOP", "opted_in")])
def test_where_others_answer_it_is_recorded_in_silence(
    change: dict[str, object], body: str, state: str, ann: Handset, house: House
) -> None:
    OriginationIdentity.objects.update(**change)

    ann.says(body)
    house.forward(2)

    assert ann.texts == []
    assert not OutboundMessage.objects.exists()
    assert _states() == {(ANN, OUR_NUMBER): state}


def test_help_is_answered_for_anybody_and_a_machine_that_asks_for_ever_is_not(ann: Handset, house: House) -> None:
    ann.says("STOP")
    for _ in range(7):
        ann.says("Help!")
        house.forward(2)

    assert ann.texts[0] == UNSUBSCRIBED
    assert len(ann.texts) == 1 + 5
    assert all("Reply STOP" in text for text in ann.texts[1:])


def test_a_word_that_staff_have_added(ann: Handset, house: House) -> None:
    Keyword.objects.create(word="BASTA", action="opt_out", text="No recibira mas mensajes. ALTA para volver.")
    Keyword.objects.create(word="ALTA", action="opt_in")

    ann.says("¡Basta!")
    house.forward(2)
    ann.says("alta por favor")

    assert ann.texts == ["No recibira mas mensajes. ALTA para volver.", SUBSCRIBED]
    assert [event.word for event in ConsentEvent.objects.order_by("id")] == ["BASTA", "ALTA"]


def test_a_plea_is_listed_for_staff_and_nobody_asks_back(ann: Handset, incident: Open) -> None:
    incident()
    ann.says("please stop texting me")

    assert len(ann.texts) == 1, "the alert alone"
    plea = Plea.objects.get()
    assert (plea.text.body, plea.decision) == ("please stop texting me", "")
    assert plea.text.outcome == "unmatched"
    assert _states() == {}


def test_a_plea_that_is_an_answer_too_counts_as_both(ann: Handset, bob: Handset, incident: Open) -> None:
    incident()
    ann.says("NO, stop texting me")

    assert Plea.objects.count() == 1
    assert InboundMessage.objects.get().outcome == "incidents"
    assert len(bob.texts) == 1


def test_yes_never_means_opt_in(ann: Handset, house: House, incident: Open) -> None:
    ann.says("STOP")
    ann.says("YES")

    assert _states() == {(ANN, OUR_NUMBER): "opted_out"}
    assert ann.texts == [UNSUBSCRIBED]


def test_stop_in_answer_to_an_alert_is_consent_and_no_answer(ann: Handset, bob: Handset, incident: Open) -> None:
    opened = incident()
    ann.says("stop")

    opened.refresh_from_db()
    assert opened.status == "not_acknowledged"
    assert InboundMessage.objects.get().outcome == "consent"


def test_a_contact_who_opted_out_is_skipped_at_once_and_the_timeline_says_so(
    ann: Handset, bob: Handset, house: House, incident: Open
) -> None:
    ann.says("STOP")
    house.forward(2)

    opened = incident()

    assert ann.texts == [UNSUBSCRIBED]
    assert len(bob.texts) == 1, "without waiting for Ann"
    lines = TimelineEntry.objects.filter(incident=opened, phone_number=ANN)
    said = {line.kind: line.text for line in lines}
    assert said["suppressed"].startswith("Opted out by text on ")
    assert "unreachable" in said


def test_a_contact_who_opts_out_while_being_asked_is_passed_over_at_once(
    ann: Handset, bob: Handset, incident: Open
) -> None:
    opened = incident()
    ann.says("STOP")

    assert len(bob.texts) == 1, "without waiting for Ann any longer"
    line = TimelineEntry.objects.get(incident=opened, phone_number=ANN, kind="unreachable")
    assert line.text.startswith("Opted out by text on ")
    ann.says("YES")
    opened.refresh_from_db()
    assert opened.acknowledged_by == ANN, "a YES counts all the same"


def test_what_aws_knows_to_be_opted_out_is_recorded_as_of_the_carrier(
    ann: Handset, house: House, simulator: Simulator
) -> None:
    simulator.set_handset(ANN, opted_out=True)
    refused = queued(ANN, "Hello")
    house.settle()

    refused.refresh_from_db()
    assert (refused.status, refused.error_reason) == (Status.FAILED, "DESTINATION_PHONE_NUMBER_OPTED_OUT")
    event = ConsentEvent.objects.get()
    assert (event.source, event.action, event.occurred_at) == ("carrier", "opt_out", refused.attempted_at)
    assert queued(ANN, "Hello").status == Status.SUPPRESSED, "AWS is not asked a second time"


@contextmanager
def _consent_cannot_be_read() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE optout_consent RENAME TO optout_consent_away")
        try:
            yield
        finally:
            cursor.execute("ALTER TABLE optout_consent_away RENAME TO optout_consent")


def test_a_stop_that_comes_while_consent_cannot_be_read_is_kept_to_afterwards(
    ann: Handset, bob: Handset, house: House, simulator: Simulator
) -> None:
    with _consent_cannot_be_read():
        queued(ann.number)
        queued(bob.number)
        simulator.text(ANN, OUR_NUMBER, "STOP")
        routing.route_waiting()
        assert InboundMessage.objects.get().routed_at is None, "it could not be recorded"
    # The texts leave before anybody looks at the STOP again.
    Drainer().run()
    assert (ann.texts, bob.texts) == ([], ["Hello"])

    house.forward(70)
    assert ann.texts == [UNSUBSCRIBED]
    assert _states() == {(ANN, OUR_NUMBER): "opted_out"}


def test_a_stop_waits_for_no_hint(ann: Handset, house: House, simulator: Simulator) -> None:
    """A text of ours is under way, and AWS names one that we do not know of: that matters for answers alone."""
    standing(Status.SENDING)
    simulator.text(ANN, OUR_NUMBER, "STOP", previous="not known yet")
    routing.route_waiting()

    assert InboundMessage.objects.get().outcome == "consent"
    assert OutboundMessage.objects.filter(body=UNSUBSCRIBED).exists()


def test_consent_unreadable_nothing_is_sent_the_rows_wait_and_staff_see_why(
    ann: Handset, bob: Handset, house: House
) -> None:
    ann.says("STOP")
    house.forward(2)
    with _consent_cannot_be_read():
        waiting = [queued(ann.number), queued(bob.number)]
        Drainer().run()

        assert (ann.texts, bob.texts) == ([UNSUBSCRIBED], [])
        for message in waiting:
            message.refresh_from_db()
        assert [message.status for message in waiting] == [Status.QUEUED, Status.QUEUED]
        lane = Lane.objects.get(origination_identity__identity=OUR_NUMBER)
        assert "optout.guard.Consent" in lane.held_reason
        assert lane.held_at is not None

    house.forward(3)

    assert (ann.texts, bob.texts) == ([UNSUBSCRIBED], ["Hello"]), "the opt-out still holds"
    assert Lane.objects.filter(pk=lane.pk, held_reason="", held_at__isnull=True).exists()
