"""Everything sent and received, complete and in order: what tests ask and answers are matched with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from threading import Condition
from typing import Any

from messaging.simulator import clock
from messaging.simulator.records import Call, ReceivedText, SendRequest, SentText
from messaging.simulator.storage import Storage


class Log:
    def __init__(self, storage: Storage | None) -> None:
        self._storage = storage
        self._changed = Condition()
        self._sent_by_id: dict[str, SentText] = {}
        self._last_of_pair: dict[tuple[str, str], str] = {}
        self._attempts: dict[int, int] = defaultdict(int)
        self.statuses: dict[str, tuple[str, str]] = {}
        self.sent: list[SentText] = []
        self.received: list[ReceivedText] = []
        self.requests: list[SendRequest] = []
        self.calls: list[Call] = []
        if storage is not None:
            for text in storage.remembered.texts:
                self._remember(text)
            self.statuses.update(storage.remembered.statuses)
            self.calls += storage.remembered.calls

    def add_sent(self, text: SentText) -> None:
        if self._storage is not None:
            self._storage.add_text(text)
        with self._changed:
            self._remember(text)
            self._changed.notify_all()

    def add_received(self, text: ReceivedText) -> None:
        if self._storage is not None:
            self._storage.add_text(text)
        with self._changed:
            self._remember(text)

    def add_request(self, request: SendRequest) -> None:
        if self._storage is not None:
            self._storage.add_request(request)
        self.requests.append(request)

    def add_told(self, message_id: str) -> None:
        if self._storage is not None:
            self._storage.add_told(message_id)

    def add_call(self, call: Call) -> None:
        if self._storage is not None:
            self._storage.add_call(call)
        self.calls.append(call)

    def count_attempt(self, parameters: Mapping[str, Any]) -> int:
        """How many requests with this content there have been, this one included."""
        context = parameters.get("Context")
        pairs = sorted(context.items()) if isinstance(context, dict) else context
        names = ("DestinationPhoneNumber", "OriginationIdentity", "MessageBody")
        key = hash(repr([parameters.get(name) for name in names] + [pairs]))
        with self._changed:
            self._attempts[key] += 1
            return self._attempts[key]

    def set_status(self, text_id: str, status: str, note: str) -> None:
        self.statuses[text_id] = (status, note)
        if self._storage is not None:
            self._storage.set_status(text_id, status, note)

    def find(self, message_id: str) -> SentText | None:
        return self._sent_by_id.get(message_id)

    def last_of_pair(self, handset: str, origination: str) -> str | None:
        return self._last_of_pair.get((handset, origination))

    def wait_for_sent(self, number: int, timeout: float) -> list[SentText]:
        deadline = clock.steady() + timeout
        with self._changed:
            while len(self.sent) < number:
                left = deadline - clock.steady()
                if left <= 0:
                    bodies = "".join(f"\n  {text.destination}: {text.body!r}" for text in self.sent[-10:])
                    raise TimeoutError(f"{len(self.sent)} of {number} texts were sent within {timeout} s{bodies}")
                self._changed.wait(left)
            return list(self.sent)

    def clear(self) -> None:
        with self._changed:
            for kept in (self.sent, self.received, self.requests, self.calls):
                kept.clear()
            for index in (self._sent_by_id, self._last_of_pair, self._attempts, self.statuses):
                index.clear()
        if self._storage is not None:
            self._storage.clear_texts()

    def _remember(self, text: SentText | ReceivedText) -> None:
        if isinstance(text, SentText):
            self.sent.append(text)
            self._sent_by_id[text.message_id] = text
            self._last_of_pair[text.destination, text.origination] = text.message_id
        else:
            self.received.append(text)
