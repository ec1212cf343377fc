"""What outlives a restart, when a state directory is given."""

from pathlib import Path

from messaging.simulator import Simulator
from tests.messaging.simulator.conftest import ANN, OURS, Webhook, client


def test_texts_both_ways_and_handsets_are_found_again(tmp_path: Path, webhook: Webhook) -> None:
    first = Simulator(state_dir=tmp_path, webhook_url=webhook.url, handsets=[("Ann", ANN)], auto_delivery=False)
    first.confirm_directly()
    with first:
        sms = client("pinpoint-sms-voice-v2", first.url)
        sms.send_text_message(
            DestinationPhoneNumber=ANN, OriginationIdentity=OURS, MessageBody="Hi", Context={"id": "1"}
        )
        first.text(ANN, OURS, "YES")
        first.event(first.sent[0].message_id, "TEXT_DELIVERED")
    second = Simulator(state_dir=tmp_path)
    assert second.sent == first.sent
    assert second.received == first.received
    assert second.state()["conversations"] == first.state()["conversations"]
    assert [bubble["status"] for bubble in second.state()["conversations"][ANN]] == ["delivered", "delivered"]
    assert [handset["name"] for handset in second.state()["handsets"]] == ["Ann"]


def test_one_that_is_stopped_and_started_again_is_found_at_the_same_address() -> None:
    simulator = Simulator(auto_delivery=False).start()
    before = simulator.url
    simulator.stop()
    with simulator:
        assert simulator.url == before
        client("pinpoint-sms-voice-v2", before).send_text_message(
            DestinationPhoneNumber=ANN, OriginationIdentity=OURS, MessageBody="Hi"
        )


def test_a_handset_shows_its_last_two_hundred_texts_and_the_log_all(webhook: Webhook) -> None:
    simulator = Simulator(webhook_url=webhook.url, handsets=[("Ann", ANN)])
    for number in range(210):
        simulator.text(ANN, OURS, str(number), post=False)
    shown = simulator.state()["conversations"][ANN]
    assert (len(shown), shown[0]["body"], shown[-1]["body"]) == (200, "10", "209")
    assert len(simulator.received) == 210
