"""One lane while a process drains it: what it has claimed, its calls under way, when its next text may start."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from messaging.models import OutboundMessage
from messaging.outbound.pacing import Pace

# Calls under way and answers not recorded yet, of one lane.
_MOST_CALLS = 48
_GUARDS_STILL_MEAN_IT = timedelta(seconds=0.05)


@dataclass(slots=True)
class Lane:
    """A lane that this process drains.

    Attributes:
        claimed: texts whose calls have not begun, in the order in which they will.
        guards_asked_at: when the guards were last asked about the claimed texts.
        held: staff read on the number why nothing is sent.
        lost: somebody else drains it now.
    """

    identity: str
    pace: Pace
    claimed: deque[OutboundMessage] = field(default_factory=deque)
    calls: int = 0
    renewed_at: datetime | None = None
    claim_again_at: datetime | None = None
    rest_until: datetime | None = None
    guards_asked_at: datetime | None = None
    held: bool = False
    lost: bool = False

    @property
    def busy(self) -> bool:
        """Whether it has texts that were claimed and not recorded."""
        return bool(self.calls or self.claimed)

    @property
    def calls_free(self) -> int:
        """How many calls more it may have under way."""
        return min(_MOST_CALLS, max(1, self.pace.mps)) - self.calls

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
