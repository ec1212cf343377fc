"""What staff and systems do, by the same functions as contacts."""

from collections.abc import Callable

import pytest

from incidents import lifecycle
from incidents.lifecycle import Outcome
from incidents.models import Incident
from tests.incidents.stage import ANNA, BEN, CARA, WAIT, Stage


@pytest.fixture
def opened(stage: Stage) -> Stage:
    """Incident 123 is open and Anna has her text."""
    stage.open()
    stage.accept()
    return stage


def test_staff_may_take_it_themselves(opened: Stage) -> None:
    lifecycle.acknowledge("123", actor="olga", note="I am next door")
    incident = opened.incident()
    assert (incident.status, incident.acknowledged_by) == ("acknowledged", "olga")
    assert "acknowledged by olga" in opened.texts(ANNA)[-1]
    assert incident.timeline.get(kind="note").actor == "olga"


def test_a_contact_for_whom_staff_take_it_gets_no_thanks(opened: Stage) -> None:
    lifecycle.escalate("123", actor="olga")
    opened.accept()
    lifecycle.acknowledge("123", actor="olga", contact=ANNA)
    assert opened.incident().acknowledged_by == ANNA
    assert not any("Thank you" in text for text in opened.texts(ANNA))
    assert "acknowledged by Anna" in opened.texts(BEN)[-1]


def test_declining_for_the_current_contact_asks_the_next_and_tells_them(opened: Stage) -> None:
    lifecycle.decline("123", actor="olga", contact=ANNA)
    assert len(opened.texts(BEN)) == 1
    assert "escalated to Ben" in opened.texts(ANNA)[-1]


def test_escalating_now_asks_the_next_and_tells_the_one_passed_over(opened: Stage) -> None:
    lifecycle.escalate("123", actor="olga")
    assert len(opened.texts(BEN)) == 1
    assert "escalated to Ben" in opened.texts(ANNA)[-1]
    assert not opened.incident().double_escalation


def test_escalating_again_is_a_double_escalation_and_goes_on(opened: Stage) -> None:
    lifecycle.escalate("123", actor="olga")
    opened.accept()
    lifecycle.escalate("123", actor="olga")
    assert opened.incident().double_escalation
    assert opened.status() == "unacknowledged"


def test_escalating_for_somebody_already_passed_over_moves_nothing(opened: Stage) -> None:
    lifecycle.escalate("123", actor="olga")
    opened.accept()
    lifecycle.escalate("123", actor="olga", contact=ANNA)
    assert opened.incident().double_escalation
    assert opened.status() == "not_acknowledged"


def test_escalating_for_somebody_not_asked_yet_is_refused(opened: Stage) -> None:
    with pytest.raises(lifecycle.NotAllowed, match="has not been asked"):
        lifecycle.escalate("123", actor="olga", contact=BEN)
    assert opened.kinds().count("escalated") == 0


def test_cancelling_tells_those_who_were_asked_and_stops_the_clock(opened: Stage) -> None:
    lifecycle.cancel("123", actor="olga")
    assert "cancelled" in opened.texts(ANNA)[-1]
    assert opened.texts(BEN) == []
    opened.forward(10 * WAIT)
    assert opened.texts(BEN) == []


def test_resolving_texts_nobody(opened: Stage) -> None:
    lifecycle.acknowledge("123", actor="olga")
    before = opened.texts(ANNA)
    lifecycle.resolve("123", actor="olga")
    assert opened.texts(ANNA) == before
    assert opened.incident().resolved_at is not None


ACTIONS: dict[str, Callable[..., Outcome]] = {
    "acknowledge": lifecycle.acknowledge,
    "decline": lifecycle.decline,
    "escalate": lifecycle.escalate,
    "cancel": lifecycle.cancel,
    "resolve": lifecycle.resolve,
}
FORBIDDEN = {
    "not_acknowledged": ["resolve"],
    "acknowledged": ["acknowledge", "decline", "escalate", "cancel"],
    "unacknowledged": ["decline", "escalate", "cancel"],
    "cancelled": ["acknowledge", "decline", "escalate", "cancel"],
    "resolved": ["acknowledge", "decline", "escalate", "cancel", "resolve"],
}


def bring(stage: Stage, status: str) -> None:
    """Bring incident 123 to a status."""
    match status:
        case "acknowledged" | "resolved":
            lifecycle.acknowledge("123", actor="olga")
        case "unacknowledged":
            lifecycle.escalate("123", actor="olga")
            lifecycle.escalate("123", actor="olga")
        case "cancelled":
            lifecycle.cancel("123", actor="olga")
    if status == "resolved":
        lifecycle.resolve("123", actor="olga")
    assert stage.status() == status


@pytest.mark.parametrize("status", FORBIDDEN)
@pytest.mark.parametrize("action", ACTIONS)
def test_what_the_status_forbids_is_refused_with_a_sentence(opened: Stage, status: str, action: str) -> None:
    bring(opened, status)
    if action in FORBIDDEN[status]:
        before = opened.kinds()
        with pytest.raises(lifecycle.NotAllowed, match=r"Incident 123 .*\."):
            ACTIONS[action]("123", actor="olga", contact=ANNA)
        assert opened.status() == status
        assert opened.kinds() == before
    else:
        ACTIONS[action]("123", actor="olga", contact=ANNA)


def test_staff_may_still_take_what_was_logged_for_review(opened: Stage) -> None:
    bring(opened, "unacknowledged")
    lifecycle.acknowledge("123", actor="olga")
    assert opened.incident().late


def test_a_note_is_kept_whatever_the_status(opened: Stage) -> None:
    lifecycle.add_note("123", actor="olga", note="Called the plant", contact=ANNA)
    entry = opened.incident().timeline.get(kind="note")
    assert (entry.text, entry.actor, entry.phone_number) == ("Called the plant", "olga", ANNA)


@pytest.mark.parametrize("action", [*ACTIONS.values(), lifecycle.add_note])
def test_nobody_acts_for_somebody_who_is_no_contact(opened: Stage, action: Callable[..., Outcome]) -> None:
    with pytest.raises(lifecycle.NotAContact, match=f"\\{CARA} is not a contact"):
        action("123", actor="olga", contact=CARA, note="x")


def test_an_incident_that_does_not_exist_is_not_acted_on(stage: Stage) -> None:
    with pytest.raises(Incident.DoesNotExist):
        lifecycle.cancel("nothing", actor="olga")
