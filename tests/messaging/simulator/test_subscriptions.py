"""The handshake: SubscriptionConfirmation, ConfirmSubscription through real boto3, then the notifications."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from messaging.simulator import Simulator
from tests.messaging.simulator.conftest import ANN, OURS, Webhook, answer_of, client, eventually


def asked(webhook: Webhook) -> list[dict[str, Any]]:
    return webhook.envelopes("SubscriptionConfirmation")


def test_notifications_wait_for_the_confirmation_of_their_topic(webhook: Webhook) -> None:
    with Simulator(webhook_url=webhook.url) as simulator:
        eventually(lambda: len(asked(webhook)) == 2)
        assert {envelope["TopicArn"] for envelope in asked(webhook)} == set(simulator.topic_arns)
        assert simulator.text(ANN, OURS, "YES") == []
        before = simulator.confirmed
        sns = client("sns", simulator.url)
        for envelope in asked(webhook):
            answer = sns.confirm_subscription(
                TopicArn=envelope["TopicArn"], Token=envelope["Token"], AuthenticateOnUnsubscribe="true"
            )
            assert answer["SubscriptionArn"].startswith(envelope["TopicArn"] + ":")
        assert (before, simulator.confirmed) == (False, True)
        eventually(lambda: [message["messageBody"] for message in webhook.messages()] == ["YES"])


def test_it_asks_again_until_the_webhook_takes_it(webhook: Webhook) -> None:
    webhook.answers = [503, 503]
    with Simulator(webhook_url=webhook.url):
        eventually(lambda: len(asked(webhook)) == 4)
    assert len({envelope["Token"] for envelope in asked(webhook)}) == 2


def test_confirming_twice_gives_the_same_subscription(webhook: Webhook) -> None:
    with Simulator(webhook_url=webhook.url) as simulator:
        envelope = eventually(lambda: asked(webhook))[0]
        sns = client("sns", simulator.url)
        parameters = {"TopicArn": envelope["TopicArn"], "Token": envelope["Token"]}
        first, second = sns.confirm_subscription(**parameters), sns.confirm_subscription(**parameters)
        assert first["SubscriptionArn"] == second["SubscriptionArn"]


@pytest.mark.parametrize(
    ("topic", "token", "code", "status"),
    [
        (None, "wrong", "InvalidParameter", 400),
        ("arn:aws:sns:us-east-1:123456789012:nothing", "wrong", "NotFound", 404),
        ("nonsense", "wrong", "InvalidParameter", 400),
    ],
)
def test_a_wrong_confirmation_is_refused(
    bare: Simulator, topic: str | None, token: str, code: str, status: int
) -> None:
    with pytest.raises(ClientError) as caught:
        client("sns", bare.url).confirm_subscription(TopicArn=topic or bare.inbound_topic_arn, Token=token)
    answer = answer_of(caught)
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
    assert not bare.confirmed


def test_subscribing_another_webhook_starts_over(sim: Simulator, webhook: Webhook) -> None:
    sim.subscribe(webhook.url + "?again")
    assert not sim.confirmed
    eventually(lambda: len(asked(webhook)) == 2)


def test_what_waits_is_not_lost_when_confirmation_is_asked_for_again(webhook: Webhook) -> None:
    with Simulator(webhook_url=webhook.url) as simulator:
        simulator.text(ANN, OURS, "YES")
        simulator.ask_for_confirmation()
        simulator.confirm_directly()
        eventually(lambda: [message["messageBody"] for message in webhook.messages()] == ["YES"])
