"""What stands around one benchmark: a Redis, a carrier, a topic that signs, and the environment that names them."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.carrier import Carrier
from benchmarks.notifications import REGION, TOPIC, Notifications
from tests.redis_server import RedisServer

if TYPE_CHECKING:
    from messaging.models import OriginationIdentity

OURS = "+14255550100"


@dataclass(frozen=True, slots=True)
class Stage:
    """What a benchmark finds.

    Attributes:
        runs: how often each thing is measured.
        full: whether what takes long is wanted as well.
        scale: 1.0; tests make everything smaller.
    """

    carrier: Carrier
    notifications: Notifications
    runs: int = 3
    full: bool = False
    scale: float = 1.0

    def some(self, count: int, least: int = 2) -> int:
        """So many, by the scale of this stage."""
        return max(least, round(count * self.scale))

    def number(self, mps: int, identity: str = OURS, **fields: Any) -> "OriginationIdentity":
        """Our number, with its pace; the first is the default."""
        from messaging.models import OriginationIdentity

        first = not OriginationIdentity.objects.filter(is_default=True).exclude(identity=identity).exists()
        defaults = {"kind": "ten_dlc", "iso_country_code": "US", "mps": mps, "is_default": first, **fields}
        return OriginationIdentity.objects.update_or_create(identity=identity, defaults=defaults)[0]


@contextmanager
def stage(*, runs: int, full: bool = False, scale: float = 1.0) -> Iterator[Stage]:
    """Set it up, before Django reads its settings; nothing is left of it afterwards."""
    with ExitStack() as stack:
        redis = stack.enter_context(RedisServer())
        carrier = stack.enter_context(Carrier())
        notifications = stack.enter_context(Notifications())
        os.environ.update(
            {
                "REDIS_URL": redis.url,
                "AWS_ENDPOINT_URL_PINPOINT_SMS_VOICE_V2": carrier.url,
                "AWS_REGION": REGION,
                "AWS_DEFAULT_REGION": REGION,
                "SNS_TOPIC_ARNS": TOPIC,
                "SNS_SIGNING_CERT_FILE": str(notifications.certificate_file),
                "ALLOW_LOCAL_SNS_CERT": "1",
            }
        )
        yield Stage(carrier, notifications, runs, full, scale)
