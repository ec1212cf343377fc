"""Which incident a text is about."""

import pytest

from messaging.models import OutboundMessage
from tests.incidents.stage import ANNA, BEN, CARA, STRANGER, Stage

DAY = 86_400


@pytest.fixture
def two(stage: Stage) -> Stage:
    """Two incidents are open for Anna; she got their alerts in this order."""
    for incident_id in ("100", "200"):
        stage.open(incident_id)
        stage.accept()
    return stage


def alert(incident_id: str) -> OutboundMessage:
    return OutboundMessage.objects.get(idempotency_key=f"incident:{incident_id}:1:first:{ANNA}")


def test_a_bare_yes_belongs_to_the_text_it_answers(two: Stage) -> None:
    two.say(ANNA, "yes", answering=alert("100"))
    assert (two.status("100"), two.status("200")) == ("acknowledged", "not_acknowledged")


def test_an_id_in_the_text_beats_the_text_it_answers(two: Stage) -> None:
    two.say(ANNA, "yes 200", answering=alert("100"))
    assert (two.status("100"), two.status("200")) == ("not_acknowledged", "acknowledged")


def test_a_bare_yes_to_nothing_in_particular_is_asked_which(two: Stage) -> None:
    (question,) = two.say(ANNA, "yes", answering=None)
    assert "Which incident" in question
    assert "100" in question
    assert "200" in question
    assert two.status("100") == two.status("200") == "not_acknowledged"


def test_a_bare_answer_to_that_question_is_asked_again(two: Stage) -> None:
    two.say(ANNA, "yes", answering=None)
    two.accept()
    (question,) = two.say(ANNA, "yes")
    assert "Which incident" in question


def test_a_bare_yes_to_a_text_that_did_not_ask_is_asked_which(two: Stage) -> None:
    two.open("300")
    two.accept()
    two.say(ANNA, "no")
    two.accept()
    (question,) = two.say(ANNA, "yes")
    assert "Which incident" in question


def test_somebody_asked_about_two_reads_the_ids_in_the_alert(two: Stage) -> None:
    assert two.texts(ANNA)[0].endswith("Reply YES if you take it, NO if not.")
    assert two.texts(ANNA)[1].endswith("Reply YES 200 if you take it, NO 200 if not.")


def test_yes_all_takes_all(two: Stage) -> None:
    (answer,) = two.say(ANNA, "YES ALL", answering=alert("100"))
    assert two.status("100") == two.status("200") == "acknowledged"
    assert answer.count("Thank you") == 2


def test_no_all_passes_all_on(two: Stage) -> None:
    two.say(ANNA, "No, all", answering=None)
    assert len(two.texts(BEN)) == 2


def test_several_ids_are_answered_together(two: Stage) -> None:
    two.say(ANNA, "yes 100 and 200", answering=None)
    assert two.status("100") == two.status("200") == "acknowledged"


def test_an_unknown_id_is_asked_about(two: Stage) -> None:
    (question,) = two.say(ANNA, "YES 999", answering=alert("100"))
    assert "You have no incident 999" in question
    assert two.status("100") == "not_acknowledged"


def test_a_stranger_may_not_answer_by_id(two: Stage) -> None:
    assert two.say(STRANGER, "yes 100", answering=None) == []
    assert two.say(CARA, "yes 100", answering=None) == []
    assert two.status("100") == "not_acknowledged"


def test_the_only_open_one_needs_no_hint(stage: Stage) -> None:
    stage.open()
    stage.accept()
    stage.say(ANNA, "yes", answering=None)
    assert stage.status() == "acknowledged"


def test_a_hint_that_names_somebody_elses_text_is_worth_nothing(two: Stage) -> None:
    (question,) = two.say(ANNA, "yes", answering="carrier-of-somebody-else")
    assert "Which incident" in question


def test_the_one_she_was_asked_about_counts_before_one_she_was_not(stage: Stage) -> None:
    stage.open("100")
    stage.open("200", first_contact=BEN, second_contact=ANNA)
    stage.accept()
    stage.say(ANNA, "yes", answering=None)
    assert (stage.status("100"), stage.status("200")) == ("acknowledged", "not_acknowledged")


def test_what_was_not_understood_is_explained_while_something_is_open(stage: Stage) -> None:
    stage.open()
    stage.accept()
    (answer,) = stage.say(ANNA, "no problem")
    assert "not understood" in answer
    assert "Incident 123" in answer
    assert stage.outcome == "not_understood"
    stage.accept()
    stage.say(ANNA, "yes")
    assert stage.status() == "acknowledged"


def test_what_was_not_understood_waits_for_staff_when_nothing_is_open(stage: Stage) -> None:
    stage.open()
    stage.accept()
    stage.say(ANNA, "yes")
    stage.accept()
    assert stage.say(ANNA, "thanks!") == []
    assert stage.outcome == "unmatched"


def test_an_answer_without_a_hint_is_told_how_the_latest_stands(stage: Stage) -> None:
    stage.open()
    stage.accept()
    stage.say(ANNA, "yes")
    (answer,) = stage.say(ANNA, "yes", answering=None)
    assert "already acknowledged by you" in answer


def test_but_not_days_later(stage: Stage) -> None:
    stage.open()
    stage.accept()
    stage.say(ANNA, "yes")
    stage.time.forward(4 * DAY)
    assert stage.say(ANNA, "yes", answering=None) == []
    assert stage.say(ANNA, "yes 123", answering=None)


def test_nor_soon_after_when_it_answers_another_conversation(stage: Stage) -> None:
    stage.open()
    stage.accept()
    stage.say(ANNA, "yes")
    stage.time.forward(7200)
    assert stage.say(ANNA, "yes", answering="carrier-of-a-campaign") == []


def test_an_answer_in_time_is_seen_with_its_words(stage: Stage) -> None:
    stage.open()
    stage.accept()
    stage.say(ANNA, "No, I can in 2 hours")
    lines = {entry.kind: entry for entry in stage.incident().timeline.all()}
    assert lines["reply"].text == "No, I can in 2 hours"
    assert lines["note"].text == "I can in 2 hours"
    assert lines["note"].phone_number == ANNA


def test_one_person_may_be_both_contacts(stage: Stage) -> None:
    stage.open(second_contact=ANNA)
    stage.accept()
    for _ in range(2):
        stage.forward(40)
    assert stage.incident().step == 2
    assert "escalated to you" in stage.texts(ANNA)[-1]
    stage.say(ANNA, "yes")
    assert stage.status() == "acknowledged"
    assert len(stage.texts(ANNA)) == 4


def test_who_says_no_is_not_asked_again_as_the_second_contact(stage: Stage) -> None:
    stage.open(second_contact=ANNA)
    stage.accept()
    (answer,) = stage.say(ANNA, "no")
    assert "logged for review" in answer
    assert stage.status() == "unacknowledged"
    assert len(stage.texts(ANNA)) == 2
