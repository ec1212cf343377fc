"""Alarms of CloudWatch: through the webhook of SNS, from a topic of their own."""

import json
from typing import Any

import pytest
from django.conf import settings as django_settings

from incidents.alerts.topic import Alarms
from incidents.models import Alert, AlertDelivery, AlertSource
from messaging.models import InboundMessage
from messaging.outbound.delivery import Unreadable
from messaging.simulator import Simulator
from tests.incidents.alerts.conftest import Alerts
from tests.incidents.alerts.payloads import payload
from tests.incidents.stage import ANNA, Stage
from tests.together import together

TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms"


@pytest.fixture
def source(alerts: Alerts) -> AlertSource:
    return alerts.make("AWS", kind="cloudwatch", topic_arn=TOPIC)


def take(message_id: str, **changed: Any) -> str:
    return Alarms().take(TOPIC, message_id, payload("cloudwatch_alarm", **changed))


def test_an_alarm_opens_and_its_end_closes(alerts: Alerts, stage: Stage, source: AlertSource) -> None:
    assert take("1") == "The alarm is stored."
    alerts.works()
    assert stage.incident("A1").description == "queue-too-long: More than 100 orders wait"
    assert "alarmsV2:alarm/queue-too-long" in stage.texts(ANNA)[0]
    take("2", NewStateValue="INSUFFICIENT_DATA", StateChangeTime="2026-07-01T09:06:00.000+0000")
    alerts.works()
    assert stage.status("A1") == "not_acknowledged"
    take("3", NewStateValue="OK", StateChangeTime="2026-07-01T09:07:00.000+0000")
    alerts.works()
    assert stage.status("A1") == "cancelled"


def test_sns_brings_it_again_and_nothing_happens(alerts: Alerts, source: AlertSource) -> None:
    take("1")
    assert take("1") == "The alarm was stored before."
    assert Alert.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_twice_in_the_same_instant_it_is_stored_once(alerts: Alerts, source: AlertSource) -> None:
    said = together(lambda: take("1"), lambda: take("1"), lambda: take("1"))
    assert sorted(said) == ["The alarm is stored.", "The alarm was stored before.", "The alarm was stored before."]
    assert Alert.objects.count() == 1


def test_news_that_was_overtaken_changes_nothing(alerts: Alerts, stage: Stage, source: AlertSource) -> None:
    take("2", NewStateValue="OK", StateChangeTime="2026-07-01T09:07:00.000+0000")
    alerts.works()
    take("1")
    alerts.works()
    assert [alert.outcome for alert in Alert.objects.order_by("id")] == ["nothing", "late"]
    assert alerts.incidents() == []


@pytest.mark.parametrize("harm", ["no source", "off"])
def test_what_nobody_is_set_up_for_is_kept_and_shown(alerts: Alerts, harm: str) -> None:
    if harm == "off":
        alerts.make("AWS", kind="cloudwatch", topic_arn=TOPIC, active=False)
    assert "nobody is asked" in take("1")
    delivery = AlertDelivery.objects.get()
    assert delivery.refused
    assert delivery.remark in ("AWS is turned off.", f"No alert source has the topic {TOPIC}.")
    assert not Alert.objects.exists()


def test_what_is_no_alarm_is_refused_for_good_and_kept(alerts: Alerts, source: AlertSource) -> None:
    with pytest.raises(Unreadable, match="NewStateValue"):
        take("1", NewStateValue="FINE")
    assert AlertDelivery.objects.get().refused


def test_the_webhook_gives_each_topic_to_its_reader(
    alerts: Alerts, source: AlertSource, simulator: Simulator, settings: Any, client: Any
) -> None:
    settings.MESSAGING = django_settings.MESSAGING | {
        "SNS_TOPIC_ARNS": simulator.topic_arns[:1],
        "TOPIC_READERS": {simulator.topic_arns[1]: "incidents.alerts.topic.Alarms"},
        "SNS_SIGNING_CERT_FILE": str(simulator.certificate_file),
        "ALLOW_LOCAL_SNS_CERT": True,
    }
    AlertSource.objects.filter(pk=source.pk).update(topic_arn=simulator.topic_arns[1])
    simulator.subscribe("http://127.0.0.1:9/")
    simulator.confirm_directly()
    alarm = json.dumps(payload("cloudwatch_alarm"))

    def post(topic: str, **overrides: str) -> int:
        simulator.post_notification(topic, alarm, **overrides)
        made = simulator.notifications[-1]
        answer = client.generic(
            "POST", "/webhooks/sns/", made.body, content_type="text/plain; charset=UTF-8", headers=dict(made.headers)
        )
        return int(answer.status_code)

    assert post(simulator.topic_arns[1]) == 200
    # A topic of texts takes no alarm; a topic that nobody allowed takes nothing; nor does what nobody signed.
    assert post(simulator.topic_arns[0]) == 400
    assert post(simulator.topic_arns[1], TopicArn="arn:aws:sns:us-east-1:000000000000:theirs") == 403
    assert post(simulator.topic_arns[1], Signature="AAAA") in (400, 403)
    assert Alert.objects.get().source == source
    assert not InboundMessage.objects.exists()
