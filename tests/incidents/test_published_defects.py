"""The defects of the published incident samples. None of them here: one test each, by name."""

from incidents import lifecycle
from messaging.models import InboundMessage
from tests.incidents.stage import ANNA, BEN, STRANGER, WAIT, Stage


def test_the_reminder_goes_to_the_contact_who_was_texted_not_to_the_second(stage: Stage) -> None:
    stage.open()
    stage.accept()
    stage.forward(WAIT)
    assert "Reminder" in stage.texts(ANNA)[-1]
    assert stage.texts(BEN) == []


def test_a_yes_after_automatic_escalation_is_not_overwritten(stage: Stage) -> None:
    stage.open()
    stage.accept()
    for _ in range(2):
        stage.forward(WAIT)
    stage.say(ANNA, "yes")
    for _ in range(4):
        stage.forward(WAIT)
    incident = stage.incident()
    assert (incident.status, incident.acknowledged_by) == ("acknowledged", ANNA)
    assert len(stage.texts(BEN)) == 2  # the alert, and that Anna has it


def test_a_first_contacts_later_yes_is_not_lost(stage: Stage) -> None:
    stage.open()
    stage.accept()
    stage.say(ANNA, "no")
    stage.accept()
    stage.forward(WAIT)
    stage.say(ANNA, "yes, I can after all")
    assert stage.incident().acknowledged_by == ANNA


def test_yes_with_a_space_or_an_exclamation_mark_is_not_ignored(stage: Stage) -> None:
    for number, body in enumerate(["yes ", "yes!", " Yes! \N{THUMBS UP SIGN}"]):
        stage.open(f"i{number}")
        stage.accept()
        assert stage.say(ANNA, body)
        assert stage.status(f"i{number}") == "acknowledged"


def test_only_a_contact_of_the_incident_can_answer_it(stage: Stage) -> None:
    stage.open()
    stage.accept()
    for body in ("yes", "yes 123", "no 123", "yes all"):
        assert stage.say(STRANGER, body, answering=stage.last(ANNA)) == []
        assert stage.outcome == "unmatched"
    assert stage.status() == "not_acknowledged"


def test_a_redelivered_no_is_not_the_second_contacts_refusal(stage: Stage) -> None:
    stage.open()
    stage.accept()
    stage.say(ANNA, "no")
    text = InboundMessage.objects.get()
    again = lifecycle.decline("123", contact=ANNA, text=text)
    assert again.answer is None
    assert stage.status() == "not_acknowledged"
    assert not stage.incident().double_escalation
    assert stage.kinds().count("reply") == 1


def test_no_twice_from_the_first_contact_is_not_the_second_contacts_refusal(stage: Stage) -> None:
    stage.open()
    stage.accept()
    stage.say(ANNA, "no")
    stage.accept()
    (answer,) = stage.say(ANNA, "no")
    assert "already escalated to Ben" in answer
    assert stage.status() == "not_acknowledged"
    assert stage.incident().double_escalation


def test_unacknowledged_at_the_end_does_not_look_like_the_beginning(stage: Stage) -> None:
    stage.open()
    assert stage.status() == "not_acknowledged"
    stage.accept()
    stage.say(ANNA, "no")
    stage.accept()
    stage.say(BEN, "no")
    assert stage.status() == "unacknowledged"
    assert stage.incident().ended_at is not None


def test_opening_again_runs_nothing_twice(stage: Stage) -> None:
    first = stage.open()
    again = stage.open()
    assert first == again
    assert len(stage.texts(ANNA)) == 1
    assert stage.kinds().count("opened") == 1
