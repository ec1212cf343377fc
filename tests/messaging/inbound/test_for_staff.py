"""Texts that an interceptor leaves to staff, and replies of which the number they leave from is a part."""

import logging
from typing import Any

import pytest

from messaging.contracts import ForStaff, Handled, Reply
from messaging.inbound import routing
from messaging.models import InboundMessage, OriginationIdentity, OutboundMessage, Status
from messaging.outbound import reply_limits
from tests.messaging.factories import ANN, OUR_NUMBER, received, standing

pytestmark = pytest.mark.django_db(transaction=True)

HERE = "tests.messaging.inbound.test_for_staff"
OTHER = "+14255550199"


class Listens:
    """Leaves pleas to staff; confirms a change with and without leave to pass the guards."""

    replies = {
        "stop": Reply("You are out", passes_guards=True, ignores_reply_limit=True, speaks_of_this_number=True),
        "join": Reply("You are in", ignores_reply_limit=True, speaks_of_this_number=True),
        "hello": Reply("Hello to you"),
    }

    def intercept(self, text: InboundMessage) -> Handled | ForStaff | None:
        if text.body.startswith("please"):
            return ForStaff()
        reply = self.replies.get(text.body)
        return Handled("consent", "consent", replies=[reply]) if reply else None


class Echo:
    """A second interceptor, which deals with one plea."""

    def intercept(self, text: InboundMessage) -> Handled | None:
        return Handled("keyword", replies=[Reply("Echo")]) if text.body == "please echo" else None


class Talk:
    """A conversation that understands one plea."""

    def receive(self, text: InboundMessage, hint: OutboundMessage | None) -> Handled | None:
        return Handled("incidents", "talk", "1", [Reply("Taken")]) if text.body == "please take it" else None

    def not_understood(self, text: InboundMessage, hint: OutboundMessage) -> Handled | None:
        return Handled("not_understood", "talk", "1", [Reply("What?")])

    def text_settled(self, message: OutboundMessage) -> None: ...

    def opted_out(self, phone_number: str, origination_identity: str, reason: str) -> None: ...


@pytest.fixture(autouse=True)
def _plugged_in(settings: Any, number: OriginationIdentity) -> None:
    settings.MESSAGING = settings.MESSAGING | {
        "INTERCEPTORS": [f"{HERE}.Listens", f"{HERE}.Echo"],
        "CONVERSATIONS": {"talk": f"{HERE}.Talk"},
        "SEND_GUARDS": [],
    }
    standing(Status.SENT, carrier_message_id="m1", conversation="talk")


@pytest.mark.parametrize(
    ("body", "outcome", "answer"),
    [
        ("please leave me alone", "unmatched", []),
        ("please take it", "incidents", ["Taken"]),
        ("please echo", "keyword", ["Echo"]),
        ("what", "not_understood", ["What?"]),
    ],
)
def test_nobody_is_asked_back_about_a_text_that_staff_will_read(body: str, outcome: str, answer: list[str]) -> None:
    text = received(body, previous_published_message_id="m1")
    routing.route_waiting()
    text.refresh_from_db()
    replies = OutboundMessage.objects.filter(idempotency_key__startswith="inbound:").values_list("body", flat=True)
    assert (text.outcome, list(replies)) == (outcome, answer)


def _answers() -> list[tuple[str, str]]:
    rows = OutboundMessage.objects.filter(idempotency_key__startswith="inbound:").order_by("id")
    return list(rows.values_list("body", "status"))


def test_a_reply_may_ignore_the_limit_that_ends_loops() -> None:
    for _ in range(reply_limits.MOST_REPLIES + 1):
        received("hello")
    received("join")
    routing.route_waiting()
    assert _answers() == [
        *[("Hello to you", "queued")] * reply_limits.MOST_REPLIES,
        ("Hello to you", "suppressed"),
        ("You are in", "queued"),
    ]


def test_and_then_it_does_not_count() -> None:
    for _ in range(reply_limits.MOST_REPLIES + 1):
        received("join")
    received("hello")
    routing.route_waiting()
    assert {status for _, status in _answers()} == {"queued"}


@pytest.mark.parametrize("body", ["stop", "join"])
@pytest.mark.parametrize("ours", [True, False])
def test_a_confirmation_leaves_from_the_number_that_was_written_to_or_not_at_all(
    body: str, ours: bool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "messaging")
    # One that was ours and is switched off is as good as none.
    OriginationIdentity.objects.create(identity=OTHER, kind="ten_dlc", mps=1, active=ours)
    text = received(body, destination_phone_number=OTHER)
    routing.route_waiting()
    text.refresh_from_db()
    assert text.outcome == "consent", "what was said counts all the same"
    from_ = OutboundMessage.objects.filter(idempotency_key__startswith="inbound:").values_list("origination_identity")
    assert list(from_) == ([(OTHER,)] if ours else [])
    assert (f"{OTHER} is none of our numbers" in caplog.text) is not ours


def test_other_answers_may_leave_from_another_number() -> None:
    received("hello", destination_phone_number="+19995550000")
    routing.route_waiting()
    reply = OutboundMessage.objects.get(body="Hello to you")
    assert (reply.origination_identity, reply.destination_phone_number) == (OUR_NUMBER, ANN)
