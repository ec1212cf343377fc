"""Delivering what waits: claim, commit, call, record. Several endpoints at a time, each one event after the other.

Calls are made in threads that touch no database. An endpoint that takes its time keeps a thread, and nobody else.
"""

import logging
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db.models import F

from messaging import clock
from messaging.events import claiming, recording
from messaging.events.claiming import Claim
from messaging.events.posting import HttpPost, Post
from messaging.events.verdicts import Answer

logger = logging.getLogger(__name__)

# Endpoints that one worker calls at the same time.
PARALLEL = 16
# No call begins after this; those under way are waited for. A worker has other lists.
SLICE = timedelta(seconds=3)
_LOOK_SECONDS = 0.2


class Deliverer:
    """Delivers until nothing is due, or for a time."""

    def __init__(self, post: Post | None = None) -> None:
        self._post: Post = post or HttpPost()
        self._under_way: dict[Future[Answer], Claim] = {}

    def run(self, for_as_long_as: timedelta = SLICE) -> bool:
        """Deliver. Returns whether more is due."""
        ends_at = clock.now() + for_as_long_as
        with self._calling() as pool:
            while True:
                if clock.now() < ends_at and not clock.stop_requested():
                    self._begin(pool, clock.now())
                if not self._under_way:
                    break
                done, _ = wait(self._under_way, timeout=_LOOK_SECONDS, return_when=FIRST_COMPLETED)
                for call in done:
                    recording.record(self._under_way.pop(call), call.result(), clock.now())
        return claiming.due(clock.now()).exists()

    @contextmanager
    def _calling(self) -> Iterator[ThreadPoolExecutor]:
        pool = ThreadPoolExecutor(PARALLEL, thread_name_prefix="webhooks")
        try:
            yield pool
        finally:
            # Where recording failed, nobody waits for the rest: their leases run out, and they are sent again.
            pool.shutdown(wait=not self._under_way, cancel_futures=True)
            self._under_way.clear()

    def _begin(self, pool: ThreadPoolExecutor, now: datetime) -> None:
        """Begin a call to each endpoint that is due, as far as there are threads."""
        free = PARALLEL - len(self._under_way)
        if free <= 0:
            return
        # Who got something longest ago is first: sixteen that get much must not keep a seventeenth from its turn.
        keys = claiming.due(now).order_by(F("delivered_at").asc(nulls_first=True), "pk")
        for key in keys.values_list("pk", flat=True)[:free]:
            if taken := claiming.claim(key, clock.now()):
                self._under_way[pool.submit(self._call, taken)] = taken

    def _call(self, taken: Claim) -> Answer:
        if taken.problem:
            return Answer(0, problem=taken.problem)
        try:
            return self._post(taken.letter)
        except Exception as problem:
            logger.exception("An event could not be sent")
            return Answer(0, problem=f"{type(problem).__name__}: {problem}"[:300])
