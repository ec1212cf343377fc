"""One lane while a process drains it: what it has claimed, its calls under way, when its next text may start."""

import math
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from messaging.models import OutboundMessage
from messaging.outbound import leases
from messaging.outbound.outbox.claiming import CLAIM_AHEAD
from messaging.outbound.pacing import WINDOW, Pace

# Calls under way, of one lane.
_MOST_CALLS = 48
# Exactly as many as left would be too many half of the time.
_OF_WHAT_LEFT = 0.7
# More than any text has.
_ANY_PARTS = 100
_GUARDS_STILL_MEAN_IT = timedelta(seconds=0.05)


@dataclass(slots=True)
class Lane:
    """A lane that this process drains.

    Attributes:
        claimed: texts whose calls have not begun, in the order in which they will.
        under_way: calls that have begun and not ended.
        parts_in_hand: parts of the texts that were called with and whose answers are not in the database yet.
        claimed_at: when the claimed texts were claimed.
        guards_asked_at: when the guards were last asked about the claimed texts.
        held: staff read on the number why nothing is sent.
        lost: somebody else drains it now.
    """

    identity: str
    pace: Pace
    claimed: deque[OutboundMessage] = field(default_factory=deque)
    under_way: int = 0
    parts_in_hand: int = 0
    claimed_at: datetime | None = None
    renewed_at: datetime | None = None
    claim_again_at: datetime | None = None
    rest_until: datetime | None = None
    guards_asked_at: datetime | None = None
    held: bool = False
    lost: bool = False

    @property
    def busy(self) -> bool:
        """Whether it has texts that were claimed and not recorded."""
        return bool(self.parts_in_hand or self.claimed)

    @property
    def calls_free(self) -> int:
        """How many calls more it may have under way."""
        return min(_MOST_CALLS, self.pace.mps) - self.under_way

    def most_to_claim(self, ahead: timedelta) -> int:
        """How many texts may be claimed now, to be called with within a time.

        Nearly as many as have just left in as long a time: a quick carrier is not kept waiting for claims, and little
        is given back of a slow one.
        """
        seconds = ahead.total_seconds()
        left_lately = math.ceil(self.pace.texts_per_second * seconds * _OF_WHAT_LEFT)
        return max(1, min(max(self.calls_free, left_lately), int(self.pace.mps * seconds)))

    @property
    def parts_free(self) -> int:
        """How many parts may be claimed now so that a crash would leave no more than ``mps`` unknown.

        A text of more parts than that has to go out as well: alone.
        """
        mps = self.pace.mps
        return mps - self.parts_in_hand if self.parts_in_hand else max(mps, _ANY_PARTS)

    def limits(self, now: datetime, ahead: timedelta) -> dict[str, int]:
        """How much may be claimed now, to be called with within a time, in the words of outbox.claim."""
        room, free = self.pace.room((now + ahead).timestamp()), self.parts_free
        return {
            "most_rows": self.most_to_claim(ahead),
            "most_parts": min(room, max(1, int(self.pace.mps * ahead.total_seconds())), free),
            # A text of more parts than a window takes needs all of it.
            "most_parts_of_first": min(room, free) if room < self.pace.most else free,
        }

    def too_old(self, now: datetime, ahead: timedelta) -> bool:
        """Whether what is claimed did not leave within the time that its claim allowed for."""
        return bool(self.claimed) and self.claimed_at is not None and now - self.claimed_at > ahead

    def must_ask_guards(self, now: datetime) -> bool:
        """Whether a call that begins now needs the guards to be asked again: a STOP may have come since."""
        return self.guards_asked_at is None or now - self.guards_asked_at > _GUARDS_STILL_MEAN_IT

    def ready_at(self, now: datetime, look_again_in: timedelta) -> datetime:
        """When its next text may start: ``now``, or later."""
        if self.rest_until and self.rest_until > now:
            return self.rest_until
        if not self.claimed and self.claim_again_at and self.claim_again_at > now:
            return self.claim_again_at
        if self.calls_free <= 0:
            return now + look_again_in
        parts = self.claimed[0].parts if self.claimed else 1
        return now + timedelta(seconds=self.pace.ready_at(now.timestamp(), parts) - now.timestamp())


def pace_of(found: leases.Work, now: datetime) -> Pace:
    """The pace of a lane just taken: what its last holder started within the window counts."""
    pace = Pace(found.mps)
    started = leases.parts_started_since(found.identity, now - timedelta(seconds=WINDOW) - CLAIM_AHEAD)
    if started:
        pace.start(now.timestamp(), started)
    return pace
