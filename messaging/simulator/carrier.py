"""The carrier's part: a text reaches a handset that is on, waits for one that is off, or fails."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from threading import Lock

from messaging.simulator import clock, parts
from messaging.simulator.handsets import Handsets
from messaging.simulator.notifier import Notifier
from messaging.simulator.publisher import Publisher
from messaging.simulator.records import SentText
from messaging.simulator.scheduler import Scheduler

# Numbers AWS sets aside for trying out a failure.
FAILING_NUMBERS = frozenset({"+14254147167", "+447860019067"})
ARRIVED = ("TEXT_DELIVERED", "TEXT_SUCCESSFUL")


class Carrier:
    def __init__(
        self,
        handsets: Handsets,
        publisher: Publisher,
        scheduler: Scheduler,
        notifier: Notifier,
        *,
        auto_delivery: bool,
        delay: float,
    ) -> None:
        self._handsets = handsets
        self._publisher = publisher
        self._scheduler = scheduler
        self._notifier = notifier
        self._lock = Lock()
        self._waiting: dict[str, list[SentText]] = defaultdict(list)
        self._generation = 0
        self.auto_delivery = auto_delivery
        self.delay = delay

    def take(self, sent: SentText) -> None:
        self._handsets.show(sent)
        self.resume(sent)

    def resume(self, sent: SentText) -> None:
        """Bring it to its handset, or go on with that after a restart."""
        if self.auto_delivery:
            self._scheduler.after(self.delay, partial(self._reach, sent, self._generation))

    def set_state(self, number: str, state: str) -> None:
        self._handsets.set_state(number, state)
        if state == "off":
            return
        with self._lock:
            released = self._waiting.pop(number, [])
        for sent in released:
            self._scheduler.soon(partial(self._reach, sent, self._generation))

    def event(self, sent: SentText, event_type: str, *, final: bool, at: float | None = None, wait: bool) -> list[int]:
        statuses: list[int] = []
        # Signing costs more than all the rest; without a webhook nobody would see it.
        if self._publisher.webhook_url is not None or wait:
            moment = clock.wall() if at is None else at
            notification = self._notifier.event(sent, event_type, final=final, at=moment)
            statuses = self._publisher.publish(notification, wait=wait)
        # Last: whoever starts again takes a text with a final status for one whose event is published.
        if event_type in ARRIVED:
            self._handsets.set_status(sent.message_id, "delivered")
        elif final:
            self._handsets.set_status(sent.message_id, "failed", event_type)
        return statuses

    def reset(self) -> None:
        with self._lock:
            self._generation += 1
            self._waiting.clear()

    def _reach(self, sent: SentText, generation: int) -> None:
        with self._lock:
            if generation != self._generation:
                return
            verdict = self._verdict(sent)
            if verdict is None:
                self._waiting[sent.destination].append(sent)
        if verdict is None:
            self._scheduler.after(sent.time_to_live, partial(self._expire, sent))
        else:
            self.event(sent, verdict, final=True, wait=False)

    def _verdict(self, sent: SentText) -> str | None:
        """What becomes of the text; None while nobody can tell, because the phone is switched off."""
        state = self._handsets.state(sent.destination)
        if sent.destination in FAILING_NUMBERS or state == "unreachable":
            return "TEXT_UNREACHABLE"
        if not parts.deliverable(sent.body):
            return "TEXT_INVALID_MESSAGE"
        return None if state == "off" else "TEXT_DELIVERED"

    def _expire(self, sent: SentText) -> None:
        with self._lock:
            waiting = self._waiting.get(sent.destination, [])
            if sent not in waiting:
                return
            waiting.remove(sent)
        self.event(sent, "TEXT_TTL_EXPIRED", final=True, wait=False)
