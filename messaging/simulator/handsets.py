"""The phones: who has one, whether it is on, and the last texts each of them shows."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import asdict
from threading import RLock
from typing import Any

from messaging.simulator.hub import Hub
from messaging.simulator.log import Log
from messaging.simulator.records import HANDSET_STATES, Bubble, Handset, ReceivedText, SentText
from messaging.simulator.storage import Storage

SHOWN = 200
STRANGERS = 12


class Handsets:
    """``states`` and ``opted_out`` hold for any number, with a handset or without, so tests need none."""

    def __init__(self, log: Log, hub: Hub, storage: Storage | None) -> None:
        self._log = log
        self._hub = hub
        self._storage = storage
        self._lock = RLock()
        self._names: dict[str, str] = {}
        self._threads: dict[str, deque[Bubble]] = {}
        self._bubbles: dict[str, Bubble] = {}
        # Numbers that were written to but have no handset, newest last: the page offers to add them.
        self._strangers: dict[str, None] = {}
        self.states: dict[str, str] = {}
        self.opted_out: set[str] = set()
        if storage is not None:
            self.states.update(storage.remembered.states)
            self.opted_out |= storage.remembered.opted_out
            for number, name in storage.remembered.handsets.items():
                self._add(name, number)

    def add(self, name: str, number: str) -> Handset:
        if self._storage is not None and self._names.get(number) != name:
            self._storage.add("handset", {"name": name, "number": number})
        self._add(name, number)
        self._hub.publish("reload", {})
        return self.get(number)

    def _add(self, name: str, number: str) -> None:
        with self._lock:
            new = number not in self._names
            self._names[number] = name
            self._strangers.pop(number, None)
            if new:
                self._threads[number] = deque(maxlen=SHOWN)
                self._fill(number)

    def get(self, number: str) -> Handset:
        return Handset(self._names[number], number, self.states.get(number, "on"), number in self.opted_out)

    def known(self, number: str) -> bool:
        return number in self._names

    def all(self) -> list[Handset]:
        return [self.get(number) for number in list(self._names)]

    def state(self, number: str) -> str:
        return self.states.get(number, "on")

    def set_state(self, number: str, state: str) -> None:
        if state not in HANDSET_STATES:
            raise ValueError(f"state must be one of {', '.join(HANDSET_STATES)}, not {state!r}")
        if self._storage is not None:
            self._storage.add("state", {"number": number, "state": state})
        self.states[number] = state
        self._tell(number)

    def set_opted_out(self, number: str, out: bool) -> None:
        if self._storage is not None:
            self._storage.add("opted_out", {"number": number, "out": out})
        (self.opted_out.add if out else self.opted_out.discard)(number)
        self._tell(number)

    def show(self, text: SentText | ReceivedText) -> None:
        number = text.destination if isinstance(text, SentText) else text.from_number
        with self._lock:
            if number not in self._names:
                self._strangers.pop(number, None)
                self._strangers[number] = None
                if len(self._strangers) > STRANGERS:
                    del self._strangers[next(iter(self._strangers))]
                return
            bubble = self._append(number, text)
        self._hub.publish("text", asdict(bubble))

    def set_status(self, text_id: str, status: str, note: str = "") -> None:
        self._log.set_status(text_id, status, note)
        with self._lock:
            bubble = self._bubbles.get(text_id)
            if bubble is None:
                return
            bubble.status, bubble.note = status, note
        self._hub.publish("text", asdict(bubble))

    def strangers(self) -> Sequence[str]:
        return list(reversed(self._strangers))

    def conversations(self) -> dict[str, list[dict[str, Any]]]:
        with self._lock:
            return {number: [asdict(bubble) for bubble in thread] for number, thread in self._threads.items()}

    def reset(self, *, states: bool = True) -> None:
        with self._lock:
            for thread in self._threads.values():
                thread.clear()
            self._bubbles.clear()
            self._strangers.clear()
            if states:
                self.states.clear()
                self.opted_out.clear()
        self._hub.publish("reload", {})

    def _fill(self, number: str) -> None:
        """What this number sent and got before it had a handset (or before a restart)."""
        found: list[SentText | ReceivedText] = [t for t in self._log.sent if t.destination == number]
        found += [t for t in self._log.received if t.from_number == number]
        for text in sorted(found, key=lambda text: text.at)[-SHOWN:]:
            self._append(number, text)

    def _append(self, number: str, text: SentText | ReceivedText) -> Bubble:
        if isinstance(text, SentText):
            bubble = Bubble(text.message_id, number, text.origination, "in", text.body, text.at, "accepted")
        else:
            bubble = Bubble(text.inbound_id, number, text.to_number, "out", text.body, text.at, "sending")
        bubble.status, bubble.note = self._log.statuses.get(bubble.id, (bubble.status, bubble.note))
        thread = self._threads[number]
        if len(thread) == SHOWN:
            self._bubbles.pop(thread[0].id, None)
        thread.append(bubble)
        self._bubbles[bubble.id] = bubble
        return bubble

    def _tell(self, number: str) -> None:
        if number in self._names:
            self._hub.publish("handset", asdict(self.get(number)))
