"""Which lanes a sender takes where there are several senders: its fair share, and what nobody else takes.

A sender that takes every lane that is free keeps it for as long as it has work, and the others stand idle beside it.
So it takes as many as are due to it, wakes the others for the rest, and looks again in a moment: what is still free
then, nobody is there to take, and it takes it after all. No lane waits longer than that for a sender that has died or
has its hands full.

How many senders there are only Redis knows. It is asked in a thread, for a drain waits for nobody; while it does not
answer a sender counts as the only one, which is right but for the sharing.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from redis.exceptions import RedisError
from rq import Worker

from messaging import redis, wakeups

logger = logging.getLogger(__name__)

QUEUE = "lanes"
# Two looks of somebody who drains already, and many times what it takes to wake somebody who is idle.
LEFT_FOR = timedelta(seconds=0.4)
# If nobody came it is not tried again for a while: each time costs the texts of that lane LEFT_FOR.
NOBODY_CAME_FOR = timedelta(seconds=15)
_ASK_EVERY_SECONDS = 2.0
# The first time the answer is worth a moment; it comes in a millisecond or two.
_FIRST_ANSWER_SECONDS = 0.1


class Senders:
    """How many processes send, as they say to Redis themselves. Asked in a thread, every other second at most."""

    def __init__(self) -> None:
        self._known = 1
        self._asked_at: float | None = None

    def __call__(self) -> int:
        """How many there are; 1 while nobody knows. A killed one counts until Redis forgets it."""
        if self._asked_at is None or time.monotonic() - self._asked_at > _ASK_EVERY_SECONDS:
            first, self._asked_at = self._asked_at is None, time.monotonic()
            thread = threading.Thread(target=self._ask, name="senders", daemon=True)
            thread.start()
            if first:
                thread.join(_FIRST_ANSWER_SECONDS)
        return self._known

    def _ask(self) -> None:
        try:
            # One by one: the set that RQ counts keeps those that were killed, until somebody looks at them.
            self._known = max(1, len(Worker.all(queue=redis.queue(QUEUE))))
        except RedisError as problem:
            logger.debug("How many senders there are is not known: %s", problem)
            self._known = 1


_senders = Senders()


def share(lanes: int, senders: int) -> int:
    """How many of so many lanes each sender takes: rounded up, so that all of them together leave none. Pure."""
    return -(-lanes // max(1, senders))


class Share:
    """What one drain leaves to others, and for how long."""

    def __init__(self, senders: Callable[[], int] | None = None) -> None:
        self._senders = senders or _senders
        self._left_since: dict[str, datetime] = {}
        self._alone_until: datetime | None = None

    @property
    def leaves(self) -> bool:
        """Whether it left lanes to others when it was asked last."""
        return bool(self._left_since)

    def of(self, free: Sequence[str], mine: int, others: Callable[[], set[str]], now: datetime) -> Sequence[str]:
        """Those of the lanes with work that nobody drains which this drain should take now.

        Args:
            free: their numbers.
            mine: how many lanes it drains already.
            others: asked which lanes other senders drain.
            now: the present.
        """
        alone = self._alone_until is not None and now < self._alone_until
        if not free or len(free) + mine == 1 or alone or (senders := self._senders()) == 1:
            self._left_since.clear()
            return free
        theirs = others()
        # Some may have been taken since somebody saw that they were free, and must not count twice.
        free = [identity for identity in free if identity not in theirs]
        taken = free[: max(0, share(mine + len(free) + len(theirs), senders) - mine)]
        left = free[len(taken) :]
        if any(now - self._left_since.get(identity, now) >= LEFT_FOR for identity in left):
            self._alone_until = now + NOBODY_CAME_FOR
            self._left_since.clear()
            return free
        is_news = any(identity not in self._left_since for identity in left)
        self._left_since = {identity: self._left_since.get(identity, now) for identity in left}
        if is_news:
            wakeups.wake_now(QUEUE)
        return taken
