"""What becomes of a text, told by events with its Context in them."""

from typing import Any

import pytest

from messaging.simulator import Simulator
from tests.messaging.simulator.conftest import ANN, OURS, Send, Webhook, eventually


def events(webhook: Webhook) -> list[dict[str, Any]]:
    return [message for message in webhook.messages() if "eventType" in message]


def test_a_text_to_a_handset_that_is_on_is_delivered(sim: Simulator, webhook: Webhook, send: Send) -> None:
    message_id = send(ANN, "x" * 161, Context={"textback": "17"})
    [event] = eventually(lambda: events(webhook))
    request_time, event_time = event.pop("messageRequestTimestamp"), event.pop("eventTimestamp")
    assert request_time == int(sim.sent[0].at * 1000) <= event_time
    assert event == {
        "eventType": "TEXT_DELIVERED",
        "eventVersion": "1.0",
        "isFinal": True,
        "originationPhoneNumber": OURS,
        "destinationPhoneNumber": ANN,
        "isoCountryCode": "US",
        "isInternationalSend": False,
        "messageId": message_id,
        "messageEncoding": "GSM",
        "messageType": "TRANSACTIONAL",
        "messageStatus": "DELIVERED",
        "messageStatusDescription": "Message has been accepted by phone",
        "context": {"textback": "17"},
        "totalMessageParts": 2,
        "totalMessagePrice": 0.01766,
        "totalCarrierFee": 0.0,
    }
    assert webhook.envelopes()[0]["TopicArn"] == sim.events_topic_arn


def test_a_handset_that_is_off_gets_its_texts_when_it_is_on(sim: Simulator, webhook: Webhook, send: Send) -> None:
    sim.set_handset(ANN, state="off")
    send(ANN)
    other = send("+14255550199")
    assert [event["messageId"] for event in eventually(lambda: events(webhook))] == [other]
    sim.set_handset(ANN, state="on")
    assert eventually(lambda: events(webhook)[1:])[0]["eventType"] == "TEXT_DELIVERED"


def test_a_text_that_outlives_its_time_expires(sim: Simulator, webhook: Webhook) -> None:
    from messaging.simulator.records import SentText

    sim.set_handset(ANN, state="off")
    sim._carrier.take(SentText("id", ANN, OURS, "Hello", "TRANSACTIONAL", {}, 0.0, 0.0, time_to_live=0))
    assert eventually(lambda: events(webhook))[0]["eventType"] == "TEXT_TTL_EXPIRED"


@pytest.mark.parametrize(
    ("destination", "body", "event_type"),
    [
        ("+14254147167", "Hello", "TEXT_UNREACHABLE"),
        ("+14255550199", "x" * 1531, "TEXT_INVALID_MESSAGE"),
        ("+14255550199", "ж" * 631, "TEXT_INVALID_MESSAGE"),
        ("+14255550199", "x" * 1530, "TEXT_DELIVERED"),
        ("+14255550199", "ж" * 630, "TEXT_DELIVERED"),
    ],
)
def test_what_cannot_arrive_fails(
    sim: Simulator, webhook: Webhook, send: Send, destination: str, body: str, event_type: str
) -> None:
    send(destination, body)
    [event] = eventually(lambda: events(webhook))
    assert (event["eventType"], event["isFinal"]) == (event_type, True)


def test_an_unreachable_handset_fails_for_good(sim: Simulator, webhook: Webhook, send: Send) -> None:
    sim.set_handset(ANN, state="unreachable")
    message_id = send(ANN)
    assert eventually(lambda: events(webhook))[0]["eventType"] == "TEXT_UNREACHABLE"
    [bubble] = sim.state()["conversations"][ANN]
    assert (bubble["id"], bubble["status"], bubble["note"]) == (message_id, "failed", "TEXT_UNREACHABLE")


def test_events_can_be_sent_by_hand(sim: Simulator, webhook: Webhook, send: Send) -> None:
    sim.set_handset(ANN, state="off")
    message_id = send(ANN)
    assert sim.event(message_id, "TEXT_SUCCESSFUL", final=False, timestamp=1_700_000_000.5) == 200
    [event] = events(webhook)
    assert (event["isFinal"], event["eventTimestamp"]) == (False, 1_700_000_000_500)
    with pytest.raises(LookupError):
        sim.event("unknown", "TEXT_DELIVERED")
