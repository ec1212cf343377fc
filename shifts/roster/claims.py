"""One worker at a time at a piece of work that takes seconds. Spares work only: what counts is decided by the rows.

A claim is a key in Redis that ends by itself, so that the work of a worker that died is taken up by another.
"""

import logging
import uuid
from types import TracebackType
from typing import Self

from redis.exceptions import RedisError

from messaging import redis

logger = logging.getLogger(__name__)

# So long others come first, when something went wrong.
_PAUSE = 5
_FAILURES_KEPT = 3600
# Longer than writing 200,000 rows takes, during which nobody renews it.
_SECONDS = 30
_KEY = "textback:claim:{name}"


class Claim:
    """`with Claim(name) as claim: if claim.held: ...`. Without Redis everybody holds it."""

    def __init__(self, name: str) -> None:
        self._key = _KEY.format(name=name)
        self._owner = uuid.uuid4().hex
        self.held = self._paused = False

    def __enter__(self) -> Self:
        try:
            self.held = bool(redis.client().set(self._key, self._owner, nx=True, ex=_SECONDS))
        except RedisError:
            self.held = True
        return self

    def renew(self) -> bool:
        """Whether it is still ours, and for a while longer."""
        try:
            if redis.client().get(self._key) != self._owner.encode():
                return bool(redis.client().set(self._key, self._owner, nx=True, ex=_SECONDS))
            redis.client().expire(self._key, _SECONDS)
        except RedisError as problem:
            logger.warning("Redis is away (%s); %s is worked on all the same", problem, self._key)
        return True

    def pause(self) -> None:
        """Nobody shall have it for a few seconds after this: other work comes first, and what is wrong may pass."""
        self._paused = True

    def failed(self) -> int:
        """Note a failure, and pause. Returns how many there were, as far as Redis knows: 1 without it."""
        self.pause()
        failures = f"{self._key}:failures"
        try:
            count = redis.client().incr(failures)
            redis.client().expire(failures, _FAILURES_KEPT)
        except RedisError:
            return 1
        return int(count)

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            # Ours only: it may have ended meanwhile, and be another's.
            if self.held and redis.client().get(self._key) == self._owner.encode():
                if self._paused:
                    redis.client().expire(self._key, _PAUSE)
                else:
                    redis.client().delete(self._key)
        except RedisError:
            logger.warning("Redis is away; %s ends by itself", self._key)
