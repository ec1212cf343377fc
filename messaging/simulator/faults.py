"""Trouble on demand: switched on for the next N requests, for some of them, or until switched off."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from threading import RLock
from typing import Any

# What each does, in the words the page shows. A request fault without ``destination`` meets every request.
KINDS = {
    "throttle": "Refuse with ThrottlingException (400); nothing is accepted",
    "server_error": "Refuse with InternalServerException (500); nothing is accepted",
    "refuse": "Refuse for good with the chosen code and reason",
    "opted_out": "Refuse as DESTINATION_PHONE_NUMBER_OPTED_OUT",
    "lose": "Close the connection without an answer; the text is NOT accepted",
    "drop_answer": "Accept the text, then close the connection without an answer",
    "hang_after_accept": "Accept the text, withhold the answer",
    "delay": "Let the request wait, then handle and answer it (even if the caller has left)",
    "refuse_call": "Connect refuses to place calls",
    "duplicate": "SNS posts each notification several times",
    "reorder": "SNS holds a notification back until after the next one",
    "notification_delay": "SNS posts notifications late",
}
DEFAULT_SECONDS = {"hang_after_accept": 30.0, "delay": 2.0, "reorder": 5.0, "notification_delay": 2.0}
DEFAULT_CODES = {
    "refuse": ("ServiceQuotaExceededException", "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT"),
    "refuse_call": ("DestinationNotAllowedException", None),
}


@dataclass
class Fault:
    kind: str
    count: int | None = None
    probability: float = 1.0
    seed: int | None = None
    destination: str | None = None
    seconds: float = 0.0
    code: str | None = None
    reason: str | None = None
    message: str | None = None
    copies: int = 2
    used: int = 0
    chance: random.Random = field(default_factory=random.Random, repr=False)

    def as_json(self) -> dict[str, Any]:
        shown = {name: value for name, value in asdict(self).items() if name != "chance"}
        return shown | {"does": KINDS[self.kind]}


class Faults:
    """The faults that are on: at most one of each kind. Safe to use from many threads."""

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self._lock = RLock()
        self._active: dict[str, Fault] = {}
        self._changed = changed

    def set(
        self,
        kind: str,
        *,
        count: int | None = None,
        probability: float = 1.0,
        seed: int | None = None,
        destination: str | None = None,
        seconds: float | None = None,
        code: str | None = None,
        reason: str | None = None,
        message: str | None = None,
        copies: int = 2,
    ) -> None:
        """Switch one on, in place of what that kind was before. ``count`` None means until switched off."""
        if kind not in KINDS:
            raise ValueError(f"no fault is called {kind!r}; choose one of {', '.join(KINDS)}")
        if not 0 < probability <= 1:
            raise ValueError("probability must be above 0 and at most 1")
        if count is not None and count < 1:
            raise ValueError("count must be at least 1; leave it out for 'until switched off'")
        if copies < 2:
            raise ValueError("copies must be at least 2")
        if kind in DEFAULT_CODES and code is None:
            code, default_reason = DEFAULT_CODES[kind]
            reason = reason or default_reason
        wait = DEFAULT_SECONDS.get(kind, 0.0) if seconds is None else float(seconds)
        if wait < 0:
            raise ValueError("seconds must not be negative")
        fault = Fault(
            kind, count, probability, seed, destination, wait, code, reason, message, copies,
            chance=random.Random(seed),
        )  # fmt: skip
        with self._lock:
            self._active[kind] = fault
        self._changed()

    def clear(self, kind: str | None = None) -> None:
        if kind is not None and kind not in KINDS:
            raise ValueError(f"no fault is called {kind!r}; choose one of {', '.join(KINDS)}")
        with self._lock:
            if kind is None:
                self._active.clear()
            else:
                self._active.pop(kind, None)
        self._changed()

    def take(self, kind: str, number: str | None = None) -> Fault | None:
        """The fault if it strikes now; this use is counted. ``number`` is the handset concerned."""
        if not self._active:
            return None
        with self._lock:
            fault = self._active.get(kind)
            if fault is None or (fault.destination is not None and fault.destination != number):
                return None
            if fault.probability < 1 and fault.chance.random() >= fault.probability:
                return None
            fault.used += 1
            if fault.count is not None:
                fault.count -= 1
                if fault.count == 0:
                    del self._active[kind]
        self._changed()
        return fault

    def active(self) -> list[Fault]:
        with self._lock:
            return list(self._active.values())
