"""Texts from handsets, as End User Messaging puts them into SNS."""

import json
from datetime import UTC, datetime

import pytest

from messaging.simulator import Simulator
from tests.messaging.simulator.conftest import ANN, BOB, OURS, Send, Webhook


def test_the_payload_is_the_documented_one(sim: Simulator, webhook: Webhook, send: Send) -> None:
    message_id = send(ANN)
    sim.text(ANN, OURS, "YES 👍", inbound_id="inbound-1")
    inbound = webhook.messages()[-1] if "messageBody" in webhook.messages()[-1] else webhook.messages()[0]
    assert inbound == {
        "originationNumber": ANN,
        "destinationNumber": OURS,
        "messageKeyword": "KEYWORD_123456789012",
        "messageBody": "YES 👍",
        "inboundMessageId": "inbound-1",
        "previousPublishedMessageId": message_id,
    }


def test_without_a_text_before_there_is_no_previous_message(sim: Simulator, webhook: Webhook, send: Send) -> None:
    send(BOB)
    send(ANN, OriginationIdentity="+12065550199")
    sim.text(ANN, OURS, "YES")
    [inbound] = [message for message in webhook.messages() if "messageBody" in message]
    assert "previousPublishedMessageId" not in inbound


def test_the_previous_message_is_the_last_of_the_pair_or_as_told(sim: Simulator, send: Send) -> None:
    send(ANN)
    last = send(ANN)
    sim.text(ANN, OURS, "a", post=False)
    sim.text(ANN, OURS, "b", previous="another", post=False)
    sim.text(ANN, OURS, "c", previous=None, post=False)
    assert [received.previous for received in sim.received] == [last, "another", None]


def test_one_that_is_not_posted_can_be_posted_by_the_test(sim: Simulator, webhook: Webhook) -> None:
    assert sim.text(ANN, OURS, "YES", post=False) == []
    assert webhook.posts == []
    notification = sim.notifications[-1]
    assert json.loads(json.loads(notification.body)["Message"])["messageBody"] == "YES"
    assert notification.headers["x-amz-sns-message-type"] == "Notification"


@pytest.mark.parametrize("given", ["2026-01-02T03:04:05.678Z", datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)])
def test_the_time_of_sns_can_be_chosen(sim: Simulator, webhook: Webhook, given: str | datetime) -> None:
    sim.text(ANN, OURS, "YES", sns_timestamp=given)
    assert webhook.envelopes()[0]["Timestamp"] == "2026-01-02T03:04:05.678Z"


def test_without_a_webhook_it_says_so(bare: Simulator) -> None:
    with pytest.raises(RuntimeError, match="there is no webhook"):
        bare.text(ANN, OURS, "YES")
