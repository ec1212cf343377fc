"""Texts that come out of a queue: dead letters, and INBOUND=sqs. A real HTTP queue, envelopes as SNS signs them."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError

from incidents.models import Alert, AlertSource
from messaging import clock, jobs
from messaging.aws.session import Session
from messaging.inbound import queues, webhooks
from messaging.models import InboundMessage
from messaging.simulator import Simulator
from tests.incidents.alerts.payloads import payload
from tests.messaging.aws.conftest import _moto, account
from tests.messaging.factories import ANN, OUR_NUMBER

__all__ = ["_moto", "account"]
pytestmark = pytest.mark.django_db(transaction=True)
ARN = "arn:aws:sqs:us-east-1:123456789012:textback-dead-letters"


class Letters:
    """A queue with what SNS would have put into it."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator, self._sqs = simulator, Session("us-east-1").sqs
        self.url = self._sqs.create_queue(QueueName="textback-dead-letters")["QueueUrl"]

    def text(self, body: str, **details: Any) -> None:
        """A text that SNS could not deliver."""
        self.simulator.text(ANN, OUR_NUMBER, body, post=False, **details)
        self.raw(self.simulator.notifications[-1].body.decode())

    def posted(self, topic: str, message: str, **overrides: str) -> None:
        """What SNS would bring from a topic."""
        self.simulator.post_notification(topic, message, **overrides)
        self.raw(self.simulator.notifications[-1].body.decode())

    def raw(self, body: str) -> None:
        """Anything at all."""
        self._sqs.send_message(QueueUrl=self.url, MessageBody=body)


@pytest.fixture
def letters(account: Simulator, settings: Any) -> Iterator[Letters]:
    settings.MESSAGING = settings.MESSAGING | {
        "SNS_TOPIC_ARNS": account.topic_arns,
        "SNS_SIGNING_CERT_FILE": str(account.certificate_file),
        "ALLOW_LOCAL_SNS_CERT": True,
        "SQS_DEAD_LETTERS": ARN,
        "SQS_INBOUND": ARN,
    }
    webhooks.verifier.cache_clear()
    queues.queue.cache_clear()
    yield Letters(account)
    queues.queue.cache_clear()


def bodies() -> list[str]:
    return list(InboundMessage.objects.order_by("id").values_list("body", flat=True))


def test_dead_letters_are_stored_once_and_deleted(letters: Letters) -> None:
    for n in range(25):
        letters.text(f"text {n}")
    letters.text("twice", inbound_id="same")
    letters.text("twice", inbound_id="same")
    taken = queues.queue(ARN).drain()
    assert (taken.stored, taken.left) == (27, 0)
    assert sorted(bodies()) == sorted([*(f"text {n}" for n in range(25)), "twice"])
    assert queues.queue(ARN).waiting() == 0


def test_they_keep_the_time_they_were_sent(letters: Letters) -> None:
    letters.text("late", sns_timestamp="2026-11-20T08:00:00.000Z")
    queues.queue(ARN).drain()
    text = InboundMessage.objects.get()
    assert text.received_at.isoformat() == "2026-11-20T08:00:00+00:00"
    assert clock.now() - text.stored_at < timedelta(minutes=5)


@pytest.mark.parametrize("forged", ["not JSON", "{}", '{"Type": "Notification", "Message": "YES"}'])
def test_what_is_not_genuine_stays_and_is_said(letters: Letters, forged: str) -> None:
    letters.raw(forged)
    letters.text("genuine")
    taken = queues.queue(ARN).drain()
    assert (taken.stored, taken.left, len(taken.reasons)) == (1, 1, 1)
    assert bodies() == ["genuine"]
    assert queues.queue(ARN).waiting() == 1, "nothing is deleted that was not stored"


def test_a_forged_signature_stays(letters: Letters) -> None:
    letters.text("YES")
    body = letters.simulator.notifications[-1].body.decode()
    queues.queue(ARN).drain()
    letters.raw(body.replace("YES", "NOO"))
    assert queues.queue(ARN).drain().left == 1
    assert bodies() == ["YES"]


