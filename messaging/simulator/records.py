"""What the simulator remembers, as plain values: texts in both directions, requests, calls, handsets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from messaging.simulator import clock

HANDSET_STATES = ("on", "off", "unreachable")


@dataclass(frozen=True, slots=True)
class SentText:
    """A text that SendTextMessage accepted. ``at`` is wall time, ``at_monotonic`` fit for measuring pace."""

    message_id: str
    destination: str
    origination: str
    body: str
    message_type: str
    context: dict[str, str]
    at: float
    at_monotonic: float
    attempt: int = 1
    time_to_live: int = 259_200


@dataclass(frozen=True, slots=True)
class ReceivedText:
    """A text that a handset sent to one of our numbers."""

    inbound_id: str
    from_number: str
    to_number: str
    body: str
    previous: str | None
    at: float


@dataclass(frozen=True, slots=True)
class SendRequest:
    """One SendTextMessage call, whatever became of it.

    ``outcome`` is ``accepted``, ``dry_run``, ``lost`` or the error code. ``attempt`` counts requests with
    this very content (number, body, Context), so a sender that tries again is seen to do so. ``answered`` is
    False when a fault drops or withholds the answer; ``withheld_seconds`` is how long it was to be withheld, so
    that a slow answer is not taken for none. ``at`` is when the service looked at the request,
    ``arrived_monotonic`` when its first bytes reached the machine.
    """

    parameters: Mapping[str, Any]
    outcome: str
    reason: str | None
    message_id: str | None
    attempt: int
    at: float
    at_monotonic: float
    answered: bool = True
    withheld_seconds: float = 0.0
    arrived_monotonic: float = 0.0


@dataclass(frozen=True, slots=True)
class Call:
    """A call that Connect was asked to place, once per ClientToken."""

    contact_id: str
    destination: str
    instance_id: str
    contact_flow_id: str
    queue_id: str | None
    source: str | None
    attributes: dict[str, str]
    client_token: str | None
    at: float


@dataclass(frozen=True, slots=True)
class Handset:
    name: str
    number: str
    state: str = "on"
    opted_out: bool = False


@dataclass(slots=True)
class Bubble:
    """A text as a handset shows it; ``in`` arrives there, ``out`` leaves from there."""

    id: str
    handset: str
    other: str
    direction: str
    body: str
    at: float
    status: str
    note: str = ""


@dataclass(slots=True)
class Notification:
    """One SNS message on its way to the webhook; retries keep its MessageId.

    ``text_id`` is the inboundMessageId it carries, ``event_of`` the MessageId of the text whose event it carries.
    """

    message_id: str
    topic_arn: str
    kind: str
    summary: str
    body: bytes
    headers: dict[str, str]
    number: str | None = None
    text_id: str | None = None
    event_of: str | None = None
    at: float = field(default_factory=clock.wall)
    attempts: int = 0
    statuses: list[int] = field(default_factory=list)
    state: str = "new"
