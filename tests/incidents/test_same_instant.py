"""Two people answer in the same instant, with connections of their own: one wins, both are told the truth."""

import pytest

from incidents import lifecycle
from incidents.lifecycle import Outcome
from messaging import clock
from messaging.models import InboundMessage
from tests.incidents.stage import ANNA, BEN, OUR_NUMBER, Stage
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)


def text(sender: str, body: str) -> InboundMessage:
    return InboundMessage.objects.create(
        inbound_message_id=f"{sender}-{body}",
        sns_message_id="sns",
        origination_phone_number=sender,
        destination_phone_number=OUR_NUMBER,
        body=body,
        received_at=clock.now(),
        stored_at=clock.now(),
        route_after=clock.now(),
    )


def test_two_yes_in_the_same_instant(stage: Stage) -> None:
    stage.open()
    stage.accept()
    stage.say(ANNA, "no")
    stage.accept()
    texts = {person: text(person, "yes") for person in (ANNA, BEN)}
    outcomes = together(
        *(lambda person=person: lifecycle.acknowledge("123", contact=person, text=texts[person]) for person in texts)
    )
    winner = stage.incident().acknowledged_by
    name = {ANNA: "Anna", BEN: "Ben"}[winner]
    said = sorted(outcome.text for outcome in outcomes)
    assert f"already acknowledged by {name}" in said[0]
    assert said[1].startswith("Thank you")
    assert stage.kinds().count("acknowledged") == 1


def test_a_yes_and_the_timer_in_the_same_instant(stage: Stage) -> None:
    stage.open()
    stage.accept()
    stage.forward(40)
    stage.time.forward(41)
    yes = text(ANNA, "yes")

    def timer() -> Outcome:
        lifecycle.run_due(clock.now())
        return Outcome(stage.incident())

    together(lambda: lifecycle.acknowledge("123", contact=ANNA, text=yes), timer)
    assert stage.status() == "acknowledged"
    assert stage.incident().next_step_at is None
    assert stage.kinds().count("acknowledged") == 1


def test_an_opt_out_and_the_timer_in_the_same_instant_go_on_once(stage: Stage) -> None:
    stage.open()
    stage.accept()
    stage.forward(40)
    stage.time.forward(41)

    def timer() -> Outcome:
        lifecycle.run_due(clock.now())
        return Outcome(stage.incident())

    def opted_out() -> Outcome:
        lifecycle.opted_out(ANNA, OUR_NUMBER, "Opted out.")
        return Outcome(stage.incident())

    together(opted_out, timer)
    assert stage.incident().step == 2
    assert stage.kinds().count("escalated") == 1
    assert len(stage.texts(BEN)) == 1


def test_the_same_incident_opened_by_two_at_once_is_one(stage: Stage) -> None:
    made = together(*[lambda: Outcome(stage.open())] * 2)
    assert len({outcome.incident.pk for outcome in made}) == 1
    assert len(stage.texts(ANNA)) == 1


def test_many_timers_run_by_three_workers_run_once_each(stage: Stage) -> None:
    ids = [str(number) for number in range(100, 135)]
    for incident_id in ids:
        stage.open(incident_id)
    stage.accept()
    stage.time.forward(41)

    def timer() -> Outcome:
        while lifecycle.run_due(clock.now()):
            pass
        return Outcome(stage.incident("100"))

    together(timer, timer, timer)
    lifecycle.run_due(clock.now())
    assert [stage.kinds(incident_id).count("reminder") for incident_id in ids] == [1] * len(ids)
    assert sum("Reminder" in text for text in stage.texts(ANNA)) == len(ids)


def test_a_timer_run_by_two_workers_runs_once(stage: Stage) -> None:
    stage.open()
    stage.accept()
    stage.time.forward(41)

    def timer() -> Outcome:
        lifecycle.run_due(clock.now())
        return Outcome(stage.incident())

    together(timer, timer, timer)
    assert stage.kinds().count("reminder") == 1
