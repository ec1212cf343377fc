"""The simulator as one object: what tests start, stop and ask, and what the command line runs."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from messaging.simulator import certificate, clock, envelopes, restoring, snapshot
from messaging.simulator.account_api import Account
from messaging.simulator.application import Application
from messaging.simulator.aws_api import AwsApi
from messaging.simulator.calls_api import CallService
from messaging.simulator.carrier import Carrier
from messaging.simulator.control_api import ControlApi, faults_as_json
from messaging.simulator.envelopes import Envelopes
from messaging.simulator.faults import Faults
from messaging.simulator.handsets import Handsets
from messaging.simulator.hub import Hub
from messaging.simulator.limits import Pace
from messaging.simulator.log import Log
from messaging.simulator.notifier import Notifier
from messaging.simulator.publisher import Publisher, RetryPolicy
from messaging.simulator.records import Call, Handset, Notification, ReceivedText, SendRequest, SentText
from messaging.simulator.scheduler import Scheduler
from messaging.simulator.server import Server
from messaging.simulator.storage import Storage
from messaging.simulator.subscriptions import Subscriptions
from messaging.simulator.texts_api import TextService
from messaging.simulator.wirelog import WireLog

# The default of ``previous``: the last text accepted for this pair of numbers, as AWS seems to do it.
LAST_OF_PAIR = "last of pair"


class Simulator:
    """End User Messaging SMS, SNS and Connect on one local address, with handsets.

    ``retries``, ``retry_seconds`` and ``webhook_timeout`` are SNS's delivery policy. ``mps`` (one figure, or
    one for each origination number) and ``per_recipient`` throttle what goes faster than AWS allows.
    """

    def __init__(
        self,
        *,
        webhook_url: str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        state_dir: Path | None = None,
        region: str = "us-east-1",
        account_id: str = "123456789012",
        inbound_topic: str = "textback-inbound",
        events_topic: str = "textback-events",
        handsets: Sequence[tuple[str, str]] = (),
        auto_delivery: bool = True,
        delivery_delay: float = 0.4,
        retries: int = 3,
        retry_seconds: float = 20.0,
        webhook_timeout: float = 15.0,
        signature_version: str = "2",
        mps: float | Mapping[str, float] | None = None,
        per_recipient: bool = False,
    ) -> None:
        self.inbound_topic_arn = envelopes.arn("sns", region, account_id, inbound_topic)
        self.events_topic_arn = envelopes.arn("sns", region, account_id, events_topic)
        self.topic_arns = [self.inbound_topic_arn, self.events_topic_arn]
        self._host, self._port = host, port
        self._server: Server | None = None
        self._stopping = threading.Event()
        identity = certificate.ensure(state_dir) if state_dir else certificate.of_this_process()
        self.certificate_file = identity.certificate_file
        self._hub = Hub()
        self._wire = WireLog(self._hub)
        self._storage = Storage(state_dir) if state_dir else None
        self._log = Log(self._storage)
        self._handsets = Handsets(self._log, self._hub, self._storage)
        self._scheduler = Scheduler()
        self._subscriptions = Subscriptions(self.topic_arns, self._storage)
        maker = Envelopes(identity, region, signature_version)
        self._pace = Pace(mps, per_recipient)
        self.faults = Faults(self._faults_changed)
        self._publisher = Publisher(
            maker, self._subscriptions, self.faults, self._scheduler, self._handsets, self._wire,
            RetryPolicy(retries, retry_seconds, webhook_timeout), self._stopping, self._storage,
        )  # fmt: skip
        self._publisher.webhook_url = webhook_url
        self._notifier = Notifier(maker, self._subscriptions, self.inbound_topic_arn, self.events_topic_arn, account_id)
        self._carrier = Carrier(
            self._handsets, self._publisher, self._scheduler, self._notifier,
            auto_delivery=auto_delivery, delay=delivery_delay,
        )  # fmt: skip
        self._calls = CallService(self._log, self.faults, self._wire)
        texts = TextService(
            self._log, self._handsets, self.faults, self._pace, self._wire, self._carrier.take,
            self._stopping.wait,
        )  # fmt: skip
        self.account = Account(region, account_id)
        aws = AwsApi(
            texts, self._calls, self._subscriptions, self._wire, self._publisher.release, self._hub_reload, self.account
        )
        self._application = Application(aws, ControlApi(self, self._hub))
        for name, number in handsets:
            self._handsets.add(name, number)

    def start(self) -> Self:
        if self._server is not None:
            raise RuntimeError("the simulator is running already")
        self._stopping.clear()
        self._server = Server((self._host, self._port), self._application, self._stopping, self._hub.close)
        # A simulator that is stopped and started again is found where it was.
        self._port = self._server.server_address[1]
        self._scheduler.start()
        if self._storage is not None:
            restoring.resume(self._storage.take_remembered(), self._carrier, self._publisher, self._notifier)
        self._server.start()
        if self.webhook_url is not None and not self.confirmed:
            self._publisher.ask_for_confirmation()
        return self

    def stop(self) -> None:
        if self._server is None:
            return
        self._stopping.set()
        self._hub.end()
        self._server.stop()
        self._server = None
        self._scheduler.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        if not self._port:
            raise RuntimeError("the address is known once the simulator has started")
        return f"http://{self._host}:{self._port}"

    @property
    def webhook_url(self) -> str | None:
        return self._publisher.webhook_url

    @property
    def confirmed(self) -> bool:
        return self._subscriptions.confirmed

    @property
    def sent(self) -> list[SentText]:
        return self._log.sent

    @property
    def received(self) -> list[ReceivedText]:
        return self._log.received

    @property
    def requests(self) -> list[SendRequest]:
        return self._log.requests

    @property
    def calls(self) -> list[Call]:
        return self._log.calls

    @property
    def notifications(self) -> list[Notification]:
        """The last thousand SNS messages, with body and headers as posted."""
        return list(self._publisher.notifications)

    @property
    def dead_letters(self) -> list[Notification]:
        return list(self._publisher.dead)

    def wait_for_sent(self, number: int, timeout: float = 10.0) -> list[SentText]:
        """All texts accepted so far, once there are at least ``number``."""
        return self._log.wait_for_sent(number, timeout)

    def subscribe(self, webhook_url: str) -> None:
        self._publisher.webhook_url = webhook_url
        self.ask_for_confirmation()

    def ask_for_confirmation(self) -> None:
        self._publisher.ask_for_confirmation()
        self._hub_reload()

    def confirm_directly(self) -> None:
        for subscription in self._subscriptions.all():
            self._publisher.release(self._subscriptions.confirm(subscription, authenticate=True))
        self._hub_reload()

    def text(
        self,
        from_number: str,
        to_number: str,
        body: str,
        *,
        previous: str | None = LAST_OF_PAIR,
        inbound_id: str | None = None,
        sns_timestamp: str | datetime | None = None,
        post: bool = True,
    ) -> list[int]:
        """A text from a handset, posted once in this thread; the status of every post made (0: no answer).

        With ``post`` False it is only written down; ``notifications[-1]`` is what would have been posted.
        """
        received = self._receive(from_number, to_number, body, previous, inbound_id)
        if isinstance(sns_timestamp, datetime):
            sns_timestamp = clock.iso(sns_timestamp.timestamp())
        overrides = {} if sns_timestamp is None else {"Timestamp": sns_timestamp}
        notification = self._notifier.inbound(received, overrides)
        if not post:
            self._publisher.put_aside(notification)
            return []
        return self._publisher.publish(notification, wait=True)

    def text_in_background(self, from_number: str, to_number: str, body: str) -> str:
        """As a handset on the page does it: posted with SNS's retries. Returns the inboundMessageId."""
        received = self._receive(from_number, to_number, body, LAST_OF_PAIR, None)
        self._publisher.publish(self._notifier.inbound(received), wait=False)
        return received.inbound_id

    def event(
        self,
        message_id: str,
        event_type: str,
        *,
        final: bool = True,
        timestamp: float | datetime | None = None,
    ) -> int:
        """A delivery event, posted once in this thread; the status of the last post (0: no answer)."""
        sent = self._log.find(message_id)
        if sent is None:
            raise LookupError(f"no text with the MessageId {message_id!r} was accepted")
        at = timestamp.timestamp() if isinstance(timestamp, datetime) else timestamp
        statuses = self._carrier.event(sent, event_type, final=final, at=at, wait=True)
        return statuses[-1] if statuses else 0

    def post_notification(self, topic_arn: str, message: str, **overrides: Any) -> list[int]:
        """Any message on any topic, posted once in this thread.

        ``overrides`` are envelope fields by their name on the wire; None leaves one out; all are signed but
        ``Signature`` itself.
        """
        notification = self._notifier.any(topic_arn, message, overrides)
        return self._publisher.publish(notification, wait=True)

    def add_handset(self, name: str, number: str) -> Handset:
        return self._handsets.add(name, number)

    def has_handset(self, number: str) -> bool:
        return self._handsets.known(number)

    def set_handset(self, number: str, *, state: str | None = None, opted_out: bool | None = None) -> None:
        """Works for any number, with or without a handset. ``opted_out`` is the carrier's opt-out list."""
        if state is not None:
            self._carrier.set_state(number, state)
        if opted_out is not None:
            self._handsets.set_opted_out(number, opted_out)

    def redrive(self) -> int:
        return self._publisher.redrive()

    def clear_log(self) -> None:
        self._publisher.reset()
        self._carrier.reset()
        self._calls.reset()
        self._pace.reset()
        self._wire.clear()
        self._log.clear()
        self._handsets.reset(states=False)

    def reset(self) -> None:
        """As new, but for its keys, its handsets and a subscription that was confirmed."""
        self.faults.clear()
        self.clear_log()
        self._handsets.reset()
        self.account.clear()

    def state(self) -> dict[str, Any]:
        return snapshot.take(self._log, self._handsets, self._publisher, self._subscriptions, self.faults, self._wire)

    def _receive(
        self, from_number: str, to_number: str, body: str, previous: str | None, inbound_id: str | None
    ) -> ReceivedText:
        if previous is LAST_OF_PAIR:
            previous = self._log.last_of_pair(from_number, to_number)
        key = inbound_id or str(uuid.uuid4())
        received = ReceivedText(key, from_number, to_number, body, previous, clock.wall())
        self._log.add_received(received)
        self._handsets.show(received)
        return received

    def _faults_changed(self) -> None:
        self._hub.publish("faults", faults_as_json(self.faults))

    def _hub_reload(self) -> None:
        self._hub.publish("reload", {})
