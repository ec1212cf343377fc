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
_BATCH = "textback:counted:batch:{id}"
# Longer than anybody goes on handing over the same batch after Redis has come back.
_BATCH_SECONDS = 600
_SECONDS = 1

# All or nothing, and once for each batch: whoever got no answer may ask again.
_ADD = """
if not redis.call('SET', KEYS[2], 1, 'NX', 'EX', ARGV[1]) then return 0 end
for i = 2, #ARGV, 2 do redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1]) end
return 1
"""


@cache
def _client(url: str) -> Redis:
    # Its own: the house's may be made to wait for Redis for as long as it takes.
    return Redis.from_url(url, socket_connect_timeout=_SECONDS, socket_timeout=_SECONDS, retry=Retry(NoBackoff(), 0))


def add(batch: str, amounts: Mapping[str, int]) -> bool:
    """Add a batch to the sums. Returns False when this batch was added before.

    Raises:
        redis.exceptions.RedisError: nobody knows whether it was added; ask again.
    """
    pairs = [item for pair in amounts.items() for item in pair]
    answer = _client(settings.REDIS_URL).eval(_ADD, 2, _KEY, _BATCH.format(id=batch), _BATCH_SECONDS, *pairs)
    return bool(answer)


def read() -> dict[str, int]:
    """All sums by the names of their fields.

    Raises:
        redis.exceptions.RedisError: they cannot be read.
    """
    found = cast("dict[Any, Any]", _client(settings.REDIS_URL).hgetall(_KEY))
    return {name.decode(): int(amount) for name, amount in found.items()}
