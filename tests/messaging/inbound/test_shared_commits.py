"""Notifications that come at the same time share a commit; each is answered after it, and for itself."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from messaging import clock, redis, wakeups
from messaging.inbound import store
from messaging.inbound.sns.envelope import Envelope
from messaging.models import DeliveryEvent, InboundMessage
from messaging.outbound.delivery import Unreadable
from tests.messaging.factories import ANN, OUR_NUMBER
from tests.messaging.inbound.meanwhile import meanwhile

pytestmark = pytest.mark.django_db(transaction=True)


def notification(message_id: str, message: Mapping[str, object]) -> Callable[[], str]:
    envelope = Envelope(
        type="Notification",
        message_id=message_id,
        topic_arn="arn:aws:sns:us-east-1:123456789012:texts",
        subject=None,
        message=json.dumps(message),
        timestamp=clock.now(),
        raw_timestamp="",
        signature_version="2",
        signature=b"",
        signing_cert_url="",
        token=None,
        subscribe_url=None,
        raw={},
    )
    return partial(store.notification, envelope)


def text(name: str, body: str = "YES") -> Callable[[], str]:
    fields = {"originationNumber": ANN, "destinationNumber": OUR_NUMBER, "messageBody": body}
    return notification(f"sns-{name}", fields | {"inboundMessageId": name})


def event(name: str, at: object = 1_790_000_000_000) -> Callable[[], str]:
    return notification(name, {"eventType": "TEXT_DELIVERED", "messageId": name, "eventTimestamp": at})


def answered(name: str) -> tuple[str, bool]:
    """What is answered, and whether others can see the text at that moment."""
    return text(name)(), InboundMessage.objects.filter(inbound_message_id=name).exists()


def test_each_is_answered_after_the_commit_that_holds_its_row() -> None:
    names = ["a", "b", "c", "d"]
    got = meanwhile(store._together, *(partial(answered, name) for name in names))
    assert got == [("The text is stored.", True)] * len(names)


def test_those_that_come_at_once_are_one_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    commits: list[BaseDatabaseWrapper] = []
    commit = BaseDatabaseWrapper.commit

    def counted(self: BaseDatabaseWrapper) -> None:
        commits.append(self)
        commit(self)

    monkeypatch.setattr(BaseDatabaseWrapper, "commit", counted)
    meanwhile(store._together, text("a"), event("b"), text("c"), event("d"))
    assert len(commits) == 1
    assert InboundMessage.objects.count() == DeliveryEvent.objects.count() == 2


def test_those_that_come_at_once_are_one_statement_for_each_table(monkeypatch: pytest.MonkeyPatch) -> None:
    statements: list[tuple[str, int]] = []
    execute = CursorWrapper.execute

    def counted(self: CursorWrapper, sql: str, params: Any = None) -> object:
        if sql.startswith("INSERT"):
            statements.append((sql.split('"')[1], sql.count("(%s")))
        return execute(self, sql, params)

    monkeypatch.setattr(CursorWrapper, "execute", counted)
    meanwhile(store._together, text("a"), event("b"), text("c"), event("d"), text("e"))
    assert statements == [("messaging_inboundmessage", 3), ("messaging_deliveryevent", 2)]


def test_each_list_is_woken_once_and_after_the_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[tuple[str, int]] = []

    def wake_now(name: str) -> None:
        woken.append((name, InboundMessage.objects.count()))

    monkeypatch.setattr(wakeups, "wake_now", wake_now)
    meanwhile(store._together, text("a"), event("b"), text("c"), event("d"))
    assert sorted(woken) == [("events", 2), ("inbound", 2)]
    assert not transaction.get_connection().in_atomic_block


def test_one_that_cannot_be_read_is_refused_and_the_others_are_stored_and_woken_for() -> None:
    good, bad, other = meanwhile(store._together, text("a"), event("b", at="never"), text("c"))
    assert (good, other) == ("The text is stored.",) * 2
    assert isinstance(bad, Unreadable)
    assert InboundMessage.objects.count() == 2
    assert not DeliveryEvent.objects.exists()
    assert len(redis.queue("inbound")) == 1


def test_copies_that_come_at_once_are_stored_once() -> None:
    got = meanwhile(store._together, *[text("a")] * 3)
    assert sorted(map(str, got)) == ["The text is stored.", *["The text was stored before."] * 2]
    assert InboundMessage.objects.count() == 1


def test_when_the_common_commit_fails_each_is_stored_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(self: BaseDatabaseWrapper) -> None:
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(BaseDatabaseWrapper, "commit", lost)
    assert meanwhile(store._together, text("a"), text("b")) == ["The text is stored."] * 2
    assert InboundMessage.objects.count() == 2


def test_when_nothing_can_be_stored_nobody_is_told_that_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> list[bool]:
        raise DatabaseError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(store, "insert_all_once", full)
        got = meanwhile(store._together, text("a"), text("b"))
    assert [type(each) for each in got] == [DatabaseError] * 2
    assert text("a")() == "The text is stored.", "SNS brings it again"


def test_whoever_is_in_a_transaction_commits_for_himself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_together", None)
    with transaction.atomic():
        assert text("a")() == "The text is stored."
        transaction.set_rollback(True)
    assert not InboundMessage.objects.exists()
