"""The sums in Redis: one hash, to which any process of any host adds.

Redis may be emptied at any time. The sums then begin at nothing, as a counter of Prometheus may: rate() and increase()
take what has become less for a new beginning.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, cast

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

_KEY = "textback:counted"
_LAST = "textback:counted:by:{process}"
# For how long a process may go on handing over the same batch.
_LAST_SECONDS = 3600
_SECONDS = 1

# All or nothing, and once for each batch: whoever got no answer may ask again. A process has one batch at a time.
_ADD = """
if redis.call('GET', KEYS[2]) == ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[2])
for i = 3, #ARGV, 2 do redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1]) end
return 1
"""


@cache
def _client(url: str) -> Redis:
    # Its own: the house's may be made to wait for Redis for as long as it takes.
    return Redis.from_url(url, socket_connect_timeout=_SECONDS, socket_timeout=_SECONDS, retry=Retry(NoBackoff(), 0))


def add(process: str, batch: int, amounts: Mapping[str, int]) -> bool:
    """Add a batch to the sums. Returns False when it is the last that was added for this process.

    Args:
        process: who hands over; one at a time, each batch until it was taken.
        batch: a number of its own for each.
        amounts: field → how much more.

    Raises:
        redis.exceptions.RedisError: nobody knows whether it was added; ask again.
    """
    pairs = [item for pair in amounts.items() for item in pair]
    answer = _client(settings.REDIS_URL).eval(
        _ADD, 2, _KEY, _LAST.format(process=process), batch, _LAST_SECONDS, *pairs
    )
    return bool(answer)


def read() -> dict[str, int]:
    """All sums by the names of their fields.

    Raises:
        redis.exceptions.RedisError: they cannot be read.
    """
    found = cast("dict[Any, Any]", _client(settings.REDIS_URL).hgetall(_KEY))
    return {name.decode(): int(amount) for name, amount in found.items()}
