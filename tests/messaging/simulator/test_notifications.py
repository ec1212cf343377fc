"""SNS towards the webhook: headers, retries, dead letters, copies and order."""

import time

from messaging.simulator import Simulator
from tests.messaging.simulator.conftest import ANN, BOB, OURS, Webhook, eventually


def test_it_posts_with_the_headers_of_sns(sim: Simulator, webhook: Webhook) -> None:
    assert sim.text(ANN, OURS, "YES") == [200]
    [(headers, envelope)] = webhook.posts
    assert headers["content-type"] == "text/plain; charset=UTF-8"
    assert headers["user-agent"] == "Amazon Simple Notification Service Agent"
    assert headers["x-amz-sns-message-type"] == "Notification"
    assert headers["x-amz-sns-message-id"] == envelope["MessageId"]
    assert headers["x-amz-sns-topic-arn"] == envelope["TopicArn"] == sim.inbound_topic_arn
    assert headers["x-amz-sns-subscription-arn"].startswith(sim.inbound_topic_arn + ":")


def test_a_server_error_is_retried_with_the_same_message_id(sim: Simulator, webhook: Webhook) -> None:
    webhook.answers = [503, 500]
    sim.text_in_background(ANN, OURS, "YES")
    eventually(lambda: len(webhook.posts) == 3)
    eventually(lambda: sim.notifications[0].state == "delivered")
    assert len({envelope["MessageId"] for envelope in webhook.envelopes()}) == 1
    assert sim.notifications[0].statuses == [503, 500, 200]
    assert sim.dead_letters == []


def test_a_refusal_is_permanent(sim: Simulator, webhook: Webhook) -> None:
    webhook.answers = [403]
    sim.text_in_background(ANN, OURS, "YES")
    [letter] = eventually(lambda: sim.dead_letters)
    assert letter.statuses == [403]
    assert len(webhook.posts) == 1


def test_after_the_last_retry_it_is_a_dead_letter_that_can_be_sent_again(sim: Simulator, webhook: Webhook) -> None:
    webhook.answers = [500] * 4
    inbound_id = sim.text_in_background(ANN, OURS, "YES")
    [letter] = eventually(lambda: sim.dead_letters)
    assert letter.statuses == [500] * 4
    assert sim.state()["conversations"][ANN][0]["status"] == "dead"
    assert sim.redrive() == 1
    eventually(lambda: len(webhook.posts) == 5)
    assert {message["inboundMessageId"] for message in webhook.messages()} == {inbound_id}
    eventually(lambda: sim.state()["conversations"][ANN][0]["status"] == "delivered")
    assert sim.dead_letters == []


def test_a_webhook_that_is_down_is_tried_again(sim: Simulator, webhook: Webhook) -> None:
    webhook.close()
    assert sim.text(ANN, OURS, "YES") == [0]
    sim.text_in_background(ANN, OURS, "YES")
    eventually(lambda: sim.notifications[-1].statuses == [0, 0, 0, 0])


def test_duplicates_carry_the_same_ids(sim: Simulator, webhook: Webhook) -> None:
    sim.faults.set("duplicate", copies=3, count=1)
    assert sim.text(ANN, OURS, "YES") == [200, 200, 200]
    assert len({envelope["MessageId"] for envelope in webhook.envelopes()}) == 1
    assert len({message["inboundMessageId"] for message in webhook.messages()}) == 1
    assert sim.text(ANN, OURS, "NO") == [200]


def test_copies_made_in_the_background_all_arrive(sim: Simulator, webhook: Webhook) -> None:
    sim.faults.set("duplicate", copies=4, count=1)
    sim.text_in_background(ANN, OURS, "YES")
    eventually(lambda: len(webhook.posts) == 4)


def test_reordering_sends_the_next_one_first(sim: Simulator, webhook: Webhook) -> None:
    sim.faults.set("reorder", count=1)
    assert sim.text(ANN, OURS, "first") == []
    assert sim.text(BOB, OURS, "second") == [200, 200]
    assert [message["messageBody"] for message in webhook.messages()] == ["second", "first"]


def test_one_held_back_is_sent_after_a_while_when_no_other_follows(sim: Simulator, webhook: Webhook) -> None:
    sim.faults.set("reorder", seconds=0.05)
    assert sim.text(ANN, OURS, "alone") == []
    eventually(lambda: len(webhook.posts) == 1)


def test_a_late_notification_waits(sim: Simulator, webhook: Webhook) -> None:
    sim.faults.set("notification_delay", seconds=0.2, destination=ANN)
    sim.text_in_background(ANN, OURS, "late")
    sim.text_in_background(BOB, OURS, "at once")
    eventually(lambda: len(webhook.posts) == 2)
    assert [message["messageBody"] for message in webhook.messages()] == ["at once", "late"]


def test_after_a_reset_no_old_retry_disturbs_the_next_test(sim: Simulator, webhook: Webhook) -> None:
    # As often as it is posted: between two looks of ours a single retry may have come and gone.
    webhook.answers = [500] * 100
    sim.text_in_background(ANN, OURS, "old")
    eventually(lambda: webhook.posts)
    sim.reset()
    webhook.posts.clear()
    webhook.answers = []
    time.sleep(0.1)
    sim.text(ANN, OURS, "new")
    assert [message["messageBody"] for message in webhook.messages()] == ["new"]


def test_any_envelope_can_be_posted(sim: Simulator, webhook: Webhook) -> None:
    topic = "arn:aws:sns:us-east-1:999999999999:not-ours"
    assert sim.post_notification(topic, "x", SigningCertURL="https://evil.example/x.pem", UnsubscribeURL=None) == [200]
    [envelope] = webhook.envelopes()
    assert (envelope["TopicArn"], envelope["SigningCertURL"]) == (topic, "https://evil.example/x.pem")
    assert "UnsubscribeURL" not in envelope
