"""Delivering what waits: claim, commit, call, record. Several endpoints at a time, each one event after the other.

Calls are made in threads that touch no database. An endpoint that takes its time keeps a thread, and nobody else:
those that fail or are slow have half of the threads at most, and towards the end of a run, after which all calls are
waited for, they are not called any more.
"""

import logging
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from threading import Thread

from django.db.models import F

from messaging import clock
from messaging.events import claiming, recording
from messaging.events.claiming import Claim
from messaging.events.posting import TOTAL_SECONDS, HttpPost, Post
from messaging.events.verdicts import Answer

logger = logging.getLogger(__name__)

# Endpoints that one worker calls at the same time.
PARALLEL = 32
# No call begins after this; those under way are waited for. Workers of webhooks do nothing else.
RUN = timedelta(seconds=60)
# Who may be waited for at the end of a run is not called in this last part of it.
_LAST_PART = timedelta(seconds=TOTAL_SECONDS + 5)
# Whoever took longer for an answer is slow for the rest of the run.
_QUICK = 2_000
# Who is asked to end waits so long for the calls under way: `make serve` kills after 7 s.
_PATIENCE_AT_THE_END = 2.0
_LOOK_SECONDS = 0.2


class Deliverer:
    """Delivers until nothing is due, or for a time."""

    def __init__(self, post: Post | None = None) -> None:
        self._post: Post = post or HttpPost()
        # By lease.
        self._under_way: dict[str, Claim] = {}
        self._answers: SimpleQueue[tuple[Claim, Answer]] = SimpleQueue()
        self._slow: set[int] = set()

    def run(self, for_as_long_as: timedelta = RUN) -> bool:
        """Deliver. Returns whether more is due."""
        ends_at = clock.now() + for_as_long_as
        last_part_at = ends_at - min(_LAST_PART, for_as_long_as / 2)
        while not clock.stop_requested():
            now = clock.now()
            if now < ends_at:
                self._begin(now, also_slow=now < last_part_at)
            if not self._under_way:
                return claiming.due(clock.now()).exists()
            self._record(_LOOK_SECONDS)
        self._leave()
        return claiming.due(clock.now()).exists()

    def _begin(self, now: datetime, *, also_slow: bool) -> None:
        """Begin a call to each endpoint that is due, as far as there are threads."""
        free = PARALLEL - len(self._under_way)
        if free <= 0:
            return
        room = PARALLEL // 2 - sum(claim.endpoint in self._slow for claim in self._under_way.values())
        for key, slow in self._due(now):
            if free <= 0:
                return
            if slow and (room <= 0 or not also_slow):
                continue
            if taken := claiming.claim(key, clock.now()):
                self._under_way[taken.lease] = taken
                # No pool: a process that ends does not wait for them.
                Thread(target=self._call, args=(taken,), name="webhooks", daemon=True).start()
                free, room = free - 1, room - slow

    def _due(self, now: datetime) -> Iterator[tuple[int, bool]]:
        """Endpoints that are due, and whether each is slow or fails."""
        # Who got something longest ago is first: those that get much must not keep another from its turn.
        rows = claiming.due(now).order_by(F("delivered_at").asc(nulls_first=True), "pk")
        for key, failing_since in rows.values_list("pk", "failing_since"):
            if failing_since is not None:
                self._slow.add(key)
            yield key, key in self._slow

    def _record(self, seconds: float) -> None:
        """Wait for an answer, and write down all that have come."""
        try:
            claim, answer = self._answers.get(timeout=seconds)
            while True:
                del self._under_way[claim.lease]
                (self._slow.add if answer.milliseconds > _QUICK else self._slow.discard)(claim.endpoint)
                recording.record(claim, answer, clock.now())
                claim, answer = self._answers.get_nowait()
        except Empty:
            return

    def _leave(self) -> None:
        """Give back what has no answer in a moment: the next worker sends it again, with the same id."""
        ends_at = time.monotonic() + _PATIENCE_AT_THE_END
        while self._under_way and time.monotonic() < ends_at:
            self._record(_LOOK_SECONDS)
        for claim in self._under_way.values():
            claiming.give_back(claim.endpoint, claim.lease)
        self._under_way.clear()

    def _call(self, taken: Claim) -> None:
        self._answers.put((taken, self._answer(taken)))

    def _answer(self, taken: Claim) -> Answer:
        if taken.problem:
            return Answer(0, problem=taken.problem)
        try:
            return self._post(taken.letter)
        except Exception as problem:
            logger.exception("An event could not be sent")
            return Answer(0, problem=f"{type(problem).__name__}: {problem}"[:300])