def test_a_database_that_is_away_loses_nothing(letters: Letters, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise OperationalError("gone")

    letters.text("kept")
    with monkeypatch.context() as broken:
        broken.setattr(webhooks, "take", away)
        taken = queues.queue(ARN).take(wait_seconds=0, hide_seconds=0)
    assert (taken.stored, taken.reasons) == (0, {"The database does not take it.": 1})
    assert queues.queue(ARN).drain().stored == 1
    assert bodies() == ["kept"]


def test_a_message_that_breaks_something_keeps_no_other_waiting(
    letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = webhooks.take

    def breaks(body: bytes, headers: Mapping[str, str]) -> str:
        if b"poison" in body:
            raise KeyError("nobody thought of it")
        return take(body, headers)

    monkeypatch.setattr(webhooks, "take", breaks)
    for body in ("before", "poison", "after"):
        letters.text(body)
    taken = queues.queue(ARN).drain()
    assert (taken.stored, taken.left) == (2, 1)
    assert "KeyError" in next(iter(taken.reasons))
    assert sorted(bodies()) == ["after", "before"]
    assert queues.queue(ARN).waiting() == 1


@pytest.mark.parametrize(("lasts", "hidden"), [(60, 120), (3600, 3660), (100_000, 43_200)])
def test_what_stays_is_not_seen_again_by_the_same_drain(
    letters: Letters, monkeypatch: pytest.MonkeyPatch, lasts: int, hidden: int
) -> None:
    asked: list[Any] = []

    def take(*_: Any, **options: Any) -> queues.Taken:
        asked.append(options)
        return queues.Taken()

    monkeypatch.setattr(queues.Queue, "take", take)
    queues.queue(ARN).drain(timedelta(seconds=lasts))
    assert [one["hide_seconds"] for one in asked] == [hidden]


def test_the_command_reports_what_it_did(letters: Letters) -> None:
    letters.text("one")
    letters.raw("junk")
    out = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("drain_dead_letters", stdout=out)
    assert end.value.code == 2
    assert out.getvalue().splitlines()[0] == "1 stored, 1 left in the queue."
    assert "not valid JSON" in out.getvalue()


def test_a_plan_only_counts(letters: Letters) -> None:
    letters.text("one")
    out = StringIO()
    call_command("drain_dead_letters", "--plan", "--json", stdout=out)
    assert out.getvalue().strip() == '{"waiting": 1}'
    assert bodies() == []


@pytest.mark.parametrize(("arn", "said"), [("", "Set SQS_DEAD_LETTERS"), ("https://sqs/queue", "is no ARN")])
def test_a_queue_that_is_none(letters: Letters, settings: Any, arn: str, said: str) -> None:
    settings.MESSAGING = settings.MESSAGING | {"SQS_DEAD_LETTERS": arn}
    with pytest.raises(CommandError, match=said):
        call_command("drain_dead_letters")


def test_a_worker_does_it_by_itself(letters: Letters) -> None:
    letters.text("by itself")
    jobs.drain_dead_letters()
    assert bodies() == ["by itself"]


def test_a_worker_survives_an_sqs_that_is_away(letters: Letters, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:9")
    queues.queue.cache_clear()
    jobs.drain_dead_letters()
    assert bodies() == []


def test_the_receiver_takes_until_it_is_asked_to_end(
    letters: Letters, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for n in range(12):
        letters.text(f"text {n}")
    looked = threading.Event()
    take = queues.Queue.take

    def once_more(queue: queues.Queue, *arguments: Any, **options: Any) -> queues.Taken:
        taken = take(queue, 0)
        if not taken.all:
            looked.set()
            clock.request_stop()
        return taken

    monkeypatch.setattr(queues.Queue, "take", once_more)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    sign = tmp_path / "pulse"
    monkeypatch.setenv("PULSE_FILE", str(sign))
    try:
        call_command("receive_sqs")
    finally:
        clock.forget_stop()
    assert looked.is_set()
    assert len(bodies()) == 12
    assert sign.exists(), "a probe sees that it lives"


@pytest.mark.parametrize("by", ["receive_sqs", "drain_dead_letters"])
def test_an_alarm_that_comes_by_a_queue_opens_an_incident(
    letters: Letters, settings: Any, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    """The same verified way: a topic that SNS_ALARM_TOPIC_ARNS names, and nothing that only says so."""
    letters.simulator.subscribe("http://127.0.0.1:9/")
    letters.simulator.confirm_directly()
    texts, alarms = letters.simulator.topic_arns
    settings.MESSAGING = settings.MESSAGING | {
        "SNS_TOPIC_ARNS": [texts],
        "TOPIC_READERS": {alarms: "incidents.alerts.topic.Alarms"},
    }
    AlertSource.objects.create(name="AWS", slug="aws", prefix="A", kind="cloudwatch", topic_arn=alarms)
    alarm = json.dumps(payload("cloudwatch_alarm"))
    letters.posted(alarms, alarm)
    letters.posted(alarms, alarm, Signature="AAAA")
    letters.posted(texts, alarm)

    def over(*_: Any) -> None:
        clock.request_stop()

    if by == "receive_sqs":
        monkeypatch.setattr(clock, "sleep", over)
        monkeypatch.setattr("signal.signal", lambda *_: None)
    try:
        with suppress(SystemExit):
            call_command(by, stdout=StringIO())
    finally:
        clock.forget_stop()
    assert [alert.source.name for alert in Alert.objects.all()] == ["AWS"]
    assert queues.queue(ARN).waiting() == 2, "what nobody signed, and what came by a topic of texts"
    assert bodies() == []
