"""SNS towards the webhook: confirms the subscription, posts notifications, tries again, gives up visibly."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import partial
from threading import Event, Lock

from messaging.simulator import clock, envelopes, posting
from messaging.simulator.envelopes import Envelopes
from messaging.simulator.faults import Faults
from messaging.simulator.handsets import Handsets
from messaging.simulator.records import Notification
from messaging.simulator.scheduler import Scheduler
from messaging.simulator.storage import Storage
from messaging.simulator.subscriptions import Subscription, Subscriptions
from messaging.simulator.wirelog import WireLog

KEPT = 1000
ASK_AGAIN_SECONDS = 1.0
# The webhook said 2xx but has not confirmed: perhaps it did so and then lost its database.
ASK_ONCE_MORE_SECONDS = 30.0


@dataclass(frozen=True)
class RetryPolicy:
    retries: int = 3
    seconds: float = 20.0
    timeout: float = 15.0


class Publisher:
    def __init__(
        self,
        envelopes_: Envelopes,
        subscriptions: Subscriptions,
        faults: Faults,
        scheduler: Scheduler,
        handsets: Handsets,
        wire: WireLog,
        policy: RetryPolicy,
        stopping: Event,
        storage: Storage | None = None,
    ) -> None:
        self._envelopes = envelopes_
        self._subscriptions = subscriptions
        self._faults = faults
        self._scheduler = scheduler
        self._handsets = handsets
        self._wire = wire
        self._stopping = stopping
        self._storage = storage
        self._lock = Lock()
        self._held: list[Notification] = []
        self._generation = 0
        self.policy = policy
        self.webhook_url: str | None = None
        self.notifications: deque[Notification] = deque(maxlen=KEPT)
        self.dead: deque[Notification] = deque(maxlen=KEPT)

    def ask_for_confirmation(self) -> None:
        """Post a SubscriptionConfirmation for each topic until the webhook takes it."""
        for subscription in self._subscriptions.all():
            subscription.renew()
            self._scheduler.soon(partial(self._ask, subscription, subscription.token))

    def publish(self, notification: Notification, *, wait: bool) -> list[int]:
        """Post it now in this thread (``wait``), once, or in the background with SNS's retries.

        The statuses are those of every post made here: none while the subscription is unconfirmed or a fault
        holds the notification back, several when a fault repeats it.
        """
        if self.webhook_url is None and wait:
            raise RuntimeError("there is no webhook: give webhook_url, or call subscribe(webhook_url)")
        if self._storage is not None:
            self._storage.add_notification(notification)
        if self.webhook_url is None:
            self._settle(notification, "dead", "no webhook")
            return []
        self.notifications.append(notification)
        if self._subscriptions.hold_unless_confirmed(notification):
            return []
        return self._dispatch(notification, wait=wait)

    def put_aside(self, notification: Notification) -> None:
        """Write down what would be posted, and post nothing."""
        if self._storage is not None:
            self._storage.add_notification(notification)
        self.notifications.append(notification)
        self._settle(notification, "put aside", "")

    def resume(self, notification: Notification) -> None:
        """Go on with one that an earlier process left unsettled, or keep it among the dead letters."""
        if notification.state == "dead":
            self.dead.append(notification)
        elif notification.state == "new" and self.webhook_url is not None:
            self.notifications.append(notification)
            if not self._subscriptions.hold_unless_confirmed(notification):
                self._dispatch(notification, wait=False)

    def release(self, waited: list[Notification]) -> None:
        for notification in waited:
            self._dispatch(notification, wait=False)

    def redrive(self) -> int:
        """Post the dead letters once more, as a redrive of a dead-letter queue would."""
        with self._lock:
            letters = list({id(letter): letter for letter in self.dead}.values())
            self.dead.clear()
        self.release(letters)
        return len(letters)

    def reset(self) -> None:
        with self._lock:
            self._generation += 1
            self._held.clear()
            self.notifications.clear()
            self.dead.clear()
        for subscription in self._subscriptions.all():
            subscription.waiting.clear()

    def _dispatch(self, notification: Notification, *, wait: bool) -> list[int]:
        number, generation = notification.number, self._generation
        with self._lock:
            held_back = None if self._held else self._faults.take("reorder", number)
            if held_back is not None:
                notification.state = "held"
                self._held.append(notification)
                self._scheduler.after(held_back.seconds, partial(self._let_go, notification, generation))
                return []
            overtaken, self._held = self._held, []
        repeat = self._faults.take("duplicate", number)
        copies = repeat.copies if repeat is not None else 1
        late = self._faults.take("notification_delay", number)
        if wait:
            if late is not None:
                self._stopping.wait(late.seconds)
            queue = [notification] * copies + overtaken
            return [self._attempt(each, 1, generation, again=False) for each in queue]
        seconds = late.seconds if late is not None else 0.0
        # Copies go at the same moment on different threads: that is the hard case for a webhook.
        for _ in range(copies - 1):
            self._later(seconds, [notification], generation)
        self._later(seconds, [notification, *overtaken], generation)
        return []

    def _later(self, seconds: float, queue: list[Notification], generation: int) -> None:
        def work() -> None:
            for each in queue:
                self._attempt(each, 1, generation, again=True)

        if seconds:
            self._scheduler.after(seconds, work)
        else:
            self._scheduler.soon(work)

    def _let_go(self, notification: Notification, generation: int) -> None:
        with self._lock:
            if notification not in self._held:
                return
            self._held.remove(notification)
        self._attempt(notification, 1, generation, again=True)

    def _attempt(self, notification: Notification, attempt: int, generation: int, *, again: bool) -> int:
        url = self.webhook_url
        if url is None or generation != self._generation or self._stopping.is_set():
            return posting.NO_ANSWER
        notification.state = "posting"
        started = clock.steady()
        status = posting.post(url, notification.body, notification.headers, self.policy.timeout)
        took = clock.steady() - started
        if self._storage is not None:
            self._storage.add_post(notification, status)
        if generation != self._generation or self._stopping.is_set():
            return status
        notification.attempts += 1
        notification.statuses.append(status)
        outcome = str(status or "no answer")
        if posting.succeeded(status):
            self._settle(notification, "delivered", "")
        elif again and posting.worth_retrying(status) and attempt <= self.policy.retries:
            outcome += f", again in {self.policy.seconds:g} s"
            self._settle(notification, "retrying", f"webhook: {outcome}")
            retry = partial(self._attempt, notification, attempt + 1, generation, again=True)
            self._scheduler.after(self.policy.seconds, retry)
        else:
            outcome += ", given up"
            self.dead.append(notification)
            self._settle(notification, "dead", f"webhook: {outcome}")
        summary = notification.summary if attempt == 1 else f"{notification.summary} (attempt {attempt})"
        self._wire.add("out", notification.kind, summary, outcome, good=posting.succeeded(status), took=took)
        return status

    def _settle(self, notification: Notification, state: str, note: str) -> None:
        notification.state = state
        if self._storage is not None and state != "retrying":
            self._storage.set_state(notification)
        if notification.text_id is not None:
            self._handsets.set_status(notification.text_id, state, note)

    def _ask(self, subscription: Subscription, token: str) -> None:
        url = self.webhook_url
        if url is None or subscription.confirmed or subscription.token != token or self._stopping.is_set():
            return
        bare = self._envelopes.subscription_confirmation(subscription.topic_arn, token)
        envelope = self._envelopes.sealed(bare, {})
        started = clock.steady()
        headers = envelopes.headers(envelope, subscription.arn)
        status = posting.post(url, envelopes.body(envelope), headers, self.policy.timeout)
        good = posting.succeeded(status)
        topic = subscription.topic_arn.rpartition(":")[2]
        took = clock.steady() - started
        self._wire.add("out", "SubscriptionConfirmation", topic, str(status or "no answer"), good=good, took=took)
        pause = ASK_ONCE_MORE_SECONDS if good else ASK_AGAIN_SECONDS
        self._scheduler.after(pause, partial(self._ask, subscription, token))
