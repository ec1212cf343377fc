"""The audit of consent: states, words and texts against the ledger."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from messaging import clock
from messaging.models import InboundMessage, OutboundMessage, Status
from optout import ledger
from optout.ledger import Entry
from optout.models import Consent, ConsentEvent
from tests.messaging.audit.looking import finding, severity
from tests.messaging.factories import ANN, BOB, OUR_NUMBER, received, standing
from tests.moving import MovableTime

pytestmark = pytest.mark.usefixtures("number", "time")

STATE, NO_STATE = "optout.state_contradicts_ledger", "optout.event_without_state"
WORD, TEXTED = "optout.word_without_event", "optout.texted_after_opt_out"
OTHER_NUMBER = "+14255550109"


def says(action: str, who: str = ANN, number: str = OUR_NUMBER, at: datetime | None = None, **fields: Any) -> None:
    ledger.record(Entry(who, number, action, "sms", occurred_at=at, **fields))


def ago(seconds: float) -> datetime:
    return clock.now() - timedelta(seconds=seconds)


def test_states_that_follow_from_the_ledger_are_right(time: MovableTime) -> None:
    says("opt_out")
    says("opt_in", at=ago(100))  # said earlier, and came late
    says("opt_out", BOB, every_number=True)
    says("opt_in", BOB, OTHER_NUMBER)
    says("opt_in", BOB, every_number=True, at=ago(3600))
    instant = ago(50)
    says("opt_out", "+14255550190", at=instant)
    says("opt_in", "+14255550190", at=instant)
    assert severity(STATE, at_rest=True) == severity(NO_STATE, at_rest=True) == ""


@pytest.mark.parametrize("fields", [{"state": "opted_in"}, {"latest_at": "later"}, {"origination_identity": "ACME"}])
def test_a_state_that_says_otherwise_is_found(fields: dict[str, Any]) -> None:
    says("opt_out")
    later = clock.now() + timedelta(minutes=1)
    Consent.objects.update(**{name: later if value == "later" else value for name, value in fields.items()})
    assert severity(STATE) == "critical"


def test_a_word_about_every_number_counts_for_each_state() -> None:
    says("opt_in")
    says("opt_out", every_number=True)
    assert severity(STATE) == ""
    Consent.objects.filter(origination_identity=OUR_NUMBER).update(state="opted_in")
    found = finding(STATE)
    assert found is not None
    assert found.count == 1


@pytest.mark.parametrize("every", [True, False])
def test_an_event_without_a_state_is_found(every: bool) -> None:
    says("opt_out", every_number=every)
    assert severity(NO_STATE) == ""
    Consent.objects.all().delete()
    assert severity(NO_STATE) == "critical"


def test_a_stop_that_was_routed_is_in_the_ledger() -> None:
    text = received("STOP", outcome="consent", routed_at=clock.now())
    says("opt_out", key=f"inbound:{text.inbound_message_id}")
    received("STOP")  # waits to be routed
    assert severity(WORD) == ""
    received("JOIN", BOB, outcome="consent", routed_at=clock.now())
    assert severity(WORD) == "critical"


def left(seconds_from_now: float, **fields: Any) -> OutboundMessage:
    at = clock.now() + timedelta(seconds=seconds_from_now)
    return standing(Status.SENT, **{"attempted_at": at, "queued_at": at} | fields)


def test_a_text_after_an_opt_out_is_found() -> None:
    says("opt_out")
    text = left(15)
    found = finding(TEXTED)
    assert found is not None
    assert (found.severity, found.examples) == ("critical", (f"text {text.pk}",))


def test_what_may_be_sent_all_the_same_is_none() -> None:
    left(-5)
    says("opt_out")
    says("opt_out", BOB, every_number=True)
    left(8)  # its call was under way, or its claim, when the opt-out was committed
    left(15, passes_guards=True)
    left(15, origination_identity=OTHER_NUMBER)
    left(15, destination_phone_number="+14255550190")
    standing(Status.SUPPRESSED, error_code="GUARD", ended_at=clock.now(), attempted_at=None)
    assert severity(TEXTED) == ""


def test_an_opt_out_of_every_number_forbids_each() -> None:
    says("opt_out", every_number=True)
    left(15, origination_identity=OTHER_NUMBER)
    assert severity(TEXTED) == "critical"


def test_who_has_opted_in_again_may_be_texted(time: MovableTime) -> None:
    says("opt_out")
    time.forward(60)
    says("opt_in")
    left(1)
    assert severity(TEXTED) == ""


@pytest.mark.parametrize(("stored", "found"), [(5, ""), (95, "critical")])
def test_an_opt_in_that_was_stored_and_not_yet_routed_counts(time: MovableTime, stored: int, found: str) -> None:
    says("opt_out")
    time.forward(60)
    join = received("JOIN")
    time.forward(15)
    left(0)
    time.forward(45)
    says("opt_in", at=join.received_at, key=f"inbound:{join.inbound_message_id}")
    InboundMessage.objects.update(stored_at=join.received_at + timedelta(seconds=stored))
    assert severity(TEXTED) == found


def test_an_opt_in_that_became_known_only_later_does_not_excuse(time: MovableTime) -> None:
    says("opt_out")
    left(30)
    time.forward(120)
    says("opt_in", at=ago(110))
    assert severity(TEXTED) == "critical"


def test_an_opt_in_said_before_the_opt_out_does_not_excuse(time: MovableTime) -> None:
    says("opt_out")
    says("opt_in", at=ago(3600))
    left(30)
    assert severity(TEXTED) == "critical"


def test_an_opt_out_that_came_late_does_not_accuse(time: MovableTime) -> None:
    left(0)
    time.forward(60)
    says("opt_out", at=ago(3600))
    assert ConsentEvent.objects.get().occurred_at < OutboundMessage.objects.get().attempted_at  # type: ignore[operator]
    assert severity(TEXTED) == ""


def test_an_opt_in_to_another_number_does_not_excuse() -> None:
    says("opt_out")
    says("opt_in", number=OTHER_NUMBER)
    left(15)
    assert severity(TEXTED) == "critical"
