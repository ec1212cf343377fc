"""Putting an unmatched text where it belongs: as if it had been routed there, once, with the name of who did it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pytest

from messaging import clock
from messaging.contracts import Handled, Page, Place, Reply
from messaging.inbound import assigning, routing
from messaging.models import InboundMessage, OriginationIdentity, OutboundMessage
from messaging.outbound import reply_limits
from tests.messaging.factories import ANN, received
from tests.together import together

pytestmark = pytest.mark.django_db(transaction=True)

HERE = "tests.messaging.inbound.test_assign"
hints: list[tuple[str, str, str, bool]] = []


class Talk:
    """Understands "take it", asks back about anything but "nothing"."""

    view_permission = assign_permission = ""

    def receive(self, text: InboundMessage, hint: OutboundMessage | None) -> Handled | None:
        if hint:
            hints.append((hint.conversation, hint.subject, hint.destination_phone_number, hint.expects_reply))
        if text.body == "take it" and hint:
            return Handled("incidents", "talk", hint.subject, [Reply("Taken"), Reply("Thank you")])
        return None

    def not_understood(self, text: InboundMessage, hint: OutboundMessage) -> Handled | None:
        if text.body == "nothing":
            return None
        return Handled("not_understood", "talk", hint.subject, [Reply("What?", expects_reply=True)])

    def reserves(self, word: str) -> str:
        return ""

    def text_settled(self, message: OutboundMessage) -> None: ...

    def opted_out(self, phone_number: str, origination_identity: str, reason: str) -> None: ...

    def pages(self, subjects: Collection[str]) -> Mapping[str, Page]:
        return {}

    def places(self, phone_number: str, texts: Sequence[InboundMessage]) -> Mapping[int, Sequence[Place]]:
        return {}


@pytest.fixture(autouse=True)
def _plugged_in(settings: Any, number: OriginationIdentity) -> None:
    hints.clear()
    settings.MESSAGING = settings.MESSAGING | {
        "INTERCEPTORS": [],
        "CONVERSATIONS": {"talk": f"{HERE}.Talk"},
        "SEND_GUARDS": [],
    }


def _unmatched(body: str) -> InboundMessage:
    text = received(body)
    routing.route_waiting()
    text.refresh_from_db()
    assert text.outcome == "unmatched"
    return text


def _assign(text: InboundMessage, by: str = "alice") -> bool:
    return assigning.assign(text.pk, conversation="talk", subject="7", by=by)


def _replies() -> list[tuple[str, str, bool, str]]:
    rows = OutboundMessage.objects.order_by("id")
    return list(rows.values_list("body", "actor", "is_automatic_reply", "subject"))


@pytest.mark.parametrize(
    ("body", "outcome", "replies"),
    [
        ("take it", "incidents", [("Taken", "alice", False, "7"), ("Thank you", "alice", False, "7")]),
        ("on my way", "not_understood", [("What?", "alice", False, "7")]),
    ],
)
def test_the_conversation_gets_the_text_as_if_it_answered_one_of_its_own(
    body: str, outcome: str, replies: list[tuple[str, str, bool, str]]
) -> None:
    text = _unmatched(body)
    routed_at = text.routed_at
    assert _assign(text)
    text.refresh_from_db()
    assert (text.outcome, text.conversation, text.subject, text.handled_by) == (outcome, "talk", "7", "alice")
    assert text.handled_at is not None
    assert text.routed_at == routed_at
    assert hints == [("talk", "7", ANN, True)]
    assert _replies() == replies


def test_twice_is_once() -> None:
    text = _unmatched("take it")
    assert _assign(text)
    assert not _assign(text, by="bob")
    text.refresh_from_db()
    assert text.handled_by == "alice"
    assert len(_replies()) == 2


def test_two_in_the_same_instant_are_one() -> None:
    text = _unmatched("take it")
    results = together(lambda: _assign(text, by="alice"), lambda: _assign(text, by="bob"))
    assert sorted(results) == [False, True]
    assert len(_replies()) == 2


def test_a_text_that_no_longer_waits_stays_where_it_is() -> None:
    text = _unmatched("take it")
    InboundMessage.objects.update(handled_by="bob", handled_at=clock.now())
    assert not _assign(text)
    routed = received("hello", outcome="keyword", routed_at=clock.now())
    assert not _assign(routed)
    unrouted = received("hello")
    assert not _assign(unrouted)
    assert _replies() == []


def test_what_the_conversation_does_not_take_goes_on_waiting() -> None:
    text = _unmatched("nothing")
    with pytest.raises(assigning.NotTaken, match="Answer by hand"):
        _assign(text)
    text.refresh_from_db()
    assert (text.outcome, text.handled_at) == ("unmatched", None)
    assert _replies() == []


def test_what_staff_bring_about_is_not_held_back_as_a_loop() -> None:
    for number in range(reply_limits.MOST_REPLIES + 2):
        text = received(f"hello {number}", outcome="unmatched", routed_at=clock.now())
        assert _assign(text)
    assert {status for (status,) in OutboundMessage.objects.values_list("status")} == {"queued"}
